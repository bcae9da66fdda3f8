"""Windows over a series: which rows each one reads, which it is to tell, and in which part it lies.

Parts follow each other in time: the first rows train, the next validate, the last test. A window belongs to a part
only where all its rows lie in it, those of its answer too. So as many windows as one has rows, less one, lie between
two parts and belong to none: no part looks into the future of its own, nor into another part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from striate.data.part import Integers, Numbered
from striate.data.pool import Side

TEST_SHARE, VAL_SHARE = 0.2, 0.08  # of the rows
LEAST, MOST = 8, 128  # rows of a window
PART = 12  # a window is at most this part of the rows
MOST_CELLS = 1 << 27


@dataclass(frozen=True)
class Windows:
    """Windows of `size` rows, `step` apart, each with `ahead` rows behind it that it is to tell of.

    >>> windows = Windows(rows=10, size=3, ahead=1, step=1)
    >>> windows.starts.tolist(), windows.span
    ([0, 1, 2, 3, 4, 5, 6], 4)
    """

    rows: int
    size: int
    ahead: int
    step: int = 1

    @property
    def span(self) -> int:
        """Rows of a window and its answer."""
        return self.size + self.ahead

    @property
    def starts(self) -> Integers:
        """The first row of each window."""
        return np.arange(0, self.rows - self.span + 1, self.step)

    def find_sides(self) -> NDArray[np.int8]:
        """The part that each window lies in whole; UNSAID for one that lies in two.

        >>> [Side(side).name for side in Windows(10, 2, 0).find_sides()]
        ['TRAIN', 'TRAIN', 'TRAIN', 'TRAIN', 'TRAIN', 'TRAIN', 'UNSAID', 'UNSAID', 'TEST']
        """
        bounds = cut_rows(self.rows)
        starts, ends = self.starts, self.starts + self.span
        sides = np.full(len(starts), Side.UNSAID, np.int8)
        for side, (first, last) in zip((Side.TRAIN, Side.VAL, Side.TEST), bounds, strict=True):
            sides[(starts >= first) & (ends <= last)] = side
        return sides


def cut_rows(rows: int) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
    """The rows, from and up to, that train, validate and test.

    >>> cut_rows(100)
    ((0, 72), (72, 80), (80, 100))
    """
    test = rows - round(rows * TEST_SHARE)
    val = test - round(rows * VAL_SHARE)
    return (0, val), (val, test), (test, rows)


def choose_size(rows: int) -> int:
    """Choose how many rows a window has: a power of two, from 8 to 128, a 12th of the validation's and test's rows.

    >>> choose_size(100), choose_size(1000), choose_size(10**6)
    (8, 32, 128)
    """
    size = LEAST
    while 2 * size <= min(MOST, rows * VAL_SHARE / 2):
        size *= 2
    return size


def choose_step(rows: int, size: int, channels: int) -> int:
    """One row, or more where windows would take half a gigabyte.

    >>> choose_step(1000, 32, 3), choose_step(10**7, 128, 1)
    (1, 10)
    """
    return max(1, -(-rows * size * channels // MOST_CELLS))


class Spans(Numbered):
    """The names of windows, made on demand.

    >>> Spans("prices.csv", np.array([0, 5]), 8)[1]
    'prices.csv, rows 6 to 13'
    """

    def __init__(self, stem: str, starts: Integers, size: int) -> None:
        """Name the window of `size` rows that starts at `starts[i]`, rows counted from 1 in the order of time."""
        super().__init__(stem, starts)
        self.size = size

    def take(self, numbers: Integers) -> Spans:
        """Name other windows of the same series."""
        return Spans(self.stem, numbers, self.size)

    def write(self, number: int) -> str:
        """Write one name."""
        return f"{self.stem}, rows {number + 1} to {number + self.size}"
