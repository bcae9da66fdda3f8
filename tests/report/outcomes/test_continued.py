"""A continued sequence on a card: a player for each, the mark where what was given ends, curves within the frame."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
import soundfile

from striate.data.levels import expand
from striate.report.outcome import Example
from striate.report.outcomes.continued import HEIGHT, TEMPERATURES, WIDTH, draw_continued


def make_example(given: int, new: int) -> Example:
    random = np.random.default_rng(0)
    levels = random.integers(0, 256, (4, given + new)).astype(np.uint8)
    return Example(3, levels[0, :given], levels[1:, given:], levels[0, given:])


@pytest.mark.parametrize(("given", "new"), [(64, 136), (3000, 2000)])
def test_what_is_played_is_what_was_given_and_what_follows(given: int, new: int) -> None:
    example = make_example(given, new)
    drawn = str(draw_continued(example, "a & b.wav", 8000))
    sounds = [base64.b64decode(found) for found in re.findall(r"base64,(UklGR[^\"]+)\"", drawn)]
    assert len(sounds) == 1 + len(TEMPERATURES)
    for sound, rest in zip(sounds, [example.wanted, *example.answer], strict=True):
        values, rate = soundfile.read(io.BytesIO(sound))
        assert rate == 8000
        np.testing.assert_allclose(values, expand(np.concatenate([example.given, rest])), atol=1e-4)
    assert "a &amp; b.wav" in drawn
    assert "temperature 0.5" in drawn


def test_the_mark_stands_where_the_given_part_ends() -> None:
    drawn = str(draw_continued(make_example(50, 151), "x", None))
    marks = [float(found) for found in re.findall(r'<line x1="([\d.]+)"[^>]*class="ideal"', drawn)]
    assert marks == pytest.approx([49.5 / 200 * WIDTH] * 4, abs=0.1)
    assert "<audio" not in drawn


def test_curves_stay_within_the_frame() -> None:
    drawn = str(draw_continued(make_example(500, 1500), "x", 8000))
    for path in re.findall(r'<path d="([^"]+)"', drawn):
        points = [float(each) for each in re.findall(r"-?[\d.]+", path)]
        assert 0 <= min(points) <= max(points) <= max(WIDTH, HEIGHT)
        assert max(points[1::2]) <= HEIGHT
