"""Many recordings into one array: each as it is by itself, whatever the others are; what fails is left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from striate.data.formats import open_store
from striate.data.hearing import Hearing
from striate.data.pool import Request
from striate.data.recording import prepare_sound
from striate.data.sounding import decode_sounds
from striate.errors import DataError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Noise of several rates and lengths, and two files that are no sound."""
    rng = np.random.default_rng(0)
    for number, rate in enumerate((8000, 8000, 16_000, 8000, 44_100)):
        values = rng.uniform(-0.5, 0.5, (rate // 4 + 100 * number, 1 + number % 2))
        soundfile.write(tmp_path / f"{number}.wav", values, rate)
    (tmp_path / "1b.wav").write_text("text")
    (tmp_path / "9.wav").write_bytes(b"")
    return tmp_path


@pytest.mark.parametrize("view", ["waveform", "spectrogram"])
@pytest.mark.parametrize("channels", [None, 2])
def test_each_row_is_its_own_file(folder: Path, view: str, channels: int | None) -> None:
    store = open_store(folder)
    entries = sorted(store.entries, key=lambda entry: entry.name)
    heard = []
    request = Request(options={"view": view}, channels=channels, report=lambda done, total: heard.append((done, total)))
    decoded = decode_sounds(store, entries, request)
    hearing = Hearing.from_dict(decoded.about["reading"])
    assert hearing.rate == 8000
    assert [entries[place].name for place in decoded.kept] == ["0.wav", "1.wav", "2.wav", "3.wav", "4.wav"]
    assert [each.name for each in decoded.set_aside] == ["1b.wav", "9.wav"]
    for row, place in zip(decoded.inputs, decoded.kept, strict=True):
        values, rate = soundfile.read(folder / entries[place].name, dtype="float32", always_2d=True)
        assert np.array_equal(row, prepare_sound(values.T, rate, hearing, channels or 1))
    assert heard[-1][0] <= heard[-1][1]
    assert decoded.about["rates"] == [8000, 16_000, 44_100]
    assert decoded.about["channels"] == [1, 2]
    whole = decoded.inputs.astype(np.float64).reshape(5, channels or 1, -1)
    assert decoded.moments is not None
    assert np.allclose(decoded.moments, np.stack([whole.sum(-1), (whole**2).sum(-1)], -1))
    store.close()


def test_a_reading_settles_everything(folder: Path) -> None:
    store, reading = open_store(folder), Hearing(4000, 500).to_dict()
    entries = sorted(store.entries, key=lambda entry: entry.name)
    decoded = decode_sounds(store, entries, Request(reading=reading, options={"view": "spectrogram"}))
    assert decoded.inputs.shape == (5, 1, 500)
    assert decoded.about["reading"] == reading
    with pytest.raises(DataError, match="the reading gives samples of 500; needed 600"):
        decode_sounds(store, entries, Request(reading=reading, extents=(600,)))
    store.close()
