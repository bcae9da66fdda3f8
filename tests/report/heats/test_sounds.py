from __future__ import annotations

import wave
from base64 import b64decode
from io import BytesIO

import numpy as np
from tests.report.heats.made import make_spot

from striate.report.heats.sounds import encode_wav, level_sound, open_gate

RATE = 8000


def test_a_wav_holds_the_samples() -> None:
    samples = np.random.default_rng(0).uniform(-1.2, 1.2, 500)
    head, data = encode_wav(samples, RATE).split(",")
    assert head == "data:audio/wav;base64"
    with wave.open(BytesIO(b64decode(data))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate(), file.getnframes()) == (1, 2, RATE, 500)
        found = np.frombuffer(file.readframes(500), dtype="<i2") / 32767
    assert np.abs(found - np.clip(samples, -1, 1)).max() < 1e-4


def test_channels_are_mixed_and_levelled() -> None:
    lanes = np.array([[0.1, -0.3, 0.0], [0.1, -0.1, 0.2]])
    assert np.allclose(level_sound(lanes), np.array([0.1, -0.2, 0.1]) * 0.9 / 0.2)
    assert not level_sound(np.zeros((1, 4))).any()


def test_the_gate_is_open_where_it_is_hot_and_shut_elsewhere() -> None:
    gate = open_gate(make_spot((2 * RATE,), (RATE,), 400), RATE)
    assert gate[RATE] > 1 - 1e-9
    assert gate[: RATE // 2].max() < 1e-9
    assert gate[3 * RATE // 2 :].max() < 1e-9
    assert 0.05 < gate.mean() < 0.2


def test_its_edges_are_smooth() -> None:
    heat = np.zeros(RATE)
    heat[3000:5000] = 1
    gate = open_gate(heat, RATE)
    rising = gate[: RATE // 2]
    assert np.diff(rising).min() > -1e-9
    assert np.diff(rising).max() < 0.02  # a step would be 1
    edge = np.flatnonzero((rising > 0.01) & (rising < 0.99))
    assert 0.01 * RATE < len(edge) < 0.04 * RATE


def test_grains_of_heat_open_it_in_one_piece() -> None:
    heat = np.zeros(RATE)
    heat[3000:4000] = np.random.default_rng(1).random(1000) ** 4
    gate = open_gate(heat, RATE)
    assert gate[3200:3800].min() > 0.9


def test_what_speaks_against_is_not_let_through_and_nothing_is_silence() -> None:
    heat = make_spot((RATE,), (2000,), 200) - make_spot((RATE,), (6000,), 200)
    gate = open_gate(heat, RATE)
    assert gate[2000] > 1 - 1e-9
    assert gate[6000] < 1e-9
    assert not open_gate(-np.ones(RATE), RATE).any()
    assert np.allclose(open_gate(np.ones(10), RATE), 1)
    assert np.allclose(open_gate(np.ones(RATE), RATE), 1)
