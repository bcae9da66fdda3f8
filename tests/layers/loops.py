"""Slow twins of the layers that slide: loops over output cells, channels and taps, over any number of axes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, Literal

import torch
from torch import Tensor

from striate.arithmetic import Pair, convolve_extent, pool_extent

Kind = Literal["max", "average"]
Axis = tuple[int, int, int, int, int, int]
"""Extent, size, stride, dilation, and the padding before and after."""


def walk(extents: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Every cell of a box."""
    yield from product(*map(range, extents))


def find_source(index: int, extent: int, mode: str) -> int | None:
    """Say which input cell stands at `index` of the endless axis that the padding pretends."""
    if 0 <= index < extent:
        return index
    if mode == "replicate":
        return 0 if index < 0 else extent - 1
    if mode == "circular":
        return index % extent
    if mode == "reflect":
        return -index if index < 0 else 2 * (extent - 1) - index
    return None


def convolve_slowly(module: Any, x: Tensor, pads: Sequence[Pair], fill: float = 0.0) -> Tensor:
    """Sum every product in loops over output cells, channels and taps."""
    extents = x.shape[2:]
    numbers = zip(extents, module.kernel_size, module.stride, module.dilation, pads, strict=True)
    output = torch.zeros(len(x), module.out_channels, *(convolve_extent(*axis) for axis in numbers), dtype=x.dtype)
    width = module.in_channels // module.groups
    for out_channel, in_channel in product(range(module.out_channels), range(width)):
        first = out_channel // (module.out_channels // module.groups) * width
        for cell, tap in product(walk(output.shape[2:]), walk(module.kernel_size)):
            places: list[Any] = [
                find_source(c * s - pad[0] + t * d, extent, module.padding_mode)
                for c, t, s, d, pad, extent in zip(
                    cell, tap, module.stride, module.dilation, pads, extents, strict=True
                )
            ]
            place: Any = (slice(None), first + in_channel, *places)
            seen = fill if None in places else x[place]
            made: Any = (slice(None), out_channel, *cell)
            output[made] += seen * module.weight[(out_channel, in_channel, *tap)]
    return output if module.bias is None else output + module.bias.reshape(-1, *[1] * len(extents))


def deconvolve_slowly(module: Any, x: Tensor, crops: Sequence[Pair]) -> Tensor:
    """Spread every input cell over the output in loops; what lands beyond the crops is dropped."""
    numbers = list(zip(x.shape[2:], module.kernel_size, module.stride, module.dilation, crops, strict=True))
    extents = [(n - 1) * s + d * (k - 1) + 1 - before - after for n, k, s, d, (before, after) in numbers]
    output = torch.zeros(len(x), module.out_channels, *extents, dtype=x.dtype)
    width = module.out_channels // module.groups
    for in_channel, out_channel in product(range(module.in_channels), range(width)):
        first = in_channel // (module.in_channels // module.groups) * width
        for cell, tap in product(walk(x.shape[2:]), walk(module.kernel_size)):
            place = [c * s + t * d - crop[0] for c, t, (_, _, s, d, crop) in zip(cell, tap, numbers, strict=True)]
            if all(0 <= index < extent for index, extent in zip(place, extents, strict=True)):
                source: Any = (slice(None), in_channel, *cell)
                made: Any = (slice(None), first + out_channel, *place)
                output[made] += x[source] * module.weight[(in_channel, out_channel, *tap)]
    return output if module.bias is None else output + module.bias.reshape(-1, *[1] * len(extents))


def open_window(cell: int, numbers: Axis) -> list[int | None]:
    """List a window's cells: an index, None for padding; what hangs over beyond the padding is left out."""
    extent, size, stride, dilation, before, after = numbers
    indices = [cell * stride - before + tap * dilation for tap in range(size)]
    return [index if 0 <= index < extent else None for index in indices if index < extent + after]


def pool_slowly(x: Tensor, kind: Kind, axes: Sequence[Axis], ceil: bool, count: bool = True) -> Tensor:
    """Open every window of one channel by itself; padding never wins, and counts in a mean only with `count`."""
    counts = [pool_extent(e, k, s, d, (before, after), ceil) for e, k, s, d, before, after in axes]
    output = torch.zeros(counts, dtype=x.dtype)
    for cell in walk(counts):
        window = list(product(*(open_window(c, numbers) for c, numbers in zip(cell, axes, strict=True))))
        values = [float(x[place]) for place in window if None not in place]
        cells = len(window) if count else len(values)
        output[cell] = max(values, default=float("-inf")) if kind == "max" else sum(values) / cells
    return output
