"""Which numbers of masks are classes, and what they are called; and masks as class numbers from 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.data.part import Bytes
from striate.errors import DataError

UNJUDGED = 255
TWO = ("background", "object")
_BLURRED, _FEW = 16, 0.1  # more numbers between 0 and 255 than this, in so few of the cells, are a smoothed edge


@dataclass(frozen=True)
class CellClasses:
    """The numbers that stand for classes in masks, ascending, and their names; 255 is no class unless it is listed.

    >>> CellClasses((0, 255), TWO).number(np.array([[0, 255]], np.uint8)).tolist()
    [[0, 1]]
    """

    values: tuple[int, ...]
    names: tuple[str, ...]

    def number(self, masks: NDArray[np.number[Any]]) -> Bytes:
        """Masks as class numbers from 0, 255 for what is not judged (which -1 is, too).

        Shape: stays, uint8.
        """
        table = np.full(UNJUDGED + 2, UNJUDGED, np.uint8)  # the last place is that of -1
        table[list(self.values)] = np.arange(len(self.values))
        numbers: Bytes = table[masks]
        return numbers

    def find_strange(self, numbers: Sequence[int]) -> int | None:
        """The first number that is neither a class nor 255."""
        return next((each for each in numbers if each not in (*self.values, UNJUDGED)), None)

    def write(self, numbers: Bytes) -> Bytes:
        """Class numbers as the numbers that masks have for them."""
        written: Bytes = np.array(self.values, np.uint8)[numbers]
        return written


def settle_classes(cells: Sequence[int], names: Sequence[str] | None, where: str) -> CellClasses:
    """Which classes masks know that have so many cells of each number, from 0 to 255; `names` are the user's own.

    0 and 255 alone are two classes, else 255 is what is not judged, and every other number that occurs is a class. With
    names, those are the classes from 0 on, whether they occur or not.

    Raises: DataError for fewer than two classes, and for edges that were smoothed.

    >>> settle_classes([5, 0, 0, 9] + [0] * 252, None, "masks").names
    ('class 0', 'class 3')
    """
    found = [value for value, count in enumerate(cells) if count]
    if names is not None:
        two = len(names) == 2 and set(found) == {0, UNJUDGED}
        return CellClasses((0, UNJUDGED) if two else tuple(range(len(names))), tuple(names))
    between = sum(cells[1:UNJUDGED])
    if cells[0] and cells[UNJUDGED] and len(found) - 2 > _BLURRED and between < _FEW * sum(cells):
        smoothed = f"{where}: found masks of 0 and 255 with {len(found) - 2} numbers between them in few cells"
        raise DataError(f"{smoothed}; needed sharp edges. Save them unsmoothed, or name the classes in classes.txt")
    values = tuple(found) if set(found) == {0, UNJUDGED} else tuple(value for value in found if value != UNJUDGED)
    if len(values) < 2:
        one = f"{values[0]} alone" if values else "255 alone, which isn't judged" if found else "none that can be read"
        raise DataError(f"{where}: found masks of {one}; needed at least two classes to tell apart.")
    return CellClasses(values, TWO if values in ((0, 1), (0, UNJUDGED)) else tuple(f"class {each}" for each in values))


def read_names(text: str, where: str) -> tuple[str, ...]:
    """The names of the classes from 0 on, one a line.

    Raises: DataError for a name that is missing or there twice, fewer than two, or more than 255.
    """
    names = [line.strip() for line in text.removeprefix("\ufeff").rstrip().splitlines()]
    twice = next((name for name in names if names.count(name) > 1 and name), None)
    if twice or "" in names or not 2 <= len(names) <= UNJUDGED:
        found = f"`{twice}` twice" if twice else "an empty line" if "" in names else f"{len(names)} names"
        raise DataError(f"{where}: found {found}; needed 2 to 255 names, one a line, each once.")
    return tuple(names)


def number_arrays(parts: Sequence[NDArray[Any]], where: str) -> tuple[tuple[str, ...], Bytes]:
    """Masks in arrays as class numbers, and the names of the classes.

    Shape: whole numbers [N, *extents] each -> uint8 [N, *extents].
    Raises: DataError for what are no class numbers, or not of one size.
    """
    if len({part.shape[1:] for part in parts}) > 1 or parts[0].ndim < 2:
        shapes = " and ".join("x".join(map(str, part.shape)) for part in parts)
        raise DataError(f"{where}: found masks of {shapes}; needed [N, *extents], of one size.")
    whole = np.concatenate([np.where(part, UNJUDGED, 0) if part.dtype == bool else part for part in parts])
    if whole.dtype.kind not in "buif" or not np.isfinite(whole).all() or (whole != np.rint(whole)).any():
        raise DataError(f"{where}: found masks of other values than whole numbers; needed class numbers.")
    if whole.min() < 0 or whole.max() > UNJUDGED:
        found = f"{where}: found masks of numbers from {whole.min():g} to {whole.max():g}"
        raise DataError(f"{found}; needed class numbers from 0 to 254, or 255 where nothing is judged.")
    masks = whole.astype(np.uint8)
    classes = settle_classes(np.bincount(masks.reshape(-1), minlength=UNJUDGED + 1).tolist(), None, where)
    return classes.names, classes.number(masks)
