"""What became of a run that broke down: where, how often, and what was changed so that it could go on.

A run that breaks down goes back to the last state that was seen to be whole and goes on at a lower learning rate. Which
state that is depends on the step alone, never on the clock, so that a run that was killed meanwhile goes the same way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from torch import Tensor

from striate.errors import RunError

LOWER = 0.25
MOST = 3
GOOD_STEPS = 1000  # a long epoch has a state to go back to every so many steps
_SHOWN = 3


class BrokenDown(Exception):  # noqa: N818 - it is told the loop, never the user
    """A step after which the run makes no sense any more; `what` says why."""

    def __init__(self, what: str, step: int, lr: float) -> None:
        """`step` counts from 1."""
        super().__init__(what)
        self.what, self.step, self.lr = what, step, lr


@dataclass(frozen=True)
class Place:
    """Where a run broke down: epoch and step from 1, the rate of that step, and its batch, by names or by numbers.

    `spoilt` are those of the batch whose own values aren't finite; `back` is the step that the run went back to.
    """

    what: str
    epoch: int
    step: int
    lr: float
    back: int
    samples: Sequence[str]
    spoilt: Sequence[str] = field(default_factory=list)

    def describe(self) -> str:
        """The place in half a line."""
        where = f"epoch {self.epoch}, step {self.step}: {self.what} (lr {self.lr:.3g}; batch: {shorten(self.samples)})"
        return f"{where}; {shorten(self.spoilt)} hold values that are not finite" if self.spoilt else where


@dataclass
class Recovery:
    """What a run has changed about itself: the factor on the learning rate, and the parts of a batch.

    >>> recovery = Recovery()
    >>> line = recovery.add(Place("the loss became nan", epoch=1, step=13, lr=0.5, back=10, samples=["a.png"]))
    >>> line.split(". ")[1]
    "Back to step 10; the learning rate is 0.25 of the recipe's from here on"
    >>> recovery.factor
    0.25
    """

    places: list[Place] = field(default_factory=list)
    parts: int = 1
    lines: list[tuple[int, str]] = field(default_factory=list)

    @property
    def factor(self) -> float:
        """What the recipe's learning rate is multiplied by."""
        return LOWER ** len(self.places)

    def add(self, place: Place) -> str:
        """Take in a place; return the line that tells what is done about it."""
        self.places.append(place)
        change = f"the learning rate is {self.factor:g} of the recipe's from here on"
        line = f"{place.describe()}. Back to step {place.back}; {change}"
        self.lines.append((place.epoch, line))
        return line

    def split(self, parts: int, batch: int, epoch: int, step: int) -> str:
        """Take in that a batch goes through in parts from now on; return the line that says so."""
        self.parts = parts
        line = (
            f"epoch {epoch}, step {step}: out of memory. Each batch of {batch} goes through in {parts} parts now, with "
            "the same update (batch norm sees each part by itself)"
        )
        self.lines.append((epoch, line))
        return line

    def tell(self, epoch: int) -> list[str]:
        """The lines of an epoch, for its record."""
        return [line for number, line in self.lines if number == epoch]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for a checkpoint."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Recovery:
        """What `to_dict` wrote, also after a way through JSON."""
        places = [Place(**place) for place in values.get("places", ())]
        lines = [(int(number), str(line)) for number, line in values.get("lines", ())]
        return cls(places, int(values.get("parts", 1)), lines)


@dataclass(frozen=True, eq=False)
class Good:
    """The last state that was seen to be sound, in main memory; the rest is of its step, as a checkpoint has it."""

    step: int
    tensors: Mapping[str, Tensor] = field(repr=False)
    elapsed: float
    history: int
    meter: Mapping[str, float]
    watch: Mapping[str, Any]


def copy_tensors(tensors: Mapping[str, Tensor], room: Mapping[str, Tensor] | None = None) -> dict[str, Tensor]:
    """Copies in main memory, in the `room` of former ones where there is one."""
    if room is None or room.keys() != tensors.keys():
        return {name: value.detach().to("cpu", copy=True) for name, value in tensors.items()}
    return {name: room[name].copy_(value.detach()) for name, value in tensors.items()}


def give_up(places: Sequence[Place], peak: float, kept: str) -> RunError:
    """The error that ends a run which broke down too often."""
    told = "; ".join(f"({number}) {place.describe()}" for number, place in enumerate(places, 1))
    same = len({place.step for place in places}) == 1
    look = " It is the same step each time: look at its samples." if same else ""
    return RunError(
        f"the training broke down {len(places)} times, each time at a lower learning rate: {told}.{look}{kept} Train "
        f"anew with a lower lr (the recipe's peak is {peak:g}; try {peak * LOWER ** len(places):.3g})."
    )


def shorten(names: Sequence[str]) -> str:
    """The first few names, and how many more there are.

    >>> shorten(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
