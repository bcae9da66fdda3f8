"""Several labels for each input, any number of them or none; each is a yes or no of its own.

The loss is the mean binary cross-entropy of the labels, the merit the mean over labels of the average precision: how
well a label's samples stand before the others, whatever the threshold. Of a step the merit is the share of labels that
are right at even odds, so that the steps of an epoch add up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
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
from striate.train.tasks.retrieval import measure_retrieval
from striate.train.tasks.rows import check_row, read_rows
from striate.train.tasks.task import Judged, Merit, Reals, Task


@dataclass(frozen=True)
class Labels(Task):
    """Targets are rows of yes and no, outputs one score for each label."""

    name: ClassVar[str] = "labels"
    merit: ClassVar[Merit] = Merit("mean average precision", "%", most=1.0)

    def read_targets(self, targets: Tensor, inputs: Tensor, part: str) -> Tensor:
        """Rows of 0 and 1."""
        rows = read_rows(targets, "a yes or no for each label", part)
        if not bool(((rows == 0) | (rows == 1)).all()):
            raise InputError(f"{part} labels: found other values than 0 and 1; a yes or no for each label is needed.")
        return rows.float()

    def split(self, outputs: Any) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Scores of the main head and of the side heads, [count, labels] each."""
        return split_rows(outputs, "a network of several labels", "label score")

    def check_outputs(self, shape: Sequence[int], targets: Tensor, part: str) -> int:
        """One output for each label."""
        return check_row(shape, targets, part)

    def describe_output(self, outputs: int, shape: tuple[int, ...]) -> str:
        """A score for each label."""
        return f"one score for each of {outputs} labels"

    def guess(self, outputs: int) -> float:
        """What even odds cost."""
        return math.log(2)

    def compute_loss(
        self,
        outputs: Any,
        targets: Tensor,
        recipe: Recipe,
        side_weights: Sequence[float] = (),
        class_weights: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Binary cross-entropy, smoothed as the recipe says, and the sum over samples of the share of labels right."""
        main, sides = self.split(outputs)
        wanted = targets * (1 - recipe.smoothing) + recipe.smoothing / 2
        losses = [F.binary_cross_entropy_with_logits(head.float(), wanted) for head in (main, *sides)]
        right = (main.detach() > 0) == (targets > 0.5)
        return add_sides(losses, side_weights), right.double().mean(1).sum()

    def validate(self, outputs: Tensor, targets: Tensor) -> tuple[float, float]:
        """Mean binary cross-entropy, and mean average precision."""
        loss = float(F.binary_cross_entropy_with_logits(outputs, targets))
        return loss, measure_retrieval(outputs.numpy(), targets.numpy() > 0.5, draws=0)["map"]

    def answer(self, outputs: Reals, recipe: Recipe) -> NDArray[np.float64]:
        """A probability for each label, each by itself."""
        return 1 / (1 + np.exp(-np.clip(np.asarray(outputs, np.float64), -500, 500)))

    def judge(self, outputs: Reals, targets: NDArray[Any], recipe: Recipe) -> Judged:
        """Mean average precision, and of each label precision, recall, F1 and average precision at even odds."""
        truth = np.asarray(targets) > 0
        loss = F.binary_cross_entropy_with_logits(
            torch.from_numpy(np.asarray(outputs, np.float32)), torch.from_numpy(truth.astype(np.float32))
        )
        found = measure_retrieval(outputs, truth, recipe.seed)
        return Judged(float(loss), found["map"], found["map_interval"], found)
