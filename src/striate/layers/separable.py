"""Four and more axes by layers for up to three: each layer gets its own few axes, one after the other.

That is the same as all axes at once wherever an operation separates into its axes: a maximum or a mean over windows
(padded and clipped, too), nearest and linear interpolation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from torch import Tensor, nn

from striate.layers.axes import MOST_BY_TORCH, require_dimensions


class Separable(nn.Module):
    """Run `make(part)` for each part of the axes, `most` at most in each; `part` is a slice of the axes' numbers.

    Shape:   [N, C, *extents] -> [N, C, *extents], each part of the extents as its layer changes it.
    Cost:    what the layers cost, and up to two copies of the tensor for each.
    Raises:  ShapeError if the input has another number of axes.

    >>> import torch
    >>> pool = Separable(5, lambda part: nn.MaxPool3d(2) if part.stop == 3 else nn.MaxPool2d(2))
    >>> pool(torch.zeros(1, 7, 4, 4, 4, 6, 6)).shape
    torch.Size([1, 7, 2, 2, 2, 3, 3])
    """

    def __init__(self, axes: int, make: Callable[[slice], nn.Module], most: int = MOST_BY_TORCH) -> None:
        super().__init__()
        self.axes = axes
        self.parts = tuple(slice(first, min(first + most, axes)) for first in range(0, axes, most))
        for number, part in enumerate(self.parts, 1):
            self.add_module(f"part{number}", make(part))

    def forward(self, input: Tensor) -> Tensor:
        require_dimensions(input, self.axes)
        output = input
        for number, part in enumerate(self.parts, 1):
            output = self._run(getattr(self, f"part{number}"), part, output)
        return output

    def _run(self, layer: nn.Module, part: slice, input: Tensor) -> Tensor:
        """Put the part's axes last and the others into the channels, run the layer, and put all back."""
        own = list(range(2 + part.start, 2 + part.stop))
        last = list(range(-len(own), 0))
        moved = input.movedim(own, last)
        others = [moved.shape[axis] for axis in range(1, 2 + self.axes - len(own))]
        output = layer(moved.flatten(1, 1 + self.axes - len(own)))
        return cast(Tensor, output.unflatten(1, others)).movedim(last, own)
