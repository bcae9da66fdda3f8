"""What a task is: what is learned from the samples, how a network's outputs are held against it, and what counts.

The trainer asks its task alone: for the loss of a step and what is counted of it, for the figures of the held-out part,
and for the form of an answer. A task is a plain value: its fields are settings of the run.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import inf
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from striate.errors import InputError
from striate.train.recipe import Recipe

Reals = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Merit:
    """The one figure that a task is judged by: its name, unit, the most that it can be, and whether less is better.

    >>> Merit("accuracy", "%", most=1.0).write(0.98765), Merit("PSNR", "dB").write(23.456)
    ('98.77 %', '23.46 dB')
    """

    name: str
    unit: str = ""
    most: float = inf
    lower: bool = False

    def reaches(self, value: float, until: float) -> bool:
        """Whether a figure is as good as this goal.

        >>> Merit("PSNR", "dB").reaches(24.0, 23.0), Merit("bits per sample", lower=True).reaches(5.0, 4.5)
        (True, False)
        """
        return value <= until if self.lower else value >= until

    def write(self, value: float) -> str:
        """The figure for people; a share as a percentage."""
        if self.unit == "%":
            return f"{100 * value:.2f} %"
        return f"{value:.2f} {self.unit}" if self.unit else f"{value:.4f}"

    def check(self, until: float, name: str = "until") -> None:
        """Refuse a goal that no run can reach. Raises: InputError."""
        if not 0 < until <= self.most:
            needed = f"above 0 and at most {self.most:g}" if self.most < inf else "above 0"
            example = f"{0.95 * self.most:g}" if self.most < inf else "20"
            raise InputError(f"{name} is {until:g}; {_article(self.name)} {needed} is needed, such as {example}.")


@dataclass(frozen=True)
class Judged:
    """How well outputs meet their targets: the mean loss, the merit with its 95 % interval, and more figures."""

    loss: float
    merit: float
    interval: tuple[float, float]
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Task(ABC):
    """One task; the subclasses name it and say what it needs."""

    name: ClassVar[str]
    merit: ClassVar[Merit]
    counts_whole: ClassVar[bool] = False  # whether what is counted of a step are whole samples
    outputs_per_cell: ClassVar[int] = 1  # of an input, at most, where outputs lie along it
    keeps_outputs: ClassVar[bool] = True  # whether what is kept when a part is judged are the outputs themselves

    @classmethod
    def begin(cls, targets: NDArray[Any], options: Mapping[str, Any]) -> Task:
        """The task for these training labels, with what the user asks of it."""
        return cls()

    @abstractmethod
    def read_targets(self, targets: Tensor, inputs: Tensor, part: str) -> Tensor:
        """The targets as the loss takes them, one for each input.

        Raises:  InputError for those of another form; names the part of the data.
        """

    def move(self, targets: Tensor, draws: Tensor, recipe: Recipe) -> Tensor:
        """A step's targets, changed as the recipe's augmentation changes their inputs by these `draws`."""
        return targets

    def pair(self, batch: Tensor, targets: Tensor, rows: Tensor, recipe: Recipe, epoch: int) -> tuple[Tensor, Tensor]:
        """A step's normalised inputs and what they are to become; `rows` are their places in the epoch's tables."""
        return batch, targets

    def hold_out(self, inputs: Tensor, targets: Tensor, rows: Tensor, recipe: Recipe) -> tuple[Tensor, Tensor]:
        """Some inputs of a judged part, not normalised yet, and their targets; `rows` are their places there."""
        return inputs, targets

    def keep(self, outputs: Tensor, targets: Tensor, inputs: Tensor, recipe: Recipe) -> Tensor:
        """What is kept of a batch's outputs when a part is judged, a row a sample; targets and inputs as held out.

        The outputs themselves, unless there would be too much of them: then what their figures can be told from.
        """
        return outputs

    @abstractmethod
    def split(self, outputs: Any) -> tuple[Tensor, tuple[Tensor, ...]]:
        """A network's main output and those of its side heads.

        Raises:  ShapeError for outputs of another form than the task needs.
        """

    @abstractmethod
    def check_outputs(self, shape: Sequence[int], targets: Tensor, part: str) -> int:
        """How many outputs the network has, of which `shape` is one input's.

        Raises:  InputError where they don't suffice for the targets.
        """

    def check_module(self, module: nn.Module, shape: Sequence[int], recipe: Recipe) -> None:  # noqa: B027 - most can
        """Refuse, before the first step, a network that the task can't use; `shape` is an input's.

        Raises:  InputError.
        """

    @abstractmethod
    def guess(self, outputs: int) -> float:
        """The loss of an answer that knows nothing."""

    @abstractmethod
    def compute_loss(
        self,
        outputs: Any,
        targets: Tensor,
        recipe: Recipe,
        side_weights: Sequence[float] = (),
        class_weights: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """The mean loss of a batch, to be lowered, and the sum of its samples' merits; both on the outputs' device."""

    @abstractmethod
    def validate(self, outputs: Tensor, targets: Tensor) -> tuple[float, float]:
        """The loss and the merit of what was kept of a part, against targets as `read_targets` gives them."""

    def condense(self, outputs: Tensor) -> Tensor:
        """What an answer needs of a batch's outputs: less than all, where all would be too much of many inputs."""
        return outputs

    @abstractmethod
    def answer(self, outputs: Reals, recipe: Recipe) -> NDArray[Any]:
        """What a user is told: outputs, as `condense` leaves them, in the user's own terms."""

    @abstractmethod
    def judge(self, outputs: Reals, targets: NDArray[Any], recipe: Recipe) -> Judged:
        """The figures of a held-out part: what was kept of the outputs, against the data's own labels."""

    def choose_examples(self, kept: Reals) -> Sequence[int]:
        """The places of the few samples that a report shows with their outputs, where those aren't kept."""
        return ()

    def find_output(self, outputs: int, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape that a network must give for an input of `shape`."""
        return (outputs,)

    def describe_output(self, outputs: int, shape: tuple[int, ...]) -> str:
        """What a network must give, in words."""
        return f"one number for each of {outputs} outputs"

    @property
    def word(self) -> str:
        """What a record of the history calls the merit."""
        return "accuracy" if self.merit.name == "accuracy" else "merit"

    @property
    def reasons(self) -> tuple[str, ...]:
        """What there is to say of how the task was settled."""
        return ()

    @property
    def ending(self) -> str:
        """How a network's text ends for this task."""
        return "gap, flatten, fc-classes"

    def to_dict(self) -> dict[str, Any]:
        """The task as plain values, for a run's settings."""
        return {"name": self.name, **asdict(self)}


def _article(name: str) -> str:
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
