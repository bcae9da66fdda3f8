"""A whole number in each cell becomes a vector along the channels: the way in for text and other symbols."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn

from striate.errors import InputError, ShapeError


class CellEmbedding(nn.Embedding):
    """Look up the row of `weight` [symbols, channels] that each cell's number names, and lay it along the channels.

    The numbers may come as floats. Their worth is looked at on the CPU alone: elsewhere that would halt the device at
    every batch, and a compiled or exported network has none to look at.

    Shape:   [N, 1, *extents] -> [N, channels, *extents].
    Cost:    symbols*channels parameters, 0 multiplies.
    Raises:  ShapeError for more than one channel; InputError for what isn't a whole number from 0 below `symbols`.
    Source:  Bengio et al. 2003, JMLR 3, sec. 2 (the matrix C).

    >>> layer = CellEmbedding(2, 3)
    >>> torch.equal(layer(torch.tensor([[[1.0, 0.0]]]))[0, :, 0], layer.weight[1])
    True
    """

    def __init__(self, symbols: int, channels: int) -> None:
        super().__init__(symbols, channels)

    @property
    def fans(self) -> tuple[int, int]:
        """One row is picked, nothing is summed: values of variance 1 come out."""
        return (1, 1)

    def forward(self, input: Tensor) -> Tensor:
        _require_symbols(input, self.num_embeddings)
        return F.embedding(input[:, 0].long(), self.weight).movedim(-1, 1)


@fx.wrap
def _require_symbols(input: Tensor, symbols: int) -> None:
    if input.shape[1] != 1:
        raise ShapeError(
            f"an embedding gets {input.shape[1]} channels, but it needs 1, of whole numbers. Choose one channel."
        )
    if torch.compiler.is_compiling() or type(input) is not Tensor or input.device.type != "cpu":
        return
    cells = input.detach()
    strange = (cells < 0) | (cells >= symbols) | (cells != cells.round() if cells.is_floating_point() else False)
    if strange.any():
        raise InputError(
            f"an embedding of {symbols} symbols gets the value {cells[strange][0].item():g}, but it needs whole "
            f"numbers from 0 to {symbols - 1}. Number the symbols so, or make the embedding larger."
        )
