"""Which cell of an axis each window reads with one tap: a matrix of zeros and ones, at most one of them in each row."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from striate.arithmetic import Window
from striate.errors import ShapeError

MODES = ("zeros", "reflect", "replicate", "circular")


def select_cells(window: Window, tap: int, rows: int, columns: int, mode: str = "zeros") -> sparse.coo_array:
    """Row o has its 1 in column o * stride - before + tap * dilation; where that lies outside, as the padding says.

    Shape:   `rows` windows by `columns` cells.
    Raises:  ShapeError where an axis is too short for its padding.

    >>> select_cells(Window(3, before=1), tap=0, rows=3, columns=3).toarray().astype(int)
    array([[0, 0, 0],
           [1, 0, 0],
           [0, 1, 0]])
    """
    places = np.arange(rows) * window.stride - window.before + tap * window.dilation
    read = _read_padding(places, columns, mode, max(window.before, window.after or 0))
    inside = (read >= 0) & (read < columns)
    ones = np.ones(int(inside.sum()), dtype=np.int8)
    return sparse.coo_array((ones, (np.arange(rows)[inside], read[inside])), shape=(rows, columns))


def _read_padding(places: np.ndarray, columns: int, mode: str, padding: int) -> np.ndarray:
    """Which cell stands at a place beyond the ends. The padding is refused whole, also where no window reads all."""
    if mode == "zeros":
        return places
    beyond = max(padding, -int(places.min()), int(places.max()) - columns + 1)
    most = {"reflect": columns - 1, "circular": columns}.get(mode, beyond)
    if beyond > most:
        raise ShapeError(f"{mode} padding of {beyond} needs more than the axis' {columns} cells. Use at most {most}.")
    if mode == "circular":
        return places % columns
    if mode == "replicate":
        return places.clip(0, columns - 1)
    mirrored = np.abs(places)
    return np.asarray(np.where(mirrored < columns, mirrored, 2 * (columns - 1) - mirrored))
