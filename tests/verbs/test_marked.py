"""A labels.csv over files of every medium: several labels a file, or numbers, from the table to the answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image
from tests.data.moving import draw_moving, write_gif

import striate
from striate.cli.main import run_command
from striate.data import load_dataset

COUNT = 30
NET = "conv3-4, relu, gmp, flatten, fc-classes"


def write_picture(path: Path, number: int) -> None:
    pixels = np.random.default_rng(number).integers(0, 99, (6, 6)) + 5 * number
    Image.fromarray(pixels.astype(np.uint8)).save(path.with_suffix(".png"))


def write_tone(path: Path, number: int) -> None:
    tone = np.sin(2 * np.pi * (50 + 10 * number) * np.arange(200) / 2000)
    soundfile.write(path.with_suffix(".wav"), 0.3 * tone, 2000)


def write_clip(path: Path, number: int) -> None:
    write_gif(path.with_suffix(".gif"), np.clip(draw_moving(4, 1, side=20).astype(int) + number, 0, 255).astype("u1"))


def write_volume(path: Path, number: int) -> None:
    np.save(path.with_suffix(".npy"), np.random.default_rng(number).normal(number, 1, (3, 4, 5)))


def write_text(path: Path, number: int) -> None:
    path.with_suffix(".txt").write_text(" ".join(["word"] * (1 + number % 4) + [f"number{number % 3}"]))


MEDIA: dict[str, Callable[[Path, int], None]] = {
    "images": write_picture,
    "sound": write_tone,
    "video": write_clip,
    "volumes": write_volume,
    "words": write_text,
}
MARKS: dict[str, tuple[str, Callable[[int], str]]] = {
    "regress": ("target", lambda number: f"{number / 4 - 3}"),
    "labels": ("labels", lambda number: ";".join(["even"] * (number % 2 == 0) + ["third"] * (number % 3 == 0))),
}


def mark_files(folder: Path, medium: str, task: str) -> Path:
    """Files of a medium and the table that marks them."""
    folder.mkdir(parents=True)
    for number in range(COUNT):
        MEDIA[medium](folder / f"{number:02}", number)
    column, tell = MARKS[task]
    rows = [f"{file.name},{tell(int(file.stem))}" for file in sorted(folder.iterdir())]
    (folder / "labels.csv").write_text("\n".join([f"file,{column}", *rows]))
    return folder


@pytest.mark.parametrize("task", MARKS)
@pytest.mark.parametrize("medium", MEDIA)
def test_a_table_marks_files_of_every_medium(
    medium: str, task: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STRIATE_CACHE", str(tmp_path / "cache"))
    folder = mark_files(tmp_path / "data", medium, task)
    held = load_dataset(folder, split=False)
    assert held.test is not None
    assert (held.task, held.facts.kind) == (task, medium)
    column, tell = MARKS[task]
    for name, label in zip(held.test.names, held.test.labels, strict=True):
        told = tell(int(Path(name).stem))
        if task == "labels":
            assert ";".join(np.array(held.classes)[label]) == told
        else:
            assert label == pytest.approx([float(told)])
    net = NET if medium != "words" else "embed8-4, " + NET
    run = striate.train(net, folder, out=tmp_path / "run", steps=3, probe=False, threads=1)
    assert run.result is not None
    assert run.classes == (("even", "third") if task == "labels" else (column,))
    assert striate.evaluate(run, folder).to_dict() == run.result.to_dict()
    files = sorted(folder.iterdir())[:3]
    assert striate.predict(run, files).shape == (3, len(run.classes))
    assert run_command(["predict", str(run.path), *map(str, files)]) == 0
    assert capsys.readouterr().out.count(str(folder)) == 3


@pytest.mark.parametrize("task", MARKS)
def test_a_table_of_texts_has_numbers_or_labels_too(task: str, tmp_path: Path) -> None:
    column, tell = MARKS[task]
    rows = [f"word number{number % 3},{tell(number)}" for number in range(COUNT)]
    (tmp_path / "said.csv").write_text("\n".join([f"text,{column}", *rows]))
    found = load_dataset(tmp_path / "said.csv", split=False)
    assert found.test is not None
    assert (found.task, found.facts.kind, len(found.test)) == (task, "words", COUNT)
    wanted = [tell(number) for number in range(COUNT)]
    if task == "regress":
        assert found.test.labels[:, 0].tolist() == [float(each) for each in wanted]
    else:
        assert [";".join(np.array(found.classes)[row]) for row in found.test.labels] == wanted
