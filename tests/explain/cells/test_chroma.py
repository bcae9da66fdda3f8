from __future__ import annotations

import math

import numpy as np
import pytest

from striate.explain.cells.chroma import split_chroma


def test_a_separable_kernel_is_split_exactly() -> None:
    colour, place = np.array([0.8, -0.6, 0.0]), np.random.default_rng(0).normal(size=(3, 4))
    found = split_chroma(colour[:, None, None] * place)
    assert found.direction == pytest.approx(tuple(colour))
    assert np.allclose(found.kernel, place)
    assert found.share == pytest.approx(1)
    assert found.opponency == pytest.approx(1 - 0.2**2 / 3)


def test_no_direction_holds_more_of_a_kernel() -> None:
    rng = np.random.default_rng(1)
    weights = rng.normal(size=(3, 5))
    found = split_chroma(weights)
    for _ in range(200):
        other = rng.normal(size=3)
        held = float(((other / np.linalg.norm(other)) @ weights) @ ((other / np.linalg.norm(other)) @ weights))
        assert held <= float((found.kernel**2).sum()) + 1e-12
    assert found.share == pytest.approx(float((found.kernel**2).sum() / (weights**2).sum()))


def test_alike_channels_are_not_opponent_and_a_lone_one_has_none() -> None:
    assert split_chroma(np.ones((3, 4))).opponency == pytest.approx(0)
    alone = split_chroma(np.array([[-1.0, 2.0]]))
    assert math.isnan(alone.opponency)
    assert alone.direction == (1.0,)
    assert alone.kernel.tolist() == [-1, 2]
    assert math.isnan(split_chroma(np.zeros((3, 4))).share)
