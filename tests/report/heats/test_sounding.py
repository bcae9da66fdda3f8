from __future__ import annotations

import re
import wave
from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tests.report.heats.made import make_heat, make_spot

from striate.report.heats.exposures import Exposure, expose
from striate.report.heats.sounding import draw_players, draw_sounding

RATE = 8000


def make_sound() -> Exposure:
    values = torch.from_numpy(make_spot((RATE,), (6000,), 300))[None]
    return expose(make_heat(1, (RATE,), values=values, rate=RATE), 0)


def read_wav(markup: str) -> NDArray[np.float64]:
    (data,) = re.findall(r'src="data:audio/wav;base64,([^"]+)"', markup)
    with wave.open(BytesIO(b64decode(data))) as file:
        assert file.getframerate() == RATE
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2") / 32767


def test_what_mattered_is_the_recording_there_and_silence_elsewhere() -> None:
    shown = make_sound()
    whole, part = read_wav(draw_players(shown)), read_wav(draw_players(shown, "Occlusion"))
    assert len(whole) == len(part) == RATE
    assert np.abs(part[6000 - 200 : 6000 + 200] - whole[6000 - 200 : 6000 + 200]).max() < 1e-4
    assert not part[:4000].any()
    assert not part[7900:].any()
    assert np.corrcoef(whole, shown.grounds[0][0])[0, 1] > 0.999


def test_the_players_say_what_they_play() -> None:
    shown = make_sound()
    assert 'aria-label="The whole recording"' in draw_players(shown)
    markup = draw_players(shown, "Occlusion")
    whole, part = read_wav(draw_players(shown)), read_wav(markup)
    loud = np.abs(whole) > 0.05
    (share,) = re.findall(r"Only what mattered to Occlusion: (\d+) % of the time<", markup)
    assert int(share) == pytest.approx(100 * float((part[loud] / whole[loud]).mean()), abs=2)


def read_strokes(markup: str) -> list[tuple[float, str]]:
    """Where every stroke begins, and its colour."""
    found = []
    for path, colour in re.findall(r'class="stroke" d="([^"]+)" stroke="(#[0-9a-f]{6})"', markup):
        found += [(float(x), colour) for x in re.findall(r"M([\d.]+) ", path)]
    return sorted(found)


def test_strokes_are_light_where_it_is_hot() -> None:
    strokes = read_strokes(draw_sounding(make_sound(), "a sound"))
    assert len(strokes) == 700

    def lightness(colour: str) -> int:
        return sum(int(colour[place : place + 2], 16) for place in (1, 3, 5))

    lightest = max(strokes, key=lambda stroke: lightness(stroke[1]))
    assert abs(lightest[0] - 700 * 0.75) < 10
    assert len({colour for x, colour in strokes if x < 350}) == 1


def test_a_sound_has_a_spectrogram_and_seconds_and_a_curve_has_cells() -> None:
    sound, curve = draw_sounding(make_sound(), "a"), draw_sounding(expose(make_heat(1, (64,), 3), 0), "b")
    assert sound.count("<image") == 2
    assert "<span>0.5 s</span>" in sound
    assert curve.count("<image") == 1
    assert "<span>64</span>" in curve
