from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from tests.cli.conftest import Call
from tests.verbs.draw import Finished

import striate
from striate.cli.exploring import MOST_VALUES, to_plain
from striate.explain.views import VIEWS

STEPS = ["--option", "steps=3", "--option", "starts=1"]


def test_a_view_is_drawn_into_a_file_named_after_it(call: Call, finished: Finished) -> None:
    said = call("explore", finished.run.path, "classpictures", *STEPS)
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == ["A picture of each class", "picture   explore-classpictures.png"]
    with Image.open("explore-classpictures.png") as drawn:
        assert drawn.format == "PNG"
        assert drawn.width > 1000
    before = Path("explore-classpictures.png").read_bytes()
    assert call("explore", finished.run.path, "classpictures", *STEPS).code == 0  # ours may be drawn anew
    assert Path("explore-classpictures.png").read_bytes() == before


def test_a_file_that_is_not_ours_is_never_overwritten(call: Call, finished: Finished) -> None:
    Image.new("RGB", (2, 2)).save("explore-classpictures.png")
    before = Path("explore-classpictures.png").read_bytes()
    said = call("explore", finished.run.path, "classpictures", *STEPS)
    assert (said.code, said.out) == (2, "")
    assert "is there already, and Striate didn't draw it" in said.err
    assert Path("explore-classpictures.png").read_bytes() == before


def test_what_is_asked_is_what_the_verb_gives(call: Call, finished: Finished) -> None:
    options = ["--layer", "conv1", "--unit", 2, "--seed", 4, "--json"]
    said = call("explore", finished.run.path, "visualise", *STEPS, *options)
    assert (said.code, said.err) == (0, "")
    made = striate.explore(finished.run, "visualise", layer="conv1", unit=2, seed=4, steps=3, starts=1)
    answer = json.loads(said.out)
    assert answer["objective"] == ["conv1:2"]
    np.testing.assert_allclose(answer["images"], made.images.tolist(), atol=1e-5)
    np.testing.assert_allclose(answer["reached"], made.reached, rtol=1e-4)
    assert not list(Path().glob("*.png"))


def test_json_is_drawn_too_where_a_file_is_named(call: Call, finished: Finished) -> None:
    said = call("explore", finished.run.path, "classpictures", *STEPS, "--json", "--out", "classes.svg")
    assert said.code == 0
    json.loads(said.out)
    assert said.err.splitlines() == ["picture   classes.svg"]
    assert Path("classes.svg").read_text().startswith("<?xml")


def test_files_are_looked_at(call: Call, finished: Finished) -> None:
    files = sorted((finished.data / "coal").iterdir())[:2]
    said = call("explore", finished.run.path, "caricature", *files, *STEPS, "--json")
    assert json.loads(said.out)["labels"] == [file.name for file in files]


def test_the_views_are_listed_a_line_each(call: Call) -> None:
    said = call("explore", "--list")
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert [line.split()[0] for line in lines] == sorted(VIEWS)
    (caricature,) = (line for line in lines if line.startswith("caricature"))
    assert "What a layer noticed (needs inputs)" in caricature
    assert " power=1.0 " in caricature.replace("[", " ")
    listed = json.loads(call("explore", "--list", "--json").out)
    assert [view["name"] for view in listed] == sorted(VIEWS)
    assert {"name", "title", "needs", "options"} == set(listed[0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "explore: needed a run and a view"),
        (["RUN"], "explore: needed a run and a view"),
        (["RUN", "colours"], "view: found `colours`, needed one of caricature, classpictures"),
        (["RUN", "caricature"], "caricature: needs inputs to look at"),
        (["RUN", "classpictures", "--option", "steps"], "--option steps: needed a name and a value"),
        (["RUN", "classpictures", "--option", "steps=1", "--option", "steps=2"], "found steps twice"),
        (["RUN", "classpictures", "--option", "colour=1"], "classpictures: found an option `colour`"),
        (["RUN", "classpictures", "--option", "layer=conv1"], "classpictures: found an option `layer`"),
        (["RUN", "classpictures", "--option", "steps=many"], "option steps is 'many', needed a whole number"),
        (["RUN", "classpictures", "--out", "classes.gif"], "found the suffix .gif"),
        (["RUN", "visualise", "--layer", "conv9"], "layer: found no `conv9`"),
        (["RUN", "classpictures", "--beside", "nowhere"], "nowhere"),
        (["nowhere", "classpictures"], "nowhere"),
        (["RUN", "caricature", "nowhere.png"], "nowhere.png"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(call: Call, finished: Finished, arguments: list[str], message: str) -> None:
    said = call("explore", *(str(finished.run.path) if each == "RUN" else each for each in arguments))
    assert (said.code, said.out) == (2, "")
    (line,) = said.err.splitlines()
    assert message in line
    assert not list(Path().glob("*.png"))


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (torch.arange(4).reshape(2, 2), [[0, 1], [2, 3]]),
        (np.float32(0.5), 0.5),
        ({1: (torch.tensor(2.0),)}, {"1": [2.0]}),
        (None, None),
        (torch.float32, "torch.float32"),
    ],
)
def test_results_become_plain(value: Any, plain: Any) -> None:
    assert to_plain(value) == plain
    json.dumps(to_plain(value))


def test_a_large_tensor_is_told_in_short() -> None:
    values = torch.linspace(-1, 3, MOST_VALUES + 1)
    assert to_plain(values) == {"shape": [MOST_VALUES + 1], "least": -1.0, "most": 3.0}
