"""Classification: one class for each input; the loss is cross-entropy, the merit the share that is right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from striate.errors import InputError
from striate.train.heads import split_rows
from striate.train.loss import compute_loss
from striate.train.recipe import Recipe
from striate.train.scores import Scores, bound_accuracy, measure_accuracy, measure_loss, softmax
from striate.train.tasks.task import Judged, Merit, Reals, Task


@dataclass(frozen=True)
class Classify(Task):
    """Targets are class numbers from 0, outputs one score for each class."""

    name: ClassVar[str] = "classify"
    merit: ClassVar[Merit] = Merit("accuracy", "%", most=1.0)
    counts_whole: ClassVar[bool] = True

    def read_targets(self, targets: Tensor, inputs: Tensor, part: str) -> Tensor:
        """Whole numbers from 0, one for each input."""
        if targets.ndim != 1 or targets.is_floating_point() or targets.is_complex():
            raise InputError(
                f"{part} labels: {list(targets.shape)} of {targets.dtype}; one class number per input is needed."
            )
        numbers = targets.long()
        if len(numbers) and int(numbers.min()) < 0:
            found = f"label {int(numbers.min())}"
            raise InputError(f"{part} part: {found}; at least one sample and class numbers from 0 are needed.")
        return numbers

    def split(self, outputs: Any) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Class scores of the main head and of the side heads, [count, classes] each."""
        return split_rows(outputs, "a classifier", "class score")

    def check_outputs(self, shape: Sequence[int], targets: Tensor, part: str) -> int:
        """The number of classes, which no label may reach."""
        classes, most = int(shape[0]), int(targets.max())
        if most >= classes:
            raise InputError(f"{part} part: label {most}, but the network has {classes} outputs; it needs {most + 1}.")
        return classes

    def describe_output(self, outputs: int, shape: tuple[int, ...]) -> str:
        """A score for each class."""
        return f"one score for each of {outputs} classes"

    def guess(self, outputs: int) -> float:
        """The logarithm of the number of classes."""
        return math.log(max(2, outputs))

    def compute_loss(
        self,
        outputs: Any,
        targets: Tensor,
        recipe: Recipe,
        side_weights: Sequence[float] = (),
        class_weights: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Cross-entropy with label smoothing, and how many samples are right."""
        return compute_loss(outputs, targets, recipe.smoothing, side_weights, class_weights)

    def validate(self, outputs: Tensor, targets: Tensor) -> tuple[float, float]:
        """Mean cross-entropy, and the share that is right."""
        loss = float(F.cross_entropy(outputs, targets))
        return loss, float((outputs.argmax(1) == targets).double().mean())

    def answer(self, outputs: Reals, recipe: Recipe) -> NDArray[np.float64]:
        """A probability for each class."""
        return softmax(outputs)

    def judge(self, outputs: Reals, targets: NDArray[Any], recipe: Recipe) -> Judged:
        """Loss, accuracy and its Wilson interval."""
        scores = Scores(outputs, targets)
        accuracy = measure_accuracy(scores)
        return Judged(measure_loss(scores), accuracy, bound_accuracy(round(accuracy * len(targets)), len(targets)))


CLASSIFY = Classify()
