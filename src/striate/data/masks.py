"""The masks of many pictures into one array, each at its picture's size and place."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from striate.data.decoded import Allocate, Decoded, in_memory
from striate.data.images import explain_failure
from striate.data.mask import MOST_VALUE, fit_mask, read_mask
from striate.data.masking import Masked
from striate.data.part import Bytes, Inputs, Integers, SetAside
from striate.data.pool import Request
from striate.data.sink import Sink
from striate.data.store import Entry, Store, shown
from striate.data.volume import fit_volume

OUTSIDE = -1  # what a cell has that only the picture got, at its edge: no mask says anything of it

Measure = Callable[[Entry], tuple[int, ...]]


def decode_masks(
    store: Store,
    pairs: Sequence[Masked],
    extents: tuple[int, ...],
    request: Request,
    measure: Measure,
    allocate: Allocate = in_memory,
    *,
    scaled: bool,
) -> Decoded:
    """Bring masks to `extents` as their pictures were: `scaled`, or cut and padded; what can't be is set aside.

    `measure` gives a picture's size, which its mask must have. `about` holds the numbers in each mask that is kept, and
    how many cells of all have each number.
    Shape: [N, 1, *extents], uint8 of scaled ones, else int16 with -1 where the picture was padded.
    """
    numbers: dict[int, list[int]] = {}
    reasons: dict[int, str] = {}
    cells: Integers = np.zeros(MOST_VALUE + 1, np.int64)
    masks = allocate("decoded", (len(pairs), 1, *extents), np.uint8 if scaled else np.int16)
    sink = Sink(masks)
    for row, pair in enumerate(pairs):
        try:
            mask = _read(store, pair, measure)
            sink.put(row, fit_mask(mask, (extents[0], extents[1]))[None] if scaled else _pad(mask, extents))
            counts = np.bincount(mask.reshape(-1), minlength=MOST_VALUE + 1)
            numbers[row], cells = np.flatnonzero(counts).tolist(), cells + counts
        except Exception as error:  # decoders raise almost anything on damaged files
            reasons[row] = explain_failure(error)
        if request.report:
            request.report(row + 1, len(pairs))
    sink.close()
    kept = np.array(sorted(numbers), np.int64)
    return Decoded(
        inputs=masks if len(kept) == len(pairs) else _compact(masks, kept, allocate),
        kept=kept,
        set_aside=tuple(SetAside(shown(pairs[row].mask.name), reasons[row]) for row in sorted(reasons)),
        smallest=extents,
        largest=extents,
        hashes=sink.hashes[kept],
        moments=sink.moments[kept],
        about={"numbers": [numbers[row] for row in sorted(numbers)], "cells": cells.tolist()},
    )


def _read(store: Store, pair: Masked, measure: Measure) -> Bytes:
    """A mask of its picture's size; an axis of one cell more, as arrays have for channels, falls away."""
    mask, needed = read_mask(store, pair.mask), measure(pair.picture)
    if mask.shape != needed and mask.size == np.prod(needed) and mask.ndim == len(needed) + 1:
        mask = mask.reshape(needed)
    if mask.shape != needed:
        found, size = ("x".join(map(str, shape)) for shape in (mask.shape, needed))
        raise ValueError(f"a mask of {found}, but its picture is {size}")
    return mask


def _pad(mask: Bytes, extents: tuple[int, ...]) -> NDArray[np.int16]:
    padded: NDArray[np.int16] = fit_volume(mask[None].astype(np.int16), extents, OUTSIDE)
    return padded


def _compact(masks: Inputs, rows: Integers, allocate: Allocate) -> Inputs:
    compact = allocate("compact", (len(rows), *masks.shape[1:]), np.uint8 if masks.dtype == np.uint8 else np.int16)
    for place, row in enumerate(rows):
        compact[place] = masks[row]
    return compact
