"""Cells cut off at the ends of each axis."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, fx, nn

from striate.arithmetic import Pair
from striate.errors import InputError, ShapeError


class Crop(nn.Module):
    """Cut cells off before and after each axis; `cells` has one pair (before, after) per axis.

    Shape:   [N, C, *extents] -> [N, C, *(extent - before - after)]; the output is a view.
    Cost:    0 parameters, 0 multiplies.
    Raises:  ShapeError for an input of other axes, or where no cell is left.
    Source:  Ronneberger et al. 2015, arXiv:1505.04597, figure 1 ("copy and crop").

    >>> import torch
    >>> Crop([(1, 2)])(torch.tensor([[[0.0, 1.0, 2.0, 3.0, 4.0]]]))
    tensor([[[1., 2.]]])
    """

    def __init__(self, cells: Sequence[Pair]) -> None:
        super().__init__()
        self.cells = tuple((before, after) for before, after in cells)
        if not self.cells or min(map(min, self.cells)) < 0:
            raise InputError(
                f"crop is told to cut {self.cells}, but it needs (before, after) from 0 for each axis. "
                "Use torch.nn.ZeroPad2d and its kin to add cells."
            )

    def forward(self, input: Tensor) -> Tensor:
        _require_cells(input, self.cells)
        return input[:, :, *(slice(before, -after or None) for before, after in self.cells)]

    def extra_repr(self) -> str:
        return str(self.cells)


@fx.wrap
def _require_cells(input: Tensor, cells: tuple[Pair, ...]) -> None:
    extents = input.shape[2:]
    if len(extents) != len(cells) or any(sum(pair) >= extent for pair, extent in zip(cells, extents, strict=True)):
        raise ShapeError(
            f"crop is told to cut {cells} off the extents {'x'.join(map(str, extents))}, but it needs a pair for each "
            "axis and must leave a cell. Cut less, or use a larger input."
        )
