"""A folder of everything: rates, channels and formats mixed; files that are cut off, mislabelled, silent or a click."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from striate.data import load_dataset, load_files
from striate.errors import DataError

HARMS = {
    "high/cut.mp3": "of what its header promises: it was cut off",
    "low/cut.wav": "found 50 % of what its header promises",
    "low/empty.wav": "not a sound that can be read",
    "low/one.wav": "found 1 sample, which is below 10 ms",
    "low/picture.png": "images among sound",
    "low/text.wav": "not a sound that can be read",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tones of 300 and 1,500 Hz in every format, and what is no such tone."""
    top = tmp_path_factory.mktemp("sounds") / "tones"
    for number in range(16):
        label, rate, channels = ("low", "high")[number % 2], (8000, 16_000, 44_100)[number % 3], 1 + number % 2
        times = np.arange(int(rate * (0.3 + 0.02 * (number % 4)))) / rate
        tone = 0.3 * np.sin(2 * np.pi * (300 if label == "low" else 1500) * times)
        (top / label).mkdir(parents=True, exist_ok=True)
        ending = ("wav", "flac", "ogg", "mp3")[number % 4]
        soundfile.write(top / label / f"{number:02}.{ending}", np.stack([tone] * channels, 1), rate)
    whole = (top / "high" / "07.mp3").read_bytes()
    (top / "high" / "cut.mp3").write_bytes(whole[: len(whole) * 4 // 5])
    whole = (top / "low" / "00.wav").read_bytes()
    (top / "low" / "cut.wav").write_bytes(whole[: len(whole) // 2])
    (top / "low" / "text.wav").write_text("no sound at all\n" * 9)
    (top / "low" / "empty.wav").write_bytes(b"")
    (top / "low" / "picture.png").write_bytes(b"\x89PNG")
    soundfile.write(top / "low" / "silent.wav", np.zeros(3000), 8000)
    soundfile.write(top / "low" / "one.wav", np.ones(1) / 2, 8000)
    return top


def test_each_file_is_read_or_named(folder: Path) -> None:
    data = load_dataset(folder, split=False)
    assert data.test is not None
    assert data.classes == ("high", "low")
    assert (data.facts.kind, data.facts.samples, data.facts.rate) == ("sound", 17, 8000)
    assert data.test.inputs.dtype == np.int16
    found = {file.name: file.reason for file in data.set_aside}
    assert set(found) == set(HARMS)
    for name, reason in HARMS.items():
        assert reason in found[name]
    assert any("1 recording is silent throughout: low/silent.wav" in note for note in data.facts.notes)
    peaks = {
        name: int(np.abs(one.astype(int)).max()) for name, one in zip(data.test.names, data.test.inputs, strict=True)
    }
    assert peaks.pop("low/silent.wav") == 0
    assert all(abs(peak - 0.9 * 32768) < 2 for peak in peaks.values())


def test_each_tone_keeps_its_pitch(folder: Path) -> None:
    data = load_dataset(folder, split=False)
    assert data.test is not None
    for name, one, label in zip(data.test.names, data.test.inputs, data.test.labels, strict=True):
        if "silent" not in name:
            power = np.abs(np.fft.rfft(one[0].astype(float), 8000))
            assert abs(int(power.argmax()) - (1500, 300)[int(label)]) <= 5, name


@pytest.mark.parametrize("view", ["waveform", "spectrogram"])
def test_the_cache_an_archive_and_single_files_say_the_same(
    folder: Path, tmp_path: Path, view: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRIATE_CACHE", str(tmp_path / "cache"))
    first = load_dataset(folder, options={"view": view})
    second = load_dataset(folder, options={"view": view})
    assert isinstance(second.train.inputs, np.ndarray)
    assert second.fingerprint == first.fingerprint
    assert second.facts == first.facts
    with tarfile.open(tmp_path / "tones.tar.gz", "w:gz") as packed:
        packed.add(folder, "tones")
    assert load_dataset(tmp_path / "tones.tar.gz", options={"view": view}).fingerprint == first.fingerprint
    size = {"extents": first.facts.extents, "channels": 1}
    again = load_dataset(folder, reading=first.reading, **size)  # type: ignore[arg-type]
    assert again.fingerprint == first.fingerprint
    values, names, aside = load_files(
        [folder / name for name in first.train.names], reading=first.reading, extents=first.facts.extents, channels=1
    )
    assert not aside
    assert len(names) == len(first.train)
    assert (values == np.asarray(first.train.inputs)).all()


def test_a_changed_file_is_read_anew(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIATE_CACHE", str(tmp_path / "cache"))
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    before = load_dataset(copy).fingerprint
    soundfile.write(copy / "low" / "00.wav", np.random.default_rng(0).uniform(-1, 1, 3000), 8000)
    assert load_dataset(copy).fingerprint != before


def test_a_table_may_ask_for_numbers(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    files = sorted(path.relative_to(copy).as_posix() for path in copy.rglob("[01]*.*"))
    (copy / "labels.csv").write_text("file,target\n" + "\n".join(f"{file},{n}.5" for n, file in enumerate(files)))
    data = load_dataset(copy)
    assert data.task == "regress"
    assert data.train.labels.dtype == np.float32


def test_nothing_that_can_be_heard(tmp_path: Path) -> None:
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        (tmp_path / label / "1.wav").write_text("text")
    with pytest.raises(DataError, match="found no sample that can be read"):
        load_dataset(tmp_path)
