"""Folders of sound as users have them: of all forms and harms, of numbers, of several labels; every verb on a run."""

from __future__ import annotations

import io
import json
import os
import struct
import tarfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from numpy.typing import NDArray

import striate
from striate.cli.main import run_command

HOME = Path(os.environ.get("STRIATE_DATA", "")) / "fsdd" / "fsdd-recordings.tar.gz"
NET = "conv64-8/16, bn, relu, gap, flatten, fc-classes"
RATE = 8000
FORMS = [  # of the files that are in order: their ending, rate and channels
    ("wav", 8000, 1),
    ("flac", 16_000, 2),
    ("ogg", 22_050, 1),
    ("mp3", 44_100, 2),
    ("wav", 96_000, 1),
    ("wav", 8000, 6),
    ("mp3", 8000, 1),
    ("ogg", 48_000, 2),
]
HARMS = {
    "one/cut.mp3": "of what its header promises: it was cut off",
    "one/cut.wav": "found 50 % of what its header promises: it was cut off",
    "one/longer.wav": "found 50 % of what its header promises: it was cut off",
    "one/empty.wav": "not a sound that can be read",
    "one/text.wav": "not a sound that can be read",
    "two/one.wav": "found 1 sample, which is below 10 ms",
    "two/none.wav": "found no sample in it",
    "two/nan.wav": "found NaN or infinity",
}

Samples = NDArray[np.float64]


