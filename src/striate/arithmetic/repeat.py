"""Whether a list of windows, one per output cell, repeats itself, its borders left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LONGEST = 64
"""The longest period looked for: enough for up-sampling by 64."""


@dataclass(frozen=True)
class Repeat:
    """Windows that repeat: cell o + `period` reads what cell o reads, `shift` cells on.

    `cells` are one period of them, the first being output cell `first`.
    """

    period: int
    shift: int
    first: int
    cells: tuple[tuple[int, ...], ...]

    def read(self, cell: int) -> tuple[int, ...]:
        """Give what `cell` reads, as if the axis had no borders."""
        turn, phase = divmod(cell - self.first, self.period)
        return tuple(index + turn * self.shift for index in self.cells[phase])


def find_repeat(windows: Sequence[Sequence[int]]) -> Repeat | None:
    """Find the repetition that leaves out the fewest border cells, of those the one with the shortest period.

    It must be seen twice, hold for a third of the cells, and move forward. A border cell is left out only if a border
    explains it: it reads less than it would without (clamped), or, where each cell reads one and moves by one, it would
    read beyond the cells that are read (padded by reflection or copies; `nearest` resizing that repeats only its first
    cell, as from 20 to 21, can't be told from that). None if there is no such repetition.

    >>> find_repeat([(0,), (0, 1), (0, 1), (1, 2), (1, 2), (2,)])
    Repeat(period=2, shift=1, first=1, cells=((0, 1), (0, 1)))
    """
    shapes = [tuple(index - window[0] for index in window) if window else None for window in windows]
    found, fewest = None, len(windows)
    for period in range(1, min(len(windows) // 2, LONGEST) + 1):
        run = _find_run(windows, shapes, period)
        left_out = len(windows) - len(run)
        if left_out < fewest and len(run) >= 2 * period and 3 * len(run) >= len(windows):
            first = run.start
            shift = windows[first + period][0] - windows[first][0]
            cells = tuple(tuple(windows[cell]) for cell in range(first, first + period))
            repeat = Repeat(period, shift, first, cells)
            if shift > 0 and _explains(repeat, windows, run):
                found, fewest = repeat, left_out
    return found


def _find_run(windows: Sequence[Sequence[int]], shapes: Sequence[tuple[int, ...] | None], period: int) -> range:
    """Find the cells around the middle that all move by as much from one period to the next."""
    middle = (len(windows) - period) // 2
    if shapes[middle] is None:
        return range(0)
    shift = windows[middle + period][0] - windows[middle][0] if shapes[middle + period] else 0

    def repeats(cell: int) -> bool:
        here, there = shapes[cell], shapes[cell + period]
        return here is not None and here == there and windows[cell + period][0] - windows[cell][0] == shift

    start = stop = middle
    while stop < len(windows) - period and repeats(stop):
        stop += 1
    while start > 0 and repeats(start - 1):
        start -= 1
    return range(start, stop + period) if stop > middle else range(0)


def _explains(repeat: Repeat, windows: Sequence[Sequence[int]], run: range) -> bool:
    low, high = (edge(index for window in windows for index in window) for edge in (min, max))
    padded = repeat.period == repeat.shift == len(repeat.cells[0]) == 1
    for cell in (*range(run.start), *range(run.stop, len(windows))):
        free = repeat.read(cell)
        clamped = all(min(free) <= index <= max(free) for index in windows[cell])
        beyond = min(free) < low or max(free) > high
        if not (clamped or (padded and beyond)):
            return False
    return True
