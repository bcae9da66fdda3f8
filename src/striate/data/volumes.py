"""Many array files into one array: their shapes and values first, to choose one of each, then every file once more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.data.decoded import Allocate, Decoded, in_memory
from striate.data.images import explain_failure
from striate.data.layout import CHANNELS
from striate.data.part import Inputs, SetAside
from striate.data.pool import Request
from striate.data.sink import Sink
from striate.data.store import Entry, Store, shown
from striate.data.volume import fit_volume, read_volume
from striate.errors import DataError

LEVELS = 65_535  # of int16: 256 would merge what floats and scans tell apart
_LEAST = -32_768


@dataclass(frozen=True)
class Found:
    """What an array is: its shape, and the least and the greatest of its values, and whether bytes hold them all."""

    shape: tuple[int, ...]
    low: float
    high: float
    in_bytes: bool


@dataclass(frozen=True)
class Form:
    """How every array is brought to samples: which axis holds the channels, and the values that the ends stand for."""

    axis: int | None
    in_bytes: bool
    low: float
    high: float

    def scale(self, array: NDArray[Any]) -> Inputs:
        """Bring values to bytes, as they are, or to int16 by the line from `low` to `high`; what lies beyond is cut."""
        if self.in_bytes:
            kept: Inputs = np.clip(np.rint(array), 0, 255).astype(np.uint8)
            return kept
        line = (array.astype(np.float64) - self.low) * (LEVELS / ((self.high - self.low) or 1.0))
        scaled: Inputs = (np.clip(np.rint(line), 0, LEVELS) + _LEAST).astype(np.int16)
        return scaled


def decode_volumes(
    store: Store,
    entries: Sequence[Entry],
    request: Request,
    allocate: Allocate = in_memory,
    trained: Sequence[bool] | None = None,
) -> Decoded:
    """Bring array files to one shape and type; those that can't be are set aside.

    Whole numbers from 0 to 255 stay bytes. Anything else becomes int16 by one line from the lowest to the highest value
    of the files that are `trained` on (left out: all); `about` says which.
    Shape: uint8 or int16 [N, C, *extents].
    Raises: DataError for a forced shape that the arrays can't have.
    """
    found, reasons = _look(store, entries, request)
    _set_odd_aside(found, reasons, request)
    places = sorted(found)
    form = _choose_form([found[place].shape for place in places], found, trained, request, store.where)
    shapes = [_split(found[place].shape, form.axis) for place in places] or [(1, (1,))]
    extents = request.extents or tuple(round(median(axis)) for axis in zip(*(each for _, each in shapes), strict=True))
    channels = shapes[0][0] if places else request.channels or 1
    if places:
        _check_request(store.where, request, channels, shapes[0][1])
    inputs = allocate("decoded", (len(places), channels, *extents), np.uint8 if form.in_bytes else np.int16)
    sink = Sink(inputs)
    for row, place in enumerate(places):
        array = read_volume(store, entries[place])
        first = array[None] if form.axis is None else np.moveaxis(array, form.axis, 0)
        sink.put(row, form.scale(fit_volume(first, extents, form.low)))
        _tell(request, len(entries) + row + 1, 2 * len(entries))
    sink.close()
    sizes = [extents for _, extents in shapes]
    return Decoded(
        inputs=inputs,
        kept=np.array(places, np.int64),
        set_aside=tuple(SetAside(shown(entries[place].name), reasons[place]) for place in sorted(reasons)),
        smallest=min(sizes, key=lambda size: int(np.prod(size))),
        largest=max(sizes, key=lambda size: int(np.prod(size))),
        hashes=sink.hashes,
        moments=sink.moments,
        about={"axis": form.axis, "in_bytes": form.in_bytes, "low": form.low, "high": form.high},
    )


def choose_axis(shapes: Sequence[tuple[int, ...]], where: str = "arrays") -> int | None:
    """Choose the axis of the channels: the first or the last, where it counts 1, 3 or 4 in every array; else none.

    Raises: DataError where both do.

    >>> choose_axis([(3, 16, 16)]), choose_axis([(16, 16, 3)]), choose_axis([(16, 16, 16)])
    (0, -1, None)
    """
    found = [axis for axis in (0, -1) if shapes and len(shapes[0]) > 1 and _is_channels(shapes, axis)]
    if len(found) > 1:
        shape = "x".join(map(str, shapes[0]))
        raise DataError(
            f"{where}: found arrays of {shape}, whose channels may be the first axis or the last; needed arrays where "
            "only one of them is 1, 3 or 4."
        )
    return found[0] if found else None


def _is_channels(shapes: Sequence[tuple[int, ...]], axis: int) -> bool:
    return len({shape[axis] for shape in shapes}) == 1 and shapes[0][axis] in CHANNELS


def _look(store: Store, entries: Sequence[Entry], request: Request) -> tuple[dict[int, Found], dict[int, str]]:
    found, reasons = {}, {}
    for place, entry in enumerate(entries):
        try:
            array = read_volume(store, entry)
            low, high = float(array.min()), float(array.max())
            whole = array.dtype.kind != "f" or bool((array == np.rint(array)).all())
            found[place] = Found(array.shape, low, high, whole and low >= 0 and high <= 255)
        except Exception as error:  # on damaged bytes numpy raises almost anything
            reasons[place] = explain_failure(error)
        _tell(request, place + 1, 2 * len(entries))
    return found, reasons


def _set_odd_aside(found: dict[int, Found], reasons: dict[int, str], request: Request) -> None:
    """Set arrays of another number of axes than most aside; for a network, those of other axes or channels than its."""
    axes = [len(each.shape) for each in found.values()]
    most = max(sorted(set(axes)), key=axes.count, default=0)
    reading, channels = request.reading, None
    if reading is not None and request.extents is not None:
        most, channels = len(request.extents) + (reading["axis"] is not None), request.channels
    for place, each in list(found.items()):
        if len(each.shape) != most:
            reasons[place] = f"an array of {len(found.pop(place).shape)} axes; needed {most}"
        elif reading is not None and channels not in (None, _split(each.shape, reading["axis"])[0]):
            reasons[place] = f"{_split(found.pop(place).shape, reading['axis'])[0]} channels; needed {channels}"


def _choose_form(
    shapes: Sequence[tuple[int, ...]],
    found: dict[int, Found],
    trained: Sequence[bool] | None,
    request: Request,
    where: str,
) -> Form:
    reading = request.reading
    if reading is not None:
        return Form(reading["axis"], reading["in_bytes"], reading["low"], reading["high"])
    of_training = [each for place, each in found.items() if trained is None or trained[place]] or list(found.values())
    low, high = (choose(getattr(each, end) for each in of_training) for choose, end in ((min, "low"), (max, "high")))
    in_bytes = all(each.in_bytes for each in of_training)
    return Form(choose_axis(shapes, where), in_bytes, 0.0 if in_bytes else low, 255.0 if in_bytes else high)


def _split(shape: tuple[int, ...], axis: int | None) -> tuple[int, tuple[int, ...]]:
    """Channels, and extents."""
    if axis is None:
        return 1, shape
    return shape[axis], shape[1:] if axis == 0 else shape[:-1]


def _check_request(where: str, request: Request, channels: int, extents: tuple[int, ...]) -> None:
    if request.extents is not None and len(request.extents) != len(extents):
        asked, has = "x".join(map(str, request.extents)), "x".join(map(str, extents))
        raise DataError(f"{where}: holds arrays of {has}; needed samples of {asked}. Give arrays of as many axes.")
    if request.channels not in (None, channels):
        raise DataError(f"{where}: holds arrays of {channels} channels; needed {request.channels}.")


def _tell(request: Request, done: int, total: int) -> None:
    if request.report:
        request.report(done, total)
