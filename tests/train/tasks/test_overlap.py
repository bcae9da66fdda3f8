from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score, jaccard_score

from striate.train.tasks.overlap import average_overlap, count_cells, measure_cells, measure_overlaps
from striate.train.tasks.residuals import draw_places


def make_pair(count: int = 6, classes: int = 4) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(8)
    truth = rng.integers(0, classes, (count, 5, 7))
    answers = np.where(rng.random(truth.shape) < 0.7, truth, rng.integers(0, classes, truth.shape))
    truth[rng.random(truth.shape) < 0.1] = 255
    return answers, truth


def count(answers: np.ndarray, truth: np.ndarray, classes: int) -> np.ndarray:
    return count_cells(torch.from_numpy(answers), torch.from_numpy(truth), classes).numpy()


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_cells_are_counted(axes: int) -> None:
    """Against loops over cells."""
    rng = np.random.default_rng(axes)
    shape = (3, *[5] * axes)
    answers, truth = rng.integers(0, 3, shape), rng.choice([0, 1, 2, 255], shape)
    found = count(answers.astype(np.uint8), truth.astype(np.uint8), 3)
    wanted = np.zeros((3, 3, 3), int)
    for place in np.ndindex(shape):
        if truth[place] != 255:
            wanted[place[0], truth[place], answers[place]] += 1
    assert (found == wanted).all()


def test_a_part_without_a_judged_cell() -> None:
    counts = count(np.zeros((2, 3), int), np.full((2, 3), 255), 2)
    assert counts.sum() == 0
    found = measure_cells(counts.astype(float))
    assert math.isnan(found["iou"])
    assert math.isnan(found["right"])
    assert all(math.isnan(bound) for bound in found["iou_interval"])
    assert float(average_overlap(torch.from_numpy(counts.sum(0)))) == 0


def test_figures_are_those_of_sets_of_cells() -> None:
    answers, truth = make_pair()
    truth[truth == 3] = 0  # a class that is answered but doesn't occur
    found = measure_cells(count(answers, truth, 4).astype(float))
    judged = {place for place in np.ndindex(truth.shape) if truth[place] != 255}
    ious = []
    for each, row in enumerate(found["outputs"]):
        said = {place for place in judged if answers[place] == each}
        true = {place for place in judged if truth[place] == each}
        assert row["cells"] == len(true)
        assert row["precision"] == pytest.approx(len(said & true) / len(said))
        if each == 3:
            assert math.isnan(row["iou"])
            assert math.isnan(row["recall"])
            continue
        ious.append(len(said & true) / len(said | true))
        assert row["iou"] == pytest.approx(ious[-1])
        assert row["dice"] == pytest.approx(2 * len(said & true) / (len(said) + len(true)))
        assert row["recall"] == pytest.approx(len(said & true) / len(true))
    assert found["iou"] == pytest.approx(sum(ious) / 3)
    assert found["right"] == pytest.approx(sum(answers[place] == truth[place] for place in judged) / len(judged))
    assert found["cells"] == len(judged)


def test_figures_are_those_of_scikit_learn() -> None:
    answers, truth = make_pair()
    flat, kept = truth.reshape(-1), truth.reshape(-1) != 255
    pair = flat[kept], answers.reshape(-1)[kept]
    found = measure_cells(count(answers, truth, 4).astype(float))
    assert found["iou"] == pytest.approx(jaccard_score(*pair, average="macro"))
    assert found["dice"] == pytest.approx(f1_score(*pair, average="macro"))
    total = count(answers, truth, 4).sum(0)
    assert float(average_overlap(torch.from_numpy(total))) == pytest.approx(found["iou"])


def test_the_interval_is_that_of_a_bootstrap_by_loops() -> None:
    answers, truth = make_pair(5, 3)
    counts = count(answers, truth, 3).astype(float)
    low, high = measure_cells(counts, seed=4)["iou_interval"]
    means = []
    for drawn in draw_places(5, 4):
        total = sum(counts[int(place)] for place in drawn)
        means.append(np.mean([total[k, k] / (total[k].sum() + total[:, k].sum() - total[k, k]) for k in range(3)]))
    assert (low, high) == pytest.approx((np.quantile(means, 0.025), np.quantile(means, 0.975)))
    assert measure_cells(counts, seed=4)["iou_interval"] == (low, high)


def test_each_row_is_measured_by_itself() -> None:
    answers, truth = make_pair(4, 3)
    counts = count(answers, truth, 3).astype(float)
    found = measure_overlaps(np.diagonal(counts, axis1=1, axis2=2), counts.sum(2), counts.sum(1))
    for place in range(4):
        assert found[place] == pytest.approx(measure_cells(counts[place : place + 1])["iou"])
