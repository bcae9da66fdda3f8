"""The places in a data set where a unit fires most, each cut out as far as the unit sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import floor

import torch
from torch import Tensor, nn

from striate.errors import InputError, ShapeError
from striate.explain.backward.projection import Cell, find_maps, find_peaks, project, unravel
from striate.explain.heat import Patches
from striate.explain.hooks import tap
from striate.explain.question import Hear
from striate.measure import ReceptiveField, measure

COUNT, ROWS = 9, 64


def find_patches(
    module: nn.Module,
    samples: Tensor,
    layer: str,
    units: Sequence[int],
    *,
    count: int = COUNT,
    rows: int = ROWS,
    on_progress: Hear | None = None,
) -> tuple[Patches, ...]:
    """For each of some units of a layer the patches of a data set where it fires most, `count` at most, the strongest
    first.

    A sample gives one patch at most, that of its strongest cell; of equal samples, and of equal cells, the first
    counts. A patch is the unit's receptive field around the cell, at most as wide as the input; what lies beyond the
    input is 0.

    Shape:   `samples` [count, channels, *extents]; patches [count, channels, *field].
    Cost:    a forward pass of every sample, `rows` at a time; nothing is kept but the strongest.
    Raises:  InputError where there is no such unit, or the network can't be traced.
    """
    if not len(samples):
        raise InputError("samples: found none, needed one at least. Give a data set")
    best: list[list[Peak]] = [[] for _ in units]
    for peaks in _search(module, samples, layer, units, rows, on_progress):
        for number, found in enumerate(peaks):
            best[number] = sorted(best[number] + found, key=lambda peak: -peak.strength)[:count]
    field = find_field(module, tuple(samples.shape[1:]), layer)
    return tuple(_gather(samples, peaks, field) for peaks in best)


def project_patches(
    module: nn.Module, samples: Tensor, layer: str, unit: int, patches: Patches, rows: int = ROWS
) -> Patches:
    """The same patches with what the unit saw in each: its projection from that cell, cut out alike.

    Raises:  InputError where the network has no ReLU, or one could hide.
    """
    size, made = patches.inputs.shape[2:], []
    like = _find_like(module, samples)
    for first in range(0, len(patches.sample), rows):
        part = slice(first, first + rows)
        inputs = samples[list(patches.sample[part])].to(like.device, like.dtype)
        seen = project(module, inputs, layer, unit=unit, cells=patches.cell[part]).values.cpu()
        made += [cut_out(values, start, size) for values, start in zip(seen, patches.start[part], strict=True)]
    return replace(patches, projections=torch.stack(made))


def find_field(module: nn.Module, input: Sequence[int], layer: str) -> ReceptiveField | None:
    """What the cells of a layer see of the input (channels x extents), borders ignored; None where it is all.

    Cost:    a trace, about 1 ms per operation.
    Raises:  InputError where the network can't be traced.
    """
    table = measure(module, tuple(input), backward=False)
    own = [row for row in table.rows if row.name == layer or row.name.startswith(f"{layer}.")]
    return max(own, key=lambda row: row.index).field if own else None


def place_box(
    field: ReceptiveField | None, cell: Cell, extents: Sequence[int]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Where a cell's field begins, and its size, by axis; a field as wide as the input is the input.

    >>> place_box(ReceptiveField((3, 9), (2, 2), (-1, -4)), (0, 1), (8, 8))
    ((-1, 0), (3, 8))
    """
    if field is None or len(cell) != len(field.step):
        return (0,) * len(extents), tuple(extents)
    start, size = [], []
    for index, seen, step, offset, extent in zip(cell, field.size, field.step, field.offset, extents, strict=True):
        start.append(floor(offset + index * step) if seen < extent else 0)
        size.append(min(seen, extent))
    return tuple(start), tuple(size)


def cut_out(values: Tensor, start: Sequence[int], size: Sequence[int]) -> Tensor:
    """Cut a box out of [channels, *extents]; what lies beyond is 0.

    >>> cut_out(torch.tensor([[1, 2, 3]]), (-1,), (3,)).tolist()
    [[0, 1, 2]]
    """
    made = values.new_zeros(values.shape[0], *size)
    inside, outside = [slice(None)], [slice(None)]
    for first, cells, extent in zip(start, size, values.shape[1:], strict=True):
        low, high = max(first, 0), max(min(first + cells, extent), 0)
        outside.append(slice(low, high))
        inside.append(slice(low - first, max(high - first, low - first)))
    made[tuple(inside)] = values[tuple(outside)]
    return made


@dataclass(frozen=True)
class Peak:
    """Where in which sample a unit fires most, and how strongly."""

    strength: float
    sample: int
    cell: Cell


def _search(
    module: nn.Module, samples: Tensor, layer: str, units: Sequence[int], rows: int, on_progress: Hear | None
) -> Iterator[list[list[Peak]]]:
    """For a batch of samples after the other, the peak of each unit in each sample."""
    like = _find_like(module, samples)
    for first in range(0, len(samples), rows):
        with torch.no_grad(), tap(module, layer) as seen:
            module(samples[first : first + rows].to(like.device, like.dtype, copy=True))
        maps = find_maps(seen, layer, max(units))
        if len(maps) != len(samples[first : first + rows]):
            raise ShapeError(f"layer {layer}: found {len(maps)} rows of maps, needed one for each input. Name another")
        own = [maps[:, unit].flatten(1) for unit in units]
        yield [_list_peaks(values, first, maps.shape[2:]) for values in own]
        if on_progress is not None:
            on_progress(min(first + rows, len(samples)), len(samples))


def _list_peaks(values: Tensor, first: int, extents: Sequence[int]) -> list[Peak]:
    places = find_peaks(values)
    strengths = values.amax(1).tolist()
    return [
        Peak(strength, first + number, unravel(place, extents))
        for number, (place, strength) in enumerate(zip(places.tolist(), strengths, strict=True))
    ]


def _gather(samples: Tensor, peaks: Sequence[Peak], field: ReceptiveField | None) -> Patches:
    boxes = [place_box(field, peak.cell, samples.shape[2:]) for peak in peaks]
    cut = [cut_out(samples[peak.sample], *box) for peak, box in zip(peaks, boxes, strict=True)]
    return Patches(
        torch.stack(cut).cpu(),
        tuple(peak.sample for peak in peaks),
        tuple(peak.cell for peak in peaks),
        tuple(peak.strength for peak in peaks),
        tuple(start for start, _ in boxes),
    )


def _find_like(module: nn.Module, samples: Tensor) -> Tensor:
    """A tensor whose device and type the module's inputs must have."""
    return next((one for one in module.parameters() if one.is_floating_point()), samples)
