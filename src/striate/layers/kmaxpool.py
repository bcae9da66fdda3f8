"""k-max pooling: the k largest values of a series, in the order in which they stand there."""

from __future__ import annotations

import torch
from torch import Tensor, fx, nn

from striate.arithmetic import require_positive
from striate.errors import ShapeError


class KMaxPool(nn.Module):
    """Keep the `k` largest cells along the last axis, in their order; each row of the other axes for itself.

    Of equal values the earlier ones are kept, so that the result is the same on every machine.

    Shape:   [N, C, *extents, n] -> [N, C, *extents, k].
    Cost:    0 parameters, 0 multiplies.
    Raises:  ShapeError where the last axis has fewer than k cells.
    Source:  Kalchbrenner, Grefenstette, Blunsom 2014, arXiv:1404.2188, sec. 3.2.

    >>> KMaxPool(3)(torch.tensor([[[5.0, -1.0, 7.0, 0.0, 6.0]]]))
    tensor([[[5., 7., 6.]]])
    """

    def __init__(self, k: int) -> None:
        super().__init__()
        require_positive(k=k)
        self.k = k

    def forward(self, input: Tensor) -> Tensor:
        return input.gather(-1, _find_places(input.detach(), self.k))

    def extra_repr(self) -> str:
        return str(self.k)


@fx.wrap
def _find_places(series: Tensor, k: int) -> Tensor:
    """Where the k largest cells of each row stand, in ascending order.

    A stable sort has no ONNX form and `topk` picks among equal values as it likes, so each cell gets a score of its
    own: first by what it is to the k-th largest value (larger, equal or smaller), then by its place.
    """
    cells = series.shape[-1]
    if series.dim() < 3 or cells < k:
        shape = "x".join(str(extent) for extent in series.shape[1:])
        raise ShapeError(
            f"k-max pooling gets {shape}, but it needs channels x extents with at least {k} cells along the last axis. "
            "Use a smaller k, or a longer input."
        )
    least = series.topk(k).values[..., -1:]
    rank = (series > least).int() + (series >= least).int() + 2 * (series != series).int()  # nan is the largest
    scores = rank * cells - torch.arange(cells, dtype=torch.int32, device=series.device)
    return scores.topk(k).indices.sort().values
