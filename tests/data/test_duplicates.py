"""Duplicates made here are found, and samples that are merely of one kind are not; real sets where they are at hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from striate.data.duplicates import find_duplicates, judge_neighbours, measure_dimension
from striate.data.load import load_dataset
from striate.data.neighbours import Neighbours

Bytes = NDArray[np.uint8]


def draw_scenes(count: int, seed: int, side: int = 32) -> Bytes:
    """Pictures of smooth noise, as alike as pictures of one kind are."""
    rng = np.random.default_rng(seed)
    waves = rng.normal(size=(count, 3, 5, 5)) / (1 + np.add.outer(np.arange(5), np.arange(5)))
    basis = np.cos(np.pi * np.outer(np.arange(side) + 0.5, np.arange(5)) / side)
    values = np.einsum("nckl,yk,xl->ncyx", waves, basis, basis)
    scenes: Bytes = np.clip(128 + 40 * values, 0, 255).astype(np.uint8)
    return scenes


def reencode(pictures: Bytes) -> Bytes:
    again = []
    for picture in pictures:
        buffer = BytesIO()
        Image.fromarray(np.moveaxis(picture, 0, 2)).save(buffer, "JPEG", quality=60)
        again.append(np.moveaxis(np.asarray(Image.open(buffer)), 2, 0))
    return np.stack(again)


CHANGES: dict[str, Callable[[Bytes], Bytes]] = {
    "re-encoded": reencode,
    "brighter": lambda pictures: (pictures // 2 + 90).astype(np.uint8),
    "shifted": lambda pictures: np.roll(pictures, 1, axis=3),
    "noisy": lambda pictures: np.clip(pictures + np.random.default_rng(0).normal(0, 6, pictures.shape), 0, 255).astype(
        np.uint8
    ),
    "grey": lambda pictures: np.repeat(pictures.mean(1, keepdims=True), 3, axis=1).astype(np.uint8),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed_copies_are_found_and_other_scenes_are_not(change: str) -> None:
    trained, fresh = draw_scenes(2000, 0), draw_scenes(300, 1)
    copies = CHANGES[change](trained[40:100])
    found = find_duplicates(trained, np.concatenate([fresh, copies]))
    hits = [pair for pair in found.pairs if pair.held >= 300]
    assert len(hits) >= 57
    assert all(pair.trained == pair.held - 300 + 40 for pair in hits)
    assert len(found.pairs) - len(hits) <= 4  # one is expected by chance
    assert found.share == pytest.approx(len(found.pairs) / 360)


def test_bytes_are_told_apart_from_looks() -> None:
    trained = draw_scenes(200, 0)
    held = np.concatenate([trained[7:8], trained[9:10] // 2 + 60, draw_scenes(20, 1)])
    found = find_duplicates(trained, held)
    assert (found.exact, found.held, found.looked) == (1, 22, 22)
    assert [(pair.held, pair.trained, pair.exact) for pair in found.pairs[:2]] == [(0, 7, True), (1, 9, False)]


def test_many_copies_of_one_are_no_way_out() -> None:
    trained = np.concatenate([draw_scenes(100, 0), np.repeat(draw_scenes(1, 2), 20, axis=0)])
    for copy in range(20):
        trained[100 + copy, 0, copy, copy] ^= 1  # so that no bytes are the same
    held = np.concatenate([draw_scenes(50, 1), draw_scenes(1, 2)])
    assert [pair.held for pair in find_duplicates(trained, held).pairs if pair.held == 50]


def test_a_bound_on_the_cost_draws_some_by_the_seed() -> None:
    trained = draw_scenes(300, 0)
    held = np.concatenate([draw_scenes(100, 1), trained[:100] // 2 + 60])
    bound = 300 * 144 * 80.0
    found, again = (find_duplicates(trained, held, multiplies=bound, seed=3) for _ in range(2))
    assert found == again
    assert (found.looked, found.held) == (80, 200)
    assert found.share == pytest.approx(0.5, abs=0.17)
    assert find_duplicates(trained, held, multiplies=0).looked == 0


@pytest.mark.parametrize("rows", [0, 1, 2, 3])
def test_few_training_samples(rows: int) -> None:
    trained = draw_scenes(3, 0)[:rows]
    found = find_duplicates(trained, np.concatenate([draw_scenes(3, 0)[:1], draw_scenes(2, 1)]))
    assert found.exact == min(rows, 1)
    assert find_duplicates(trained, trained[:0]).pairs == ()


@pytest.mark.parametrize("dimension", [2, 8])
def test_the_dimension_is_that_of_the_data_and_chance_is_kept_to(dimension: int) -> None:
    rng = np.random.default_rng(dimension)
    points, queries = rng.random((4000, dimension)), 0.25 + rng.random((800, dimension)) / 2
    distances = np.sqrt(((queries[:, None] - points) ** 2).sum(2))
    nearest = np.sort(distances, axis=1)[:, :11]
    assert measure_dimension(nearest) == pytest.approx(dimension, rel=0.12)
    likeness = 1 - (nearest / 2) ** 2 / 2
    _, threshold, found = judge_neighbours(Neighbours(np.zeros((800, 11), np.int64), likeness.astype(np.float32)))
    assert threshold is not None
    assert found is not None
    below = nearest[:, 0] < threshold * nearest[:, -1]
    assert below.sum() <= 5
    one_by_one = [1 - (1 - threshold**found) ** 10 for _ in range(800)]
    assert math.fsum(one_by_one) == pytest.approx(0.8)  # a thousandth of 800


@pytest.mark.parametrize(("name", "least", "most"), [("mnist", 0, 4), ("fashion-mnist", 3, 25)])
def test_real_sets(real: Path, name: str, least: int, most: int) -> None:
    """MNIST has none, Fashion-MNIST shows some articles twice; CIFAR-10 is in benchmarks/duplicates.py."""
    data = load_dataset(name)
    assert data.test is not None
    found = find_duplicates(data.train.inputs, data.test.inputs, multiplies=144 * len(data.train) * 1000.0)
    assert found.looked == 1000
    assert least <= found.near <= most  # one is expected by chance
