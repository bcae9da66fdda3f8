"""A layer's values and how often they occur, counted one by one."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from striate.errors import InputError
from striate.explain.sums import count_values, list_layers, play, read_values


def test_values_are_the_layer_s() -> None:
    module, x = nn.Sequential(nn.Conv1d(2, 3, 3), nn.ReLU()), torch.randn(1, 2, 8)
    playing = play(module, x)
    assert np.array_equal(read_values(playing, None), x[0].double().numpy())
    assert np.allclose(read_values(playing, list_layers(playing.trace)[1]), module(x)[0].detach().numpy())


def test_every_value_is_counted_once() -> None:
    values = np.array([0.0, 0.0, -1.0, 2.5, 3.0, np.nan, np.inf])
    found = count_values(values, 4)
    counts = [0] * 4
    for value in values[:5]:
        counts[min(3, int((value - found.edges[0]) // (found.edges[1] - found.edges[0])))] += 1
    assert found.counts.tolist() == counts
    assert (found.zeros, found.strange, found.low, found.high) == (2, 2, -1.0, 3.0)
    assert found.mean == pytest.approx(4.5 / 5)


def test_one_value_alone_and_none() -> None:
    assert count_values(np.full(5, 2.0)).counts.sum() == 5
    assert count_values(np.array([np.nan])).strange == 1
    with pytest.raises(InputError, match="found no values"):
        count_values(np.zeros(0))
