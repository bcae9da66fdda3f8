"""Pairs of recordings: cut at one moment and levelled by one factor, against a search through every moment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from striate.data import sweep
from striate.data.folder import Folder
from striate.data.hearing import Hearing
from striate.data.pairs import match_pairs
from striate.data.pairsound import Heard, decode_pairs, fit_pair
from striate.data.pool import Request
from striate.errors import DataError

Floats = NDArray[np.float32]


def draw(seed: int, channels: int, length: int, scale: float = 0.4) -> Floats:
    values: Floats = np.random.default_rng(seed).uniform(-scale, scale, (channels, length)).astype(np.float32)
    return values


def decode(folder: Path, request: Request | None = None) -> Heard:
    store = Folder(folder)
    return decode_pairs(store, match_pairs(store)[0], request or Request())


def write(folder: Path, name: str, noisy: Floats, clean: Floats, rate: int = 8000, other: int | None = None) -> None:
    for half, values, its in (("noisy", noisy, rate), ("clean", clean, other or rate)):
        (folder / half).mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / half / f"{name}.wav", values.T, its, subtype="FLOAT")


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(("found", "length"), [(30, 12), (30, 30), (12, 30), (30, 29)])
def test_both_halves_are_the_damaged_ones_loudest_stretch_by_one_factor(channels: int, found: int, length: int) -> None:
    noisy, clean = draw(found, channels, found), draw(length + 1, channels, found)
    power = [
        float((noisy[:, start : start + length].astype(float) ** 2).sum())
        for start in range(max(1, found - length + 1))
    ]
    start = power.index(max(power))
    cut = [np.zeros((channels, length)) for _ in range(2)]
    for each, values in zip(cut, (noisy, clean), strict=True):
        part = values[:, start : start + length]
        each[:, : part.shape[1]] = part
    gain = 0.9 / np.abs(cut[0]).max()
    for made, expected in zip(fit_pair(noisy, clean, length), cut, strict=True):
        assert made.dtype == np.int16
        assert np.abs(made - np.clip(expected * gain * 32768, -32768, 32767)).max() <= 1


def test_silence_stays_silent_whatever_the_clean_one_is() -> None:
    noisy, clean = fit_pair(np.zeros((1, 9), np.float32), draw(0, 1, 9), 9)
    assert not noisy.any()
    assert not clean.any()


def test_a_clean_one_that_is_louder_is_cut_off_at_full_scale() -> None:
    noisy, clean = fit_pair(np.array([[0.1, -0.1]], np.float32), np.array([[0.5, -0.5]], np.float32), 2)
    assert abs(int(noisy[0, 0]) - round(0.9 * 32768)) <= 1
    assert clean.tolist() == [[32767, -32768]]


def test_rows_places_and_lengths_belong_together(tmp_path: Path) -> None:
    for number, frames in enumerate((900, 700, 800)):
        write(tmp_path, str(number), draw(number, 1, frames), draw(9 + number, 1, frames))
    write(tmp_path, "0b", draw(1, 1, 900), draw(2, 1, 901))
    write(tmp_path, "1b", draw(1, 1, 900), draw(2, 1, 900), rate=8000, other=16_000)
    (tmp_path / "noisy" / "2.wav").write_bytes(b"no sound")
    heard = decode(tmp_path)
    names = [pair.name for pair in match_pairs(Folder(tmp_path))[0]]
    assert names == ["noisy/0.wav", "noisy/0b.wav", "noisy/1.wav", "noisy/1b.wav", "noisy/2.wav"]
    assert (heard.kept, heard.lengths) == ([0, 2], [900, 700])
    assert list(heard.reasons) == [1, 3, 4]
    assert "900 samples at 8,000, but its clean one 901 at 8,000" in heard.reasons[1]
    assert "clean one 900 at 16,000" in heard.reasons[3]
    assert heard.noisy.shape == heard.clean.shape == (2, 1, heard.hearing.length)
    for row, place in enumerate(heard.kept):
        file = names[place].removeprefix("noisy/")
        values = [soundfile.read(tmp_path / half / file, dtype="float32")[0][None] for half in ("noisy", "clean")]
        noisy, clean = fit_pair(values[0], values[1], heard.hearing.length)
        assert np.array_equal(heard.noisy[row], noisy)
        assert np.array_equal(heard.clean[row], clean)


def test_channels_are_mixed_or_kept_as_asked(tmp_path: Path) -> None:
    write(tmp_path, "0", draw(0, 2, 400), draw(1, 2, 400))
    mono, both = decode(tmp_path), decode(tmp_path, Request(channels=2))
    assert (mono.noisy.shape[1], both.noisy.shape[1]) == (1, 2)
    mixed = soundfile.read(tmp_path / "noisy/0.wav")[0].mean(1)
    assert np.abs(mono.noisy[0, 0] - mixed * 0.9 * 32768 / np.abs(mixed).max()).max() <= 1


def test_a_reading_stands_above_what_the_files_suggest(tmp_path: Path) -> None:
    write(tmp_path, "0", draw(0, 1, 400), draw(1, 1, 400))
    reading = Hearing(4000, 150).to_dict()
    heard = decode(tmp_path, Request(reading={**reading, "paired": True}))
    assert heard.hearing == Hearing(4000, 150)
    assert (heard.noisy.shape, heard.lengths) == ((1, 1, 150), [200])


def test_spectrograms_are_refused_and_all_that_fail_leave_nothing(tmp_path: Path) -> None:
    write(tmp_path, "0", draw(0, 1, 4000), draw(1, 1, 4000))
    with pytest.raises(DataError, match="pairs of sounds are restored as waveforms"):
        decode(tmp_path, Request(options={"view": "spectrogram"}))
    (tmp_path / "clean" / "0.wav").write_bytes(b"")
    heard = decode(tmp_path)
    assert len(heard.noisy) == len(heard.clean) == 0
    assert list(heard.reasons) == [0]


def test_a_file_that_is_too_large_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "0", draw(0, 1, 400), draw(1, 1, 400))
    monkeypatch.setattr(sweep, "MOST_BYTES", 100)
    assert decode(tmp_path).reasons == {0: "more than 100 bytes"}


def test_progress_is_told_pair_by_pair(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    for number in range(3):
        write(tmp_path, str(number), draw(0, 1, 200), draw(1, 1, 200))
    decode(tmp_path, Request(report=lambda done, total: told.append((done, total))))
    assert told == [(1, 3), (2, 3), (3, 3)]
