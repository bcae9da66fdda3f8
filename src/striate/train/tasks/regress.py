"""Regression: one or more numbers for each input, learned on the scale of the training part.

Each number is standardised by its mean and deviation there, so that none outweighs another and the learning rate keeps
its meaning. The loss is Huber's: squares near by, and distances beyond one deviation, where a wrong target would count
too much. The merit is R2, the share of the targets' variance that the answers explain; of a step it is that of the
training part, so that the steps of an epoch add up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from striate.errors import InputError
from striate.train.heads import add_sides, split_rows
from striate.train.recipe import Recipe
from striate.train.tasks.residuals import measure_errors, measure_r2
from striate.train.tasks.rows import check_row, read_rows
from striate.train.tasks.task import Judged, Merit, Reals, Task

_WHAT = "one or more finite numbers"


@dataclass(frozen=True)
class Regress(Task):
    """Targets are rows of numbers; `mean` and `std` are those of the training part, by which a network's are scaled.

    Source: Huber 1964, "Robust estimation of a location parameter", doi:10.1214/aoms/1177703732.

    >>> task = Regress(mean=(10.0,), std=(2.0,))
    >>> task.answer(np.array([[0.5]]), Recipe(epochs=1, mean=(0,), std=(1,))).tolist()
    [[11.0]]
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]

    name: ClassVar[str] = "regress"
    merit: ClassVar[Merit] = Merit("R2", most=1.0)

    @classmethod
    def begin(cls, targets: NDArray[Any], options: Mapping[str, Any] = {}) -> Regress:
        """The task for these training targets, [count, numbers]; a number that never changes is left as it is."""
        values = read_numbers(targets)
        mean, std = values.mean(0), values.std(0)
        return cls(tuple(mean.tolist()), tuple(np.where(std > 0, std, 1.0).tolist()))

    def read_targets(self, targets: Tensor, inputs: Tensor, part: str) -> Tensor:
        """Rows of numbers, standardised."""
        rows = read_rows(targets, _WHAT, part)
        if rows.shape[1] != len(self.mean):
            found = f"{rows.shape[1]} numbers an input"
            raise InputError(f"{part} labels: {found}, but the task knows {len(self.mean)}; make them alike.")
        mean, std = (torch.tensor(values, dtype=torch.float64) for values in (self.mean, self.std))
        return ((rows.cpu().double() - mean) / std).float()

    def split(self, outputs: Any) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Rows of numbers of the main head and of the side heads."""
        return split_rows(outputs, "a regression", "number")

    def check_outputs(self, shape: Sequence[int], targets: Tensor, part: str) -> int:
        """One output for each number."""
        return check_row(shape, targets, part)

    def guess(self, outputs: int) -> float:
        """What the mean costs, where the targets are normally distributed: about 0.4, their deviation being 1."""
        return 0.4

    def compute_loss(
        self,
        outputs: Any,
        targets: Tensor,
        recipe: Recipe,
        side_weights: Sequence[float] = (),
        class_weights: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Huber's loss of standardised numbers, and the sum of 1 minus each sample's mean squared error."""
        main, sides = self.split(outputs)
        losses = [F.huber_loss(head.float(), targets) for head in (main, *sides)]
        explained = 1 - (main.detach().double() - targets).square().mean(1)
        return add_sides(losses, side_weights), explained.sum()

    def validate(self, outputs: Tensor, targets: Tensor) -> tuple[float, float]:
        """Mean Huber loss, and R2."""
        loss = float(F.huber_loss(outputs, targets))
        return loss, float(np.mean(measure_r2(outputs.numpy(), targets.numpy())))

    def answer(self, outputs: Reals, recipe: Recipe) -> NDArray[np.float64]:
        """The numbers on the scale of the user's own."""
        numbers: NDArray[np.float64] = np.asarray(outputs, np.float64) * np.array(self.std) + np.array(self.mean)
        return numbers

    def judge(self, outputs: Reals, targets: NDArray[Any], recipe: Recipe) -> Judged:
        """R2, and of each number R2, MAE and median error, with intervals by the bootstrap."""
        standard = self.read_targets(torch.from_numpy(np.asarray(targets)), torch.empty(0), "held-out")
        loss = float(F.huber_loss(torch.from_numpy(np.asarray(outputs, np.float32)), standard))
        found = measure_errors(self.answer(outputs, recipe), read_numbers(targets), recipe.seed)
        return Judged(loss, found["r2"], found["r2_interval"], found)


def read_numbers(targets: NDArray[Any]) -> NDArray[np.float64]:
    """Targets as rows in double precision."""
    rows = np.asarray(targets, np.float64)
    return rows[:, None] if rows.ndim == 1 else rows
