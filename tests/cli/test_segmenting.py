"""predict for a run that segments: its shares are those of the masks that it writes, file by file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.cli.conftest import Call

import striate

TEXT = "conv3-4, relu, conv1-classes"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> striate.Run:
    """A run of one step: what its masks hold is of no matter, but not one class alone."""
    root, rng = tmp_path_factory.mktemp("segmenting"), np.random.default_rng(0)
    for number in range(12):
        mask = np.where(np.arange(12) < 3 + number % 4, 255, 0).astype(np.uint8)[None].repeat(10, 0)
        picture = (mask // 2 + rng.integers(0, 100, mask.shape)).astype(np.uint8)
        for folder, values in (("images", picture), ("masks", mask)):
            (root / "set" / folder).mkdir(parents=True, exist_ok=True)
            Image.fromarray(values).save(root / "set" / folder / f"{number}.png")
    return striate.train(TEXT, root / "set", steps=30, out=root / "run", probe=False)


def draw(name: str, size: tuple[int, int] = (10, 12)) -> Path:
    pixels = np.random.default_rng(5).integers(0, 256, size, dtype=np.uint8)
    Image.fromarray(pixels).save(name)
    return Path(name)


def test_lines_and_json_hold_the_shares_of_the_masks(call: Call, run: striate.Run) -> None:
    files = [draw("a.png"), draw("another.png", (14, 9))]
    masks = striate.segment(run, files)
    told = json.loads(call("predict", run.path, *files, "--json").out)
    for each, file, mask in zip(told, files, masks, strict=True):
        shares = {name: float((mask.values == 255 * n).mean()) for n, name in enumerate(run.classes)}
        assert each == {
            "file": str(file),
            "mask": None,
            "extents": list(mask.values.shape),
            "shares": pytest.approx(shares),
        }
    lines = call("predict", run.path, *files).out.splitlines()
    for line, each in zip(lines, told, strict=True):
        best = max(each["shares"], key=lambda name: each["shares"][name])
        assert line.startswith(f"{each['file']:<11}  {best} {100 * each['shares'][best]:.1f} %")
        assert "->" not in line


def test_masks_are_written_where_the_lines_say(call: Call, run: striate.Run) -> None:
    file = draw("a.png")
    said = call("predict", run.path, file, "--out", "masks")
    assert said.code == 0
    written = Path(said.out.rstrip("\n").rsplit("-> ", 1)[1])
    assert written.parent.name == "masks"
    assert np.array_equal(np.asarray(Image.open(written)), striate.segment(run, file)[0].values)
    (told,) = json.loads(call("predict", run.path, file, "--out", "more", "--json").out)
    assert Path(told["mask"]).is_file()


def test_a_file_that_cannot_be_read_is_named_and_takes_no_other_files_mask(call: Call, run: striate.Run) -> None:
    Path("broken.png").write_bytes(b"torn")
    files = [draw("a.png"), Path("broken.png"), draw("c.png", (12, 12))]
    said = call("predict", run.path, *files, "--out", "masks", "--json")
    assert said.code == 0
    assert [(each["file"], Path(each["mask"]).name) for each in json.loads(said.out)] == [
        ("a.png", "a.png"),
        ("c.png", "c.png"),
    ]
    (line,) = said.err.splitlines()
    assert line.startswith("striate: ")
    assert "broken.png" in line


def test_where_none_can_be_read_it_is_an_error(call: Call, run: striate.Run) -> None:
    Path("broken.png").write_bytes(b"torn")
    said = call("predict", run.path, "broken.png")
    assert (said.code, said.out) == (2, "")
    assert said.err.splitlines()[-1].startswith("striate: predict: found no readable file among 1")
