"""What is told of held-out samples, as plain values: one of them, a list, and the grid that counts them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from striate.verbs.heldout.part import HeldOut

Only = Literal["all", "wrong", "right"]
NUMBERS = 6  # of a sample with many, that a line has room for


@dataclass(frozen=True)
class Query:
    """Which samples are asked for: those behind a cell of the grid, or the right or the wrong ones."""

    row: int | None = None
    column: int | None = None
    only: Only = "all"


@dataclass(frozen=True)
class Sample:
    """One held-out sample by its number in the part, and what the run made of it.

    `certainty` is the probability of the answer, `note` another figure in words; each is None where there is none, and
    so is `right` where answers are not simply right or wrong.
    """

    number: int
    name: str
    truth: str = ""
    answer: str = ""
    certainty: float | None = None
    right: bool | None = None
    note: str | None = None


@dataclass(frozen=True)
class Grid:
    """Counts by row and column, each of which opens the samples behind it.

    `of` says what is counted; on the `diagonal` (of labels: in the `fine` columns) stand those that are right.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: NDArray[Any]
    of: str
    diagonal: bool = True
    fine: tuple[int, ...] = ()


@dataclass(frozen=True)
class Listing:
    """Some of the samples that were asked for, how many there are, and in which order they stand."""

    samples: tuple[Sample, ...]
    total: int
    order: str


@dataclass(frozen=True)
class Teller:
    """How a task's samples are told: its grid, the places of those asked for in their order, and one of them."""

    count: Callable[[HeldOut], Grid | None]
    choose: Callable[[HeldOut, Query], tuple[NDArray[Any], str]]
    tell: Callable[[HeldOut, int, Query], Sample]


def count_nothing(held: HeldOut) -> None:
    """No grid: answers are not counted by class."""
    return
