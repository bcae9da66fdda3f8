"""What a run answers to a sample, in a few plain words beside the truth: for whoever looks on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from striate.data.cellclasses import UNJUDGED
from striate.data.marks import write_labels
from striate.verbs.telling import LIKELY

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_NAMED = 3


@dataclass(frozen=True)
class Told:
    """An answer beside the truth. `right` is None where that is no question of yes or no.

    `share` is the probability of what is said, of cells the share that is right; `shares` those of the likeliest
    classes, `true_share` that of the truth.
    """

    said: str
    truth: str
    right: bool | None = None
    share: float | None = None
    true_share: float | None = None
    shares: tuple[tuple[str, float], ...] = ()


def compare_answers(
    task: str, classes: Sequence[str], answers: NDArray[Any], targets: NDArray[Any]
) -> tuple[Told, ...]:
    """Put a task's answers into words, one for each sample; pictures and sounds speak for themselves.

    >>> import numpy as np
    >>> told = compare_answers("classify", ("cat", "dog"), np.array([[0.25, 0.75]]), np.array([0]))[0]
    >>> told.said, told.truth, told.right, told.share, told.true_share
    ('dog', 'cat', False, 0.75, 0.25)
    """
    ways = {"classify": _tell_class, "labels": _tell_labels, "regress": _tell_numbers, "segment": _tell_cells}
    way = ways.get(task)
    if way is None:
        return tuple(Told("", "") for _ in answers)
    return tuple(way(classes, answer, target) for answer, target in zip(answers, targets, strict=True))


def _tell_class(classes: Sequence[str], answer: NDArray[Any], target: NDArray[Any]) -> Told:
    likeliest, true = int(answer.argmax()), int(target)
    order = answer.argsort()[::-1][:MOST_NAMED]
    shares = tuple((classes[int(at)], float(answer[at])) for at in order)
    right = likeliest == true
    return Told(classes[likeliest], classes[true], right, float(answer[likeliest]), float(answer[true]), shares)


def _tell_labels(classes: Sequence[str], answer: NDArray[Any], target: NDArray[Any]) -> Told:
    said, truth = answer >= LIKELY, target > 0
    return Told(write_labels(classes, said), write_labels(classes, truth), bool((said == truth).all()))


def _tell_numbers(classes: Sequence[str], answer: NDArray[Any], target: NDArray[Any]) -> Told:
    said, truth = (", ".join(f"{float(value):.4g}" for value in row.reshape(-1)[:4]) for row in (answer, target))
    return Told(said, truth)


def _tell_cells(classes: Sequence[str], answer: NDArray[Any], target: NDArray[Any]) -> Told:
    judged = target != UNJUDGED
    share = float((answer == target)[judged].mean()) if judged.any() else None
    return Told("", "", None, share)
