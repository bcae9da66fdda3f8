"""Max pooling that remembers where its maxima came from, and unpooling that puts values back there.

Both work by shifts and comparisons alone, so that a cell's receptive field stays that of its neighbourhood.
SegNet: Badrinarayanan, Kendall, Cipolla 2015, arXiv:1511.00561, sec. 3; Zeiler and Fergus 2013, arXiv:1311.2901.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn

from striate.arithmetic import Pair, pool_extent
from striate.layers.axes import flatten_pairs
from striate.layers.carried import Carried, Places, Window

_BY_TORCH = (F.max_pool1d, F.max_pool2d, F.max_pool3d)


class RememberingMaxPool(nn.Module):
    """A max pool over any axes that carries the places of its maxima to the `Unpool` that undoes it.

    Shape:   [N, C, *extents] -> as an ordinary max pool of this size and stride, padded by `pads` of -inf.
    Cost:    0 parameters, 0 multiplies.
    """

    carries = True

    def __init__(
        self, kernel_size: Sequence[int], stride: Sequence[int], pads: Sequence[Pair], ceil_mode: bool = False
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.pads = tuple(kernel_size), tuple(stride), tuple(pads)
        self.ceil_mode = ceil_mode

    def forward(self, input: Tensor, carried: Carried) -> Tensor:
        windows = tuple(
            (size, step, *pair) for size, step, pair in zip(self.kernel_size, self.stride, self.pads, strict=True)
        )
        output, cells = find_maxima(input, windows, self.ceil_mode)
        carried.places.append(Places(cells, input.shape, windows))
        return output

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, pads={self.pads}, ceil_mode={self.ceil_mode}"


class Unpool(nn.Module):
    """Put each value where the maximum of its pool came from, 0 elsewhere; where windows share a maximum, the sum.

    The pool is the latest `RememberingMaxPool` of this pass that no other `Unpool` has undone.

    Shape:   as the pool's output -> as the pool's input.
    Cost:    0 parameters, 0 multiplies.
    """

    carries = True

    def forward(self, input: Tensor, carried: Carried) -> Tensor:
        places = carried.places.pop()
        return put_back(input, places.cells, places.shape, places.windows)


@fx.wrap
def find_maxima(input: Tensor, windows: tuple[Window, ...], ceil: bool) -> tuple[Tensor, Tensor]:
    """The largest value of each window and the number of its cell; the first of equals counts.

    >>> find_maxima(torch.tensor([[[1.0, 5.0, 2.0, 2.0, 9.0]]]), ((2, 2, 0, 0),), False)
    (tensor([[[5., 2.]]]), tensor([[[1, 2]]]))
    """
    counts = [
        pool_extent(extent, size, step, 1, (before, after), ceil)
        for extent, (size, step, before, after) in zip(input.shape[2:], windows, strict=True)
    ]
    covered = F.pad(input, flatten_pairs(_fit(input.shape[2:], windows, counts)), value=-math.inf)
    sizes, steps = [window[0] for window in windows], [window[1] for window in windows]
    if len(windows) <= len(_BY_TORCH):
        output, cells = _BY_TORCH[len(windows) - 1](covered, sizes, steps, return_indices=True)
        return output, cells
    return _compare_taps(covered, sizes, steps, counts)


def _fit(extents: Sequence[int], windows: tuple[Window, ...], counts: Sequence[int]) -> list[Pair]:
    """The padding (negative: cells cut) with which the windows cover the axis exactly."""
    return [
        (before, (count - 1) * step + size - extent - before)
        for extent, (size, step, before, _), count in zip(extents, windows, counts, strict=True)
    ]


def _compare_taps(
    covered: Tensor, sizes: Sequence[int], steps: Sequence[int], counts: Sequence[int]
) -> tuple[Tensor, Tensor]:
    """Over more axes than torch pools: all windows' first cells, then all their second ones, and so on."""
    taps = list(itertools.product(*map(range, sizes)))
    grid = torch.arange(math.prod(covered.shape[2:]), device=covered.device).reshape(covered.shape[2:])

    def pick(values: Tensor, tap: tuple[int, ...]) -> Tensor:
        ways = zip(tap, steps, counts, strict=True)
        cells: tuple[Any, ...] = tuple(
            slice(first, first + (count - 1) * step + 1, step) for first, step, count in ways
        )
        return values[(..., *cells)]

    output, first = torch.stack([pick(covered, tap) for tap in taps]).max(0)
    cells = torch.stack([pick(grid, tap) for tap in taps])
    return output, cells.expand(*output.shape[:2], *cells.shape).movedim(2, 0).gather(0, first[None])[0]


@fx.wrap
def put_back(input: Tensor, cells: Tensor, shape: Sequence[int], windows: tuple[Window, ...]) -> Tensor:
    """Put each value into its cell of a tensor of zeros of this shape.

    >>> put_back(torch.tensor([[[7.0, 8.0]]]), torch.tensor([[[1, 2]]]), (1, 1, 5), ((2, 2, 0, 0),))
    tensor([[[0., 7., 8., 0., 0.]]])
    """
    pads = _fit(shape[2:], windows, input.shape[2:])
    covered = [extent + sum(pair) for extent, pair in zip(shape[2:], pads, strict=True)]
    grid = torch.arange(math.prod(covered), device=input.device).reshape(covered)
    # Cell c lies in window c//step and, where windows overlap, in some of those before it.
    overlaps = [range(-(-size // step)) for size, step, _, _ in windows]
    total = torch.zeros((), dtype=input.dtype, device=input.device)
    for shift in itertools.product(*overlaps):
        values, owner = (_spread(part, shift, windows, covered, fill) for part, fill in ((input, 0), (cells, -1)))
        total = total + torch.where(owner == grid, values, 0)
    return F.pad(total, [-cells for cells in flatten_pairs(pads)])


def _spread(
    values: Tensor, shift: Sequence[int], windows: tuple[Window, ...], covered: Sequence[int], fill: int
) -> Tensor:
    """Repeat each window's value over the cells that are nearest to the window's start, `shift` steps later."""
    pads = []
    for axis, (steps, (_, step, _, _), extent) in enumerate(zip(shift, windows, covered, strict=True), 2):
        count = values.shape[axis]
        values = values.unsqueeze(axis + 1).repeat_interleave(step, axis + 1).flatten(axis, axis + 1)
        pads.append((steps * step, extent - (steps + count) * step))
    return F.pad(values, flatten_pairs(pads), value=fill)