def find_digits(label: str) -> list[Samples]:
    """Recordings of a spoken one or two; where there are none, tones that rise or fall."""
    if HOME.is_file():
        digit = {"one": 1, "two": 2}[label]
        with tarfile.open(HOME) as packed:
            names = sorted(name for name in packed.getnames() if f"/{digit}_" in f"/{name}")[:40:5]
            contents = [packed.extractfile(name) for name in names]
            return [soundfile.read(io.BytesIO(content.read()))[0] for content in contents if content is not None]
    times = np.arange(RATE // 2) / RATE
    bend = 600 if label == "one" else -600
    return [0.4 * np.sin(2 * np.pi * times * (500 + 20 * n + bend * (times - 0.25))) for n in range(8)]


def write_in_order(folder: Path, label: str) -> None:
    """Recordings of every form."""
    (folder / label).mkdir(parents=True)
    for number, (samples, (ending, rate, channels)) in enumerate(zip(find_digits(label), FORMS, strict=True)):
        brought = soxr.resample(samples, RATE, rate)
        where = folder / label / f"{number}_{rate}_{channels}.{ending}"
        soundfile.write(where, np.stack([brought * 0.9**channel for channel in range(channels)], 1), rate)


def write_harmed(folder: Path) -> None:
    """Files with something wrong, and two that are odd but can be read."""
    mp3, wav = (folder / "one" / "3_44100_2.mp3").read_bytes(), (folder / "one" / "0_8000_1.wav").read_bytes()
    (folder / "one" / "cut.mp3").write_bytes(mp3[: len(mp3) * 3 // 4])
    (folder / "one" / "cut.wav").write_bytes(wav[: len(wav) // 2])
    (folder / "one" / "longer.wav").write_bytes(lie(wav, 2.0))
    (folder / "two" / "shorter.wav").write_bytes(lie(wav, 0.5))
    (folder / "one" / "empty.wav").write_bytes(b"")
    (folder / "one" / "text.wav").write_text("this is no sound\n" * 40)
    soundfile.write(folder / "two" / "one.wav", np.full(1, 0.5), RATE)
    soundfile.write(folder / "two" / "none.wav", np.zeros(0), RATE)
    soundfile.write(folder / "two" / "silence.wav", np.zeros(RATE // 2), RATE)
    soundfile.write(folder / "two" / "nan.wav", np.full(RATE // 2, np.nan), RATE, subtype="FLOAT")


def lie(wav: bytes, share: float) -> bytes:
    """The same wav whose data chunk says that it is so many times as long; all else is left as it was."""
    place = wav.index(b"data") + 4
    (length,) = struct.unpack_from("<I", wav, place)
    return wav[:place] + struct.pack("<I", 2 * round(length * share / 2)) + wav[place + 4 :]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder, its files counted and their bytes remembered by the tests."""
    top = tmp_path_factory.mktemp("mixed") / "recordings"
    for label in ("one", "two"):
        write_in_order(top, label)
    write_harmed(top)
    return top


@pytest.mark.parametrize("view", ["waveform", "spectrogram"])
def test_each_file_is_trained_on_or_named(
    folder: Path, view: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STRIATE_CACHE", str(tmp_path / "cache"))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    net = NET if view == "waveform" else "conv3-8/2, bn, relu, gap, flatten, fc-classes"
    run = striate.train(net, folder, out=tmp_path / "run", view=view, epochs=1, probe=False)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    data = run.settings["data"]
    assert data["train"] + data["val"] + data["test"] == 2 * len(FORMS) + 2
    named = dict(run.settings["set_aside"])
    assert set(named) == set(HARMS)
    for name, reason in HARMS.items():
        assert reason in named[name], name
    page = striate.report(run).read_text("utf-8")
    assert all(name in page for name in HARMS)
    assert "1 recording is silent throughout: two/silence.wav" in page
    assert "8,000, 16,000, 22,050, 44,100, 48,000, 96,000 samples a second" in page
    assert "1 or 2 or 6 channels" in page
    assert run_command(["predict", str(run.path), str(folder), "--json"]) == 0
    printed = capsys.readouterr()
    assert len(json.loads(printed.out)) == 2 * len(FORMS) + 2
    said = [line for line in printed.err.splitlines() if line.endswith("; left out")]
    assert len(said) == len(HARMS)
    for line, (name, reason) in zip(said, sorted(HARMS.items()), strict=True):
        assert name in line
        assert reason in line


@pytest.mark.parametrize(
    ("column", "marks", "task"),
    [
        ("target", [f"{300 + 40 * number}" for number in range(30)], "regress"),
        ("labels", [("low", "low;loud", "loud")[number % 3] for number in range(30)], "labels"),
    ],
)
def test_a_table_asks_for_numbers_or_several_labels(
    column: str, marks: list[str], task: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRIATE_CACHE", str(tmp_path / "cache"))
    (tmp_path / "tones").mkdir()
    times = np.arange(RATE // 10) / RATE
    for number in range(30):
        tone = 0.4 * np.sin(2 * np.pi * (300 + 40 * number) * times)
        soundfile.write(tmp_path / "tones" / f"{number}.wav", tone, RATE)
    rows = [f"{number}.wav,{mark}" for number, mark in enumerate(marks)]
    (tmp_path / "tones" / "labels.csv").write_text("\n".join([f"file,{column}", *rows]))
    run = striate.train(NET, tmp_path / "tones", out=tmp_path / "run", epochs=2, probe=False)
    assert run.task.name == task
    assert run.rate == RATE
    assert (run.path / "report.html").read_text("utf-8").count("<audio") >= 1
    answers = striate.predict(run, tmp_path / "tones" / "3.wav")
    assert answers.shape == (1, len(run.classes))
    with pytest.raises(striate.InputError, match=f"is for {task}, but a timeline needs classes"):
        striate.timeline(run, tmp_path / "tones" / "3.wav")


def test_locate_points_to_the_timeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIATE_CACHE", str(tmp_path / "cache"))
    for label in ("one", "two"):
        write_in_order(tmp_path / "digits", label)
    net = "conv3-8/2, bn, relu, gap, flatten, fc-classes"
    run = striate.train(net, tmp_path / "digits", out=tmp_path / "run", view="spectrogram", epochs=1, probe=False)
    with pytest.raises(striate.InputError, match=r"the run takes sound.*--timeline"):
        striate.locate(run, tmp_path / "digits" / "one" / "0_8000_1.wav")
