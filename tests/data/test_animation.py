"""Animated gifs, written by Pillow."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.data.moving import draw_moving, write_gif

from striate.data.animation import SLOW_SECONDS, is_animated, iterate_animation, read_animation_span


def test_frames_come_back_with_their_own_durations(tmp_path: Path) -> None:
    clip = draw_moving(5)
    path = write_gif(tmp_path / "a.gif", clip, [40, 100, 40, 250, 70])
    content = io.BytesIO(path.read_bytes())
    assert read_animation_span(content).seconds == pytest.approx(0.5)
    found = list(iterate_animation(io.BytesIO(path.read_bytes())))
    assert [start for start, _ in found] == pytest.approx([0, 0.04, 0.14, 0.18, 0.43])
    for (_, pixels), frame in zip(found, clip, strict=True):
        assert np.array_equal(pixels, frame)


def test_a_frame_without_a_duration_is_shown_for_a_tenth_of_a_second(tmp_path: Path) -> None:
    path = write_gif(tmp_path / "a.gif", draw_moving(3), 0)
    assert read_animation_span(io.BytesIO(path.read_bytes())).seconds == pytest.approx(3 * SLOW_SECONDS)


def test_what_moves_is_told(tmp_path: Path) -> None:
    write_gif(tmp_path / "moving.gif", draw_moving(3))
    Image.new("L", (8, 8)).save(tmp_path / "still.gif")
    (tmp_path / "broken.gif").write_bytes(b"GIF89a")
    found = {path.name: is_animated(io.BytesIO(path.read_bytes())) for path in tmp_path.iterdir()}
    assert found == {"moving.gif": True, "still.gif": False, "broken.gif": False}
