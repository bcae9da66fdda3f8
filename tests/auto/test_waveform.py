"""The network for waveforms fits whatever rate and length, and halves only while there is something to halve."""

from __future__ import annotations

import pytest
import torch

from striate.auto.waveform import LEAST_FRAMES, choose_step, count_halvings, design_waveform
from striate.nets import parse, place
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


@pytest.mark.parametrize(("frames", "pooled"), [(39, 1), (80, 2), (160, 4), (670, 4), (10_000, 4)])
def test_the_first_maps_are_brought_to_a_quarter_where_they_may(frames: int, pooled: int) -> None:
    text = design_waveform(1, 8 * frames, 8000).text
    assert ("maxpool" not in text) == (pooled == 1)
    if pooled > 1:
        assert f"conv64-64/8, bn, relu, maxpool{pooled}\n" in text


def test_no_map_is_shorter_than_said() -> None:
    for length in range(400, 20_000, 777):
        rows = place(parse(design_waveform(1, length, 8000).text, "design"), (1, length), classes=3)
        extents = [row.output[1] for row in rows if len(row.output) == 2 and row.output[1] > 1]
        assert min(extents) == -(-length // 8) >> count_halvings(length // 8)
