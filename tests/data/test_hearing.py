"""Rate and length, chosen from what the headers say."""

from __future__ import annotations

import pytest

from striate.data.hearing import MOST_CELLS, Hearing, choose_hearing, choose_seconds
from striate.data.sound import Header
from striate.errors import DataError


def make_headers(*found: tuple[float, int, int]) -> list[Header]:
    """Headers of (seconds, rate, how many)."""
    return [Header(round(seconds * rate), 1, rate) for seconds, rate, count in found for _ in range(count)]


def test_the_commonest_rate_is_kept_where_it_fits() -> None:
    headers = make_headers((1.0, 16_000, 5), (1.0, 44_100, 4))
    assert choose_hearing(headers, None, None) == Hearing(16_000, 16_000)


@pytest.mark.parametrize("seconds", [0.4, 2.0, 5.0, 9.0, 60.0])
@pytest.mark.parametrize("rate", [8000, 11_025, 44_100, 96_000, 4000])
def test_the_rate_is_lowered_until_the_length_fits(seconds: float, rate: int) -> None:
    hearing = choose_hearing(make_headers((seconds, rate, 3)), None, None)
    assert hearing.rate <= rate
    assert hearing.length <= MOST_CELLS * 1.01
    assert hearing.length / hearing.rate == pytest.approx(min(seconds, 10), abs=0.02)


def test_a_few_long_ones_are_cut() -> None:
    assert choose_seconds(make_headers((0.5, 8000, 97), (30.0, 8000, 3))) == 0.5
    assert choose_seconds(make_headers((0.5, 8000, 90), (30.0, 8000, 10))) == 10.0


def test_a_spectrogram_has_its_extents_and_comes_back_from_settings() -> None:
    hearing = choose_hearing(make_headers((1.0, 16_000, 2)), "spectrogram", None)
    assert hearing.extents == (hearing.mels, 100)
    assert (hearing.window, hearing.hop) == (512, 160)
    assert Hearing.from_dict(hearing.to_dict()) == hearing


def test_wishes() -> None:
    headers = make_headers((1.0, 16_000, 2))
    assert choose_hearing(headers, None, (500,)).extents == (500,)
    with pytest.raises(DataError, match="--view is loud, needed waveform or spectrogram"):
        choose_hearing(headers, "loud", None)
    for view, extents in ((None, (8, 8)), ("spectrogram", (500,))):
        with pytest.raises(DataError, match="needed a waveform's length alone"):
            choose_hearing(headers, view, extents)
