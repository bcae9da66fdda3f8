"""Segmentation: a class for every cell of an input; the loss is the mean cross-entropy of the cells that are judged.

The merit is the mean over classes of the intersection over union, of all cells of a part together. Of a step it is that
of the batch. What is kept of a judged sample are its loss and its counts of cells, a number for each pair of classes.
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

from striate.data.cellclasses import UNJUDGED
from striate.errors import InputError, ShapeError
from striate.train.augment import move_masks
from striate.train.heads import add_sides, list_heads
from striate.train.recipe import Recipe
from striate.train.tasks.overlap import average_overlap, count_cells, measure_cells, measure_overlaps
from striate.train.tasks.task import Judged, Merit, Reals, Task

EXAMPLES = 4  # so many of the worst, of the middle and of the best samples are shown


@dataclass(frozen=True)
class Segment(Task):
    """Targets are class numbers of all cells, 255 where nothing is judged; outputs a score for each class and cell."""

    name: ClassVar[str] = "segment"
    merit: ClassVar[Merit] = Merit("mean IoU", "%", most=1.0)
    keeps_outputs: ClassVar[bool] = False

    def read_targets(self, targets: Tensor, inputs: Tensor, part: str) -> Tensor:
        """Bytes, one for each cell of an input."""
        if targets.is_floating_point() or targets.is_complex() or targets.shape[1:] != inputs.shape[2:]:
            found = f"{part} labels: {list(targets.shape)} of {targets.dtype}"
            raise InputError(f"{found}; a class number for each cell of {list(inputs.shape[2:])} is needed.")
        if targets.dtype != torch.uint8:
            if len(targets) and not 0 <= int(targets.min()) <= int(targets.max()) <= UNJUDGED:
                found = f"{part} labels: numbers from {int(targets.min())} to {int(targets.max())}"
                raise InputError(f"{found}; class numbers from 0 to 254, or 255 where nothing is judged, are needed.")
            targets = targets.to(torch.uint8)
        return targets

    def move(self, targets: Tensor, draws: Tensor, recipe: Recipe) -> Tensor:
        """Masks go where their pictures went."""
        return move_masks(targets, draws, recipe.augment)

    def split(self, outputs: Any) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Scores of the main head and of the side heads, [count, classes, *extents] each."""
        main, *sides = list_heads(outputs)
        for head in (main, *sides):
            if not isinstance(head, Tensor):
                raise ShapeError(f"the network yields a {type(head).__name__}; segmenting needs a tensor of scores.")
            if head.ndim < 3 or head.shape[2:] != main.shape[2:]:
                found = "x".join(str(extent) for extent in head.shape[1:]) or "a single number"
                raise ShapeError(
                    f"the network yields {found} for each input; a segmentation needs classes x the input's extents: "
                    "end with conv1-classes."
                )
        return main, tuple(sides)

    def check_outputs(self, shape: Sequence[int], targets: Tensor, part: str) -> int:
        """The number of classes, which no label may reach; as many cells as the labels have."""
        classes, found, needed = int(shape[0]), list(shape[1:]), list(targets.shape[1:])
        if found != needed:
            raise InputError(f"{part} part: labels of {needed}, but the network answers for {found}; make them alike.")
        most = int(torch.where(targets == UNJUDGED, 0, targets).max())
        if most >= classes:
            raise InputError(f"{part} part: label {most}, but the network has {classes} outputs; it needs {most + 1}.")
        return classes

    def find_output(self, outputs: int, shape: tuple[int, ...]) -> tuple[int, ...]:
        """A score for each class at each cell."""
        return (outputs, *shape[1:])

    def describe_output(self, outputs: int, shape: tuple[int, ...]) -> str:
        """A score for each class at each cell."""
        return f"{'x'.join(map(str, (outputs, *shape[1:])))}: a score for each of {outputs} classes at each cell"

    @property
    def ending(self) -> str:
        """A score for each class at each cell, from that cell's channels."""
        return "conv1-classes"

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
        """Cross-entropy with label smoothing, and the mean IoU of the batch for each of its samples."""
        main, sides = self.split(outputs)
        numbers = targets.long()
        judged = (numbers != UNJUDGED).sum().clamp(min=1)
        weights = None if class_weights is None else F.pad(class_weights, (0, main.shape[1] - len(class_weights)))
        losses = [
            F.cross_entropy(
                head.float(),
                numbers,
                weights,
                ignore_index=UNJUDGED,
                reduction="sum",
                label_smoothing=recipe.smoothing,
            )
            / judged
            for head in (main, *sides)
        ]
        counts = count_cells(main.detach().argmax(1), targets, main.shape[1]).sum(0)
        return add_sides(losses, side_weights), average_overlap(counts) * len(targets)

    def keep(self, outputs: Tensor, targets: Tensor, inputs: Tensor, recipe: Recipe) -> Tensor:
        """Each sample's summed cross-entropy, then its counts of cells.

        Shape: float64 [count, 1 + classes * classes].
        """
        losses = F.cross_entropy(outputs.float(), targets.long(), ignore_index=UNJUDGED, reduction="none")
        counts = count_cells(outputs.argmax(1), targets, outputs.shape[1])
        return torch.cat([losses.double().flatten(1).sum(1, keepdim=True), counts.flatten(1).double()], 1)

    def validate(self, outputs: Tensor, targets: Tensor) -> tuple[float, float]:
        """Mean cross-entropy of the cells that are judged, and mean IoU."""
        counts = _unfold(outputs.numpy()).sum(0)
        judged = float(counts.sum())
        loss = float(outputs[:, 0].sum()) / judged if judged else math.nan
        return loss, float(average_overlap(torch.from_numpy(counts)))

    def condense(self, outputs: Tensor) -> Tensor:
        """The likeliest class of each cell.

        Shape: uint8 [count, *extents].
        """
        return outputs.argmax(1).to(torch.uint8)

    def answer(self, outputs: Reals, recipe: Recipe) -> NDArray[Any]:
        """The class number of each cell."""
        return outputs

    def judge(self, outputs: Reals, targets: NDArray[Any], recipe: Recipe) -> Judged:
        """Mean IoU, and of each class IoU, Dice, precision and recall; the confusion matrix of cells."""
        loss, _ = self.validate(torch.from_numpy(np.asarray(outputs, np.float64)), torch.empty(0))
        found = measure_cells(_unfold(outputs), recipe.seed)
        return Judged(loss, found["iou"], found["iou_interval"], found)

    def choose_examples(self, kept: Reals) -> Sequence[int]:
        """The worst, those in the middle, and the best, by the mean IoU of each sample; what isn't judged stays out."""
        order = rank_samples(kept)
        middle = max(0, (len(order) - EXAMPLES) // 2)
        chosen = [*order[:EXAMPLES], *order[middle : middle + EXAMPLES], *order[-EXAMPLES:]]
        return [*dict.fromkeys(int(place) for place in chosen)]


def rank_samples(kept: Reals) -> NDArray[np.int64]:
    """The places of the samples of which some cell is judged, the one of the lowest mean IoU first."""
    overlaps = find_overlaps(kept)
    order = np.argsort(overlaps, kind="stable")
    return order[: int(np.isfinite(overlaps).sum())]


def find_overlaps(kept: Reals) -> Reals:
    """The mean IoU of each sample by itself, over the classes in its truth; NaN where no cell is judged."""
    counts = _unfold(kept)
    return measure_overlaps(np.diagonal(counts, axis1=1, axis2=2), counts.sum(2), counts.sum(1))


def _unfold(kept: Reals) -> Reals:
    """The counts of cells, [samples, classes, classes]."""
    classes = math.isqrt(kept.shape[1] - 1)
    counts: Reals = np.asarray(kept[:, 1:], np.float64).reshape(-1, classes, classes)
    return counts
