"""predict for a run that restores: each file made anew into the folder, and a line that says where."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.cli.conftest import Call

import striate


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> striate.Run:
    """A run of two steps: what it makes of a picture is of no matter."""
    out = tmp_path_factory.mktemp("restoring") / "run"
    return striate.train("conv3-4, relu, conv1-classes", "digits", corrupt="noise=0.3", steps=2, out=out, probe=False)


def draw(name: str, size: tuple[int, int]) -> Path:
    Image.fromarray(np.random.default_rng(5).integers(0, 256, size, dtype=np.uint8)).save(name)
    return Path(name)


def test_lines_and_json_say_where_each_file_went(call: Call, run: striate.Run) -> None:
    files = [draw("a.png", (8, 8)), draw("another.png", (11, 9))]
    said = call("predict", run.path, *files, "--out", "made")
    assert (said.code, said.err) == (0, "")
    for line, file in zip(said.out.splitlines(), files, strict=True):
        name, path = line.split("  -> ")
        assert name == f"{file!s:<11}"
        assert Path(path).name == file.name
        (found,) = striate.restore(run, file)
        written = np.asarray(Image.open(path)).astype(float) / 255
        assert np.abs(written - found.values[0]).max() <= 0.51 / 255
    told = json.loads(call("predict", run.path, *files, "--out", "again", "--json").out)
    assert [each["extents"] for each in told] == [[8, 8], [11, 9]]
    assert [Path(each["restored"]).read_bytes() for each in told] == [
        (Path("made") / file.name).read_bytes() for file in files
    ]


def test_without_a_folder_nothing_is_begun(call: Call, run: striate.Run) -> None:
    said = call("predict", run.path, draw("a.png", (8, 8)))
    assert (said.code, said.out) == (2, "")
    assert "Add --out FOLDER" in said.err


def test_a_file_that_cannot_be_read_is_named_and_the_others_made(call: Call, run: striate.Run) -> None:
    Path("broken.png").write_bytes(b"torn")
    said = call("predict", run.path, "broken.png", draw("a.png", (8, 8)), "--out", "made", "--json")
    assert said.code == 0
    assert [each["file"] for each in json.loads(said.out)] == ["a.png"]
    assert "broken.png" in said.err
    assert [path.name for path in Path("made").iterdir()] == ["a.png"]
    alone = call("predict", run.path, "broken.png", "--out", "none")
    assert (alone.code, alone.out) == (2, "")
    assert "found no readable file among 1" in alone.err
