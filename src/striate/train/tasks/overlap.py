"""How well answers overlap with the truth, class by class, from the counts of cells: IoU, Dice, precision, recall.

The intersection over union of a class (Jaccard 1912, "The distribution of the flora in the alpine zone", doi:
10.1111/j.1469-8137.1912.tb05611.x) is the cells that are of it in truth and answer over those that are in either; Dice
(1945, doi:10.2307/1932409) is the former over the mean of the two. Counts are summed over samples first, so a sample
counts by its cells. Means are over the classes that occur in the truth.
"""

from __future__ import annotations

from math import nan
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from striate.data.cellclasses import UNJUDGED
from striate.train.tasks.residuals import draw_places, find_interval

Reals = NDArray[np.floating[Any]]


def count_cells(answers: Tensor, truth: Tensor, classes: int) -> Tensor:
    """Count for each sample how many cells of each true class are answered by each class; 255 isn't counted.

    Shape: class numbers [count, *extents] each -> int64 [count, classes, classes], rows are true.

    >>> count_cells(torch.tensor([[0, 1, 1]]), torch.tensor([[0, 0, 255]]), classes=2).tolist()
    [[[1, 1], [0, 0]]]
    """
    said, true = answers.flatten(1).long(), truth.flatten(1).long()
    sample = torch.arange(len(true), device=true.device)[:, None]
    cells = ((sample * classes + true) * classes + said)[true != UNJUDGED]
    return torch.bincount(cells, minlength=len(true) * classes * classes).view(-1, classes, classes)


def average_overlap(counts: Tensor) -> Tensor:
    """The mean IoU of one matrix of counts [classes, classes]; 0 where no cell is judged."""
    hits, true, said = counts.diagonal().double(), counts.sum(1).double(), counts.sum(0).double()
    each = hits / (true + said - hits).clamp(min=1)
    return (each * (true > 0)).sum() / (true > 0).sum().clamp(min=1)


def measure_overlaps(hits: Reals, true: Reals, said: Reals) -> NDArray[np.float64]:
    """Measure the mean IoU of each row of counts by class; NaN for a row in which no class occurs.

    Shape: [rows, classes] each -> [rows].

    >>> measure_overlaps(np.array([[1.0, 1.0]]), np.array([[2.0, 1.0]]), np.array([[1.0, 2.0]])).tolist()
    [0.5]
    """
    occurs = true > 0
    each = hits / np.maximum(true + said - hits, 1)
    means: NDArray[np.float64] = np.where(occurs.any(1), (each * occurs).sum(1) / np.maximum(occurs.sum(1), 1), nan)
    return means


def measure_cells(counts: Reals, seed: int = 0) -> dict[str, Any]:
    """Measure IoU, Dice, precision and recall of each class, their means, and the share of cells that is right.

    `iou_interval` holds the mean IoU by the bootstrap over samples, whose draws follow from the seed; `confusion` has a
    row for each true class.
    Shape: [samples, classes, classes].
    """
    hits, true, said = np.diagonal(counts, axis1=1, axis2=2), counts.sum(2), counts.sum(1)
    rows = [
        _measure_class(hits[:, each].sum(), true[:, each].sum(), said[:, each].sum()) for each in range(counts.shape[1])
    ]
    total = float(true.sum())
    return {
        "iou": _average(rows, "iou"),
        "iou_interval": _bound(hits, true, said, seed),
        "dice": _average(rows, "dice"),
        "right": float(hits.sum()) / total if total else nan,
        "cells": int(total),
        "outputs": rows,
        "confusion": counts.sum(0).astype(np.int64).tolist(),
    }


def _bound(hits: Reals, true: Reals, said: Reals, seed: int) -> tuple[float, float]:
    places = draw_places(len(true), seed)
    times = np.zeros((len(places), len(true)))
    np.add.at(times, (np.arange(len(places))[:, None], places), 1.0)
    drawn = measure_overlaps(times @ hits, times @ true, times @ said)
    known = drawn[np.isfinite(drawn)]
    return find_interval(known) if len(known) else (nan, nan)


def _measure_class(hits: float, true: float, said: float) -> dict[str, Any]:
    """The figures of a class; NaN where it doesn't occur, and for a precision without an answer."""
    return {
        "iou": float(hits / (true + said - hits)) if true else nan,
        "dice": float(2 * hits / (true + said)) if true else nan,
        "precision": float(hits / said) if said else nan,
        "recall": float(hits / true) if true else nan,
        "cells": int(true),
    }


def _average(rows: list[dict[str, Any]], name: str) -> float:
    known = [row[name] for row in rows if row[name] == row[name]]
    return float(np.mean(known)) if known else nan
