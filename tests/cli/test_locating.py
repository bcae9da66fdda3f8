from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.cli.conftest import Call
from tests.verbs.draw import Finished

import striate


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Patches of every brightness, on black."""
    rng, pixels = np.random.default_rng(0), np.zeros((40, 60), np.uint8)
    for number, (top, left) in enumerate([(2, 2), (3, 20), (25, 5), (24, 40)]):
        pixels[top : top + 12, left : left + 12] = 66 * (number % 3) + rng.integers(0, 66, (12, 12))
    path = tmp_path / "patches.png"
    Image.fromarray(pixels).save(path)
    return path


def test_what_is_printed_is_what_was_found(call: Call, finished: Finished, picture: Path) -> None:
    found = striate.locate(finished.run, picture, threshold=0.5)
    said = call("locate", finished.run.path, picture, "--threshold", 0.5)
    assert (said.code, said.err) == (0, "")
    first, second, empty, header, *rows = said.out.splitlines()
    assert first.startswith(f"{picture} (40x60): ")
    for label in {place.label for place in found.places}:
        assert f"{sum(place.label == label for place in found.places)} of {label}" in first
    assert second == f"a window of 10x10 at scale {', '.join(f'{sweep.scale:.2g}' for sweep in found.sweeps)}"
    assert (empty, header.split()) == ("", ["class", "sure", "top", "left", "height", "width"])
    assert len(rows) == len(found.places) > 0
    for row, place in zip(rows, found.places, strict=True):
        assert row.startswith(place.label)
        figures = [round(each) for pair in (place.start, place.extents) for each in pair]
        assert [int(word) for word in row.split()[-4:]] == figures
        assert "100.0 %" not in row
        assert f"{100 * place.probability:.1f} %" in row or place.probability > 0.999


def test_json_holds_everything(call: Call, finished: Finished, picture: Path) -> None:
    found = striate.locate(finished.run, picture, threshold=0.5, scales=[1, 0.5])
    said = call("locate", finished.run.path, picture, "--threshold", 0.5, "--scale", 1, "--scale", 0.5, "--json")
    answer = json.loads(said.out)
    assert (said.code, answer.pop("image"), answer.pop("extents")) == (0, str(picture), [40, 60])
    rows = answer.pop("places")
    assert answer == {"window": [10, 10], "scales": [0.5, 1], "exact": True, "why": ""}
    assert [(row["class"], row["probability"], tuple(row["start"])) for row in rows] == [
        (place.label, place.probability, place.start) for place in found.places
    ]
    assert [(tuple(row["extents"]), row["scale"]) for row in rows] == [(p.extents, p.scale) for p in found.places]


def test_one_class_can_be_asked_for_and_one_be_nothing(call: Call, finished: Finished, picture: Path) -> None:
    def ask(*options: object) -> list[str]:
        rows = json.loads(call("locate", finished.run.path, picture, "--threshold", 0.4, "--json", *options).out)
        return [row["class"] for row in rows["places"]]

    everything = ask()
    one = everything[0]
    assert ask("--class", one) == [label for label in everything if label == one]
    assert set(ask("--class", "coal", "--class", "slate")) <= {"coal", "slate"}
    assert one not in ask("--background", one)


def test_a_padded_network_that_slides_says_why_it_is_not_exact(call: Call, finished: Finished, picture: Path) -> None:
    said = call("locate", finished.run.path, picture, "--dense")
    assert said.code == 0
    (line,) = (line for line in said.out.splitlines() if line.startswith("not exact: "))
    assert "past a crop's border" in line
    assert "not exact" not in call("locate", finished.run.path, picture, "--crops").out


def test_where_nothing_is_found_that_is_said(call: Call, finished: Finished) -> None:
    Image.fromarray(np.zeros((20, 30), np.uint8)).save("black.png")
    said = call("locate", finished.run.path, "black.png", "--plot", "black.svg")
    assert said.out.splitlines()[0] == "black.png (20x30): nothing found"
    assert "Nothing was found." in Path("black.svg").read_text()


def test_many_findings_are_cut_short_with_a_way_to_see_all(
    call: Call, finished: Finished, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("striate.cli.locating.MOST_LINES", 1)
    said = call("locate", finished.run.path, picture, "--threshold", 0.4)
    count = len(striate.locate(finished.run, picture, threshold=0.4).places)
    assert said.out.splitlines()[-1] == f"... and {count - 1} more: --json has all of them"


@pytest.mark.parametrize("json", [True, False])
def test_it_is_drawn_beside_what_is_printed(call: Call, finished: Finished, picture: Path, json: bool) -> None:
    said = call("locate", finished.run.path, picture, "--plot", "found.png", *(["--json"] if json else []))
    assert said.code == 0
    with Image.open("found.png") as drawn:
        assert drawn.format == "PNG"
    assert "picture   found.png" in (said.err if json else said.out)


WRONG = [
    (["--class", "cat"], "found no class `cat`, needed one of coal, slate, snow & ice"),
    (["--background", "cat"], "found no class `cat`, needed one of"),
    (["--threshold", "2"], "threshold is 2, needed a number above 0 and up to 1"),
    (["--scale", "-1"], "scale is -1, needed a number above 0"),
    (["--scale", "0.1"], "found 40x60 at scales up to 0.1, needed at least the run's window of 10x10"),
    (["--plot", "found.gif"], "found the suffix .gif"),
    (["--plot", "patches.png"], "is there already, and Striate didn't draw it"),
]


@pytest.mark.parametrize(("options", "message"), WRONG)
def test_what_is_wrong_is_said_in_one_line(
    call: Call, finished: Finished, picture: Path, options: list[str], message: str
) -> None:
    before = picture.read_bytes()
    said = call("locate", finished.run.path, picture, *options)
    assert (said.code, said.out) == (2, "")
    (line,) = said.err.splitlines()
    assert message in line
    assert picture.read_bytes() == before


def test_a_picture_that_is_none_is_said(call: Call, finished: Finished) -> None:
    Path("torn.png").write_bytes(b"torn")
    for name in ("torn.png", "nosuch.png"):
        said = call("locate", finished.run.path, name)
        assert (said.code, said.out) == (2, "")
        assert said.err.startswith(f"striate: {name}: ")
    assert call("locate", "nosuch", "torn.png").code == 2
