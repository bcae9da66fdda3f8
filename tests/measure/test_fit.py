"""The largest batch that fits: it fits, one more doesn't, and a plain search by ones finds the same."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from striate.errors import InputError
from striate.measure.fit import MOST, find_largest_batch, predict_peak

NET = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(512, 4))
NORMED = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.BatchNorm2d(4), nn.Flatten())


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("kibibytes", [60, 150, 333])
def test_it_is_what_counting_up_finds(kibibytes: int, training: bool) -> None:
    room, batch = kibibytes * 1024, 0
    while predict_peak(NET, (3, 8, 8), batch + 1, training=training).peak <= room:
        batch += 1
    assert find_largest_batch(NET, (3, 8, 8), room, training=training) == batch


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("room", [10**6, 10**8, 10**9])
def test_it_fits_and_one_more_does_not(room: int, precision: str, optimizer: str) -> None:
    settings = {"precision": precision, "optimizer": optimizer}
    batch = find_largest_batch(NET, (3, 8, 8), room, **settings)  # type: ignore[arg-type]
    peaks = [predict_peak(NET, (3, 8, 8), each, **settings).peak for each in (batch, batch + 1)]  # type: ignore[arg-type]
    assert peaks[0] <= room < peaks[1]


def test_nothing_fits_and_everything_fits() -> None:
    assert find_largest_batch(NET, (3, 8, 8), 100) == 0
    assert find_largest_batch(nn.ReLU(), (1,), 2**40, training=False) == MOST


def test_batch_norm_over_one_value_begins_at_two() -> None:
    room = predict_peak(NORMED, (3, 5, 5), 2).peak
    assert find_largest_batch(NORMED, (3, 5, 5), room) == 2
    assert find_largest_batch(NORMED, (3, 5, 5), room - 1) == 0


@given(st.integers(1, 10**9))
def test_more_room_never_holds_fewer(room: int) -> None:
    fewer, more = (find_largest_batch(nn.Linear(4, 8), (4,), size, training=False) for size in (room, room + 48))
    assert fewer <= more <= fewer + 1


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(InputError, match="found 0, needed a whole number from 1"):
        find_largest_batch(NET, (3, 8, 8), 0)
    with pytest.raises(InputError, match="needed shapes"):
        find_largest_batch(NET, torch.zeros(2, 3, 8, 8), 10**6)
    with pytest.raises(InputError, match="with an input of"):
        find_largest_batch(NET, (5, 8, 8), 10**6)
