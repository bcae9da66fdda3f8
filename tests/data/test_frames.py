"""Which moments of clips are looked at, against a loop over all of their frames."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.data.frames import MOST_FRAMES, Sampling, Span, choose_sampling, pick_frames, place_moments


def sample_by_loop(starts: list[float], seconds: float, sampling: Sampling) -> list[int]:
    """Walk through every moment in thousandths of a frame and note which frame is on the screen."""
    span = sampling.length / sampling.rate
    begin = max(0.0, (seconds - span) / 2)
    chosen = []
    for number in range(sampling.length):
        moment = begin + (number + 0.5) / sampling.rate + 0.001
        shown = 0
        for place, start in enumerate(starts):
            if start <= moment:
                shown = place
        chosen.append(shown)
    return chosen


@given(
    steps=st.lists(st.integers(10, 90), min_size=1, max_size=40),
    length=st.integers(1, 20),
    rate=st.sampled_from([2.0, 7.5, 12.5, 25.0, 60.0]),
)
def test_the_frame_on_the_screen_is_the_one_that_a_loop_finds(steps: list[int], length: int, rate: float) -> None:
    edges = np.cumsum([0, *steps]) / 1000
    starts, seconds = edges[:-1].tolist(), float(edges[-1])
    sampling = Sampling(rate, length, 1.0)
    picked = list(pick_frames(zip(starts, range(len(starts)), strict=True), place_moments(seconds, sampling)))
    assert picked == sample_by_loop(starts, seconds, sampling)


def test_every_frame_of_clips_of_one_length_is_taken() -> None:
    sampling = choose_sampling([Span(0.8, 20)] * 3)
    starts = [number / 25 for number in range(20)]
    assert sampling == Sampling(25.0, 20, 25.0)
    assert list(pick_frames(zip(starts, range(20), strict=True), place_moments(0.8, sampling))) == list(range(20))


@pytest.mark.parametrize("frames", [1, MOST_FRAMES, MOST_FRAMES + 1, 250, 10_000])
def test_long_clips_are_thinned_over_their_whole_length(frames: int) -> None:
    sampling = choose_sampling([Span(frames / 30, frames)])
    assert 1 <= sampling.length <= MOST_FRAMES
    assert sampling.length / sampling.rate <= frames / 30 + 1e-6
    assert sampling.length / sampling.rate > 0.9 * frames / 30 - 1 / 30


def test_numbered_pictures_take_the_rate_of_the_videos_beside_them() -> None:
    assert choose_sampling([Span(1.0, 24), Span(None, 24), Span(2.0, 48)]).undated == 24
    assert choose_sampling([Span(None, 12)]) == Sampling(1.0, 12, 1.0)


def test_a_forced_length_covers_the_median_clip_and_a_forced_rate_counts_its_frames() -> None:
    spans = [Span(2.0, 50), Span(4.0, 100), Span(8.0, 200)]
    assert choose_sampling(spans, length=8) == Sampling(2.0, 8, 25.0)
    assert choose_sampling(spans, rate=5.0) == Sampling(5.0, 20, 25.0)


def test_a_longer_clip_gives_its_middle_and_a_shorter_one_holds_its_last_frame() -> None:
    sampling = Sampling(1.0, 4, 1.0)
    for frames, expected in ((4, [0, 1, 2, 3]), (10, [3, 4, 5, 6]), (2, [0, 1, 1, 1])):
        pairs = [(float(number), number) for number in range(frames)]
        assert list(pick_frames(pairs, place_moments(frames, sampling))) == expected


def test_no_frame_is_asked_for_after_the_last_moment() -> None:
    asked = []

    def frames() -> object:
        for number in range(1000):
            asked.append(number)
            yield float(number), number

    assert list(pick_frames(frames(), np.array([0.5, 2.5]))) == [0, 2]  # type: ignore[arg-type]
    assert len(asked) == 4


def test_a_clip_without_frames_is_named() -> None:
    with pytest.raises(ValueError, match="no frame in it"):
        list(pick_frames([], np.array([0.5])))
