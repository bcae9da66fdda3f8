"""How values of any number type become bytes: kept where they are bytes, else scaled by one line for all parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.data.part import Bytes
from striate.errors import DataError

Range = tuple[float, float]


def to_bytes(parts: Sequence[NDArray[Any]], where: str) -> tuple[list[Bytes], Range | None, tuple[str, ...]]:
    """Turn every part into uint8 by the same rule; also give the values that became 0 and 255, and notes.

    uint8 is kept; booleans and floats from 0 to 1 are scaled by 255; whole numbers from 0 to 255 are kept whatever
    their type; anything else is scaled linearly from its lowest and highest value. Rounded half to even.
    Raises: DataError for NaN, infinity, or values that are no numbers.

    >>> to_bytes([np.array([[0.0, 0.5, 1.0]])], "x")
    ([array([[  0, 128, 255]], dtype=uint8)], (0.0, 1.0), ())
    """
    if all(part.dtype == np.uint8 for part in parts):
        return list(parts), None, ()
    for part in parts:
        _check_numbers(part, where)
    low, high = min(float(part.min()) for part in parts), max(float(part.max()) for part in parts)
    unit = all(part.dtype.kind in "bf" for part in parts)
    if unit and low >= 0 and high <= 1:
        return [_scale(part, 0.0, 1.0) for part in parts], (0.0, 1.0), ()
    if low >= 0 and high <= 255 and all(_is_whole(part) for part in parts):
        return [part.astype(np.uint8) for part in parts], None, ()
    note = f"values from {low:.6g} to {high:.6g} were scaled linearly to 0..255"
    return [_scale(part, low, high) for part in parts], (low, high), (note,)


def _check_numbers(part: NDArray[Any], where: str) -> None:
    if part.dtype.kind not in "buif":
        raise DataError(f"{where}: found inputs of type {part.dtype}; needed whole numbers or floats.")
    if part.dtype.kind == "f" and not np.isfinite(part).all():
        wrong = ~np.isfinite(part.reshape(len(part), -1)).all(1)
        raise DataError(
            f"{where}: found NaN or infinity in {int(wrong.sum())} of {len(part)} inputs, the first is number "
            f"{int(np.argmax(wrong))}; needed finite numbers. Leave those samples out, or fill them in."
        )


def _is_whole(part: NDArray[Any]) -> bool:
    return part.dtype.kind != "f" or bool((part == np.rint(part)).all())


def _scale(part: NDArray[Any], low: float, high: float) -> Bytes:
    """Map low..high to 0..255, some rows at a time so that no second copy in double precision is made."""
    scaled = np.empty(part.shape, np.uint8)
    rows = max(1, (1 << 20) // max(1, part[0].size))
    for start in range(0, len(part), rows):
        values = (part[start : start + rows].astype(np.float64) - low) * (255.0 / ((high - low) or 1.0))
        scaled[start : start + rows] = np.rint(values)
    return scaled
