"""The network for waveforms fits whatever rate and length, and halves only while there is something to halve."""

from __future__ import annotations

import pytest
import torch

from striate.auto.waveform import LEAST_FRAMES, choose_step, count_halvings, design_waveform
from striate.nets import parse
from striate.nets.build import make_module


@pytest.mark.parametrize("rate", [8000, 11_025, 16_000, 44_100])
@pytest.mark.parametrize("seconds", [0.01, 0.1, 1.0, 1.8])
@pytest.mark.parametrize("channels", [1, 2])
def test_it_builds_and_answers(rate: int, seconds: float, channels: int) -> None:
    length = round(rate * seconds)
    design = design_waveform(channels, length, rate)
    module = make_module(parse(design.text, "design"), (channels, length), 5, seed=0).eval()
    assert module(torch.zeros(2, channels, length)).shape == (2, 5)
    assert all(design.reasons)


@pytest.mark.parametrize(
    ("rate", "step"), [(4000, 4), (8000, 8), (16_000, 16), (22_050, 32), (44_100, 64), (48_000, 64)]
)
def test_a_step_is_about_a_millisecond(rate: int, step: int) -> None:
    assert choose_step(rate, rate) == step
    assert 0.7 <= 1000 * step / rate <= 1.5


def test_halving_leaves_frames() -> None:
    for frames in range(1, 2000, 37):
        halvings = count_halvings(frames)
        assert not halvings or frames >> halvings >= LEAST_FRAMES
