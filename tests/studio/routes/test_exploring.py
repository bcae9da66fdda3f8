"""The views of the Question view: drawn as `striate explore` draws them, once; and the text of the table."""

from __future__ import annotations

import json
from base64 import b64decode
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.studio.asked_runs import ask, find_run
from tests.studio.conftest import Served

import striate
from striate.explain.views import VIEWS
from striate.report import figure


def test_the_views_are_those_of_the_catalogue(asked: Served) -> None:
    found = ask(asked, "views", run=find_run(asked))
    assert {each["name"]: each["reading"] for each in found["views"]} == {
        name: view.reading for name, view in VIEWS.items()
    }
    assert next(each for each in found["views"] if each["name"] == "maps")["options"] == {"most": "0"}


@pytest.mark.parametrize(
    ("view", "body", "more"),
    [
        ("kernels", {}, {}),
        ("maps", {"sample": {"number": 1}, "layer": "conv2"}, {"layer": "conv2"}),
        ("visualise", {"options": {"units": "0,1", "steps": "4"}, "seed": 3}, {"units": (0, 1), "steps": 4, "seed": 3}),
    ],
)
def test_a_view_is_drawn_as_explore_draws_it_and_once(
    asked: Served,
    view: str,
    body: dict[str, Any],
    more: dict[str, Any],
) -> None:
    folder = asked.session.runs / "digits"
    found = ask(asked, "explore", run=find_run(asked), view=view, **body)
    inputs = asked.session.questions.hold(folder).part.inputs[1:2] if "sample" in body else None
    drawn = BytesIO()
    figure(striate.explore(folder, view, inputs, **more)).savefig(drawn, format="png", dpi=150)
    mine, wanted = (
        Image.open(BytesIO(each)) for each in (b64decode(found["picture"].partition(",")[2]), drawn.getvalue())
    )
    assert np.array_equal(np.asarray(mine), np.asarray(wanted))
    assert mine.size == (found["width"], found["height"])
    assert found["new"]
    again = ask(asked, "explore", run=find_run(asked), view=view, **body)
    assert not again["new"]
    assert again["picture"] == found["picture"]


@pytest.mark.parametrize(
    "body",
    [
        {"view": "magic"}, {"view": "maps"}, {"view": "kernels", "layer": "nowhere"}, {"view": "kernels", "options": 1},
        {"view": "kernels", "options": {"most": "many"}}, {"view": "kernels", "options": {"a b": "1"}},
    ],
)  # fmt: skip
def test_what_is_wrong_is_a_problem_in_a_line(asked: Served, body: dict[str, Any]) -> None:
    problem = ask(asked, "explore", run=find_run(asked), **body)["problem"]
    assert "\n" not in problem


def test_the_network_is_told_so_that_its_table_is_the_runs(asked: Served) -> None:
    network = ask(asked, "measurable", run=find_run(asked))
    table = striate.measure(striate.load(asked.session.runs / "digits"))
    found = ask(asked, "measure", **network, batch=1)
    assert found["totals"]["parameters"] == table.parameters
    assert found["totals"]["multiplies"] == table.multiplies
    assert json.dumps(network["input"]) == "[1, 8, 8]"
