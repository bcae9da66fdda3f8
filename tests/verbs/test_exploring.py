from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.explain.tiny import make_tiny, take_state
from tests.verbs.draw import Finished
from tests.verbs.untrained import make_run
from torch import nn

import striate
from striate.errors import InputError, RunError
from striate.explain.look import Look
from striate.explain.views import VIEWS, View
from striate.verbs.exploring import refuse_views

TEXT = "conv3-4, relu, gap, flatten, fc-classes"


@dataclass(frozen=True)
class Seen:
    """What a view was given."""

    look: Look
    training: bool


def keep(look: Look) -> Seen:
    torch.rand(3)
    found = Seen(look, look.module.training)
    if look.options["fail"]:
        raise KeyError("fail")
    look.module.requires_grad_(False)
    return found


@pytest.fixture(autouse=True)
def _a_view_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"steps": 8, "fail": False}
    monkeypatch.setitem(VIEWS, "keep", View("keep", "What was given", keep, (), options))
    for need in ("inputs", "data", "layer"):
        monkeypatch.setitem(VIEWS, need, View(need, "Needs something", keep, (need,), options))


def test_a_view_gets_the_network_and_what_was_asked(finished: Finished) -> None:
    files = sorted((finished.data / "coal").iterdir())[:2]
    heard: list[tuple[int, int]] = []
    seen = striate.explore(
        finished.run.path,
        "keep",
        files,
        layer="conv1",
        unit=2,
        seed=5,
        on_progress=lambda *done: heard.append(done),
        steps="3",
    )
    look = seen.look
    assert (look.layer, look.unit, look.seed, look.options) == ("conv1", 2, 5, {"steps": 3, "fail": False})
    assert (look.name, look.classes, len(look.inputs)) == ("run", finished.run.classes, 2)
    look.on_progress(1, 2)
    assert heard == [(1, 2)]
    assert not seen.training


@pytest.mark.parametrize("fails", [False, True])
def test_the_networks_are_left_as_they_were(fails: bool) -> None:
    net, other = make_tiny(2).train(), make_tiny(2, seed=1).train()
    before = take_state(net), take_state(other)
    try:
        seen = striate.explore(net, "keep", input=(1, 9, 9), beside=[other], fail=fails)
        assert not seen.training
    except KeyError:
        assert fails
    assert (take_state(net), take_state(other)) == before


def test_networks_beside_are_named() -> None:
    net = make_tiny(2)
    run, other = make_run(TEXT, (1, 9, 9)), replace(make_run(TEXT, (1, 9, 9)), path=Path("runs/second"))
    named = striate.explore(run, "keep", beside=[other, replace(other), run]).look.beside
    assert list(named) == ["second", "second 3", "untrained 4"]
    assert named["second"] is other.module
    assert list(striate.explore(net, "keep", input=(1, 9, 9), beside=net).look.beside) == ["Sequential 2"]
    assert list(striate.explore(run, "keep", beside={"a": net, "b": other}).look.beside) == ["a", "b"]
    assert striate.explore(run, "keep", beside=other).look.beside == {"second": other.module}


def test_a_run_beside_is_found_by_its_folder(finished: Finished) -> None:
    seen = striate.explore(finished.run, "keep", beside=[str(finished.run.path)])
    assert list(seen.look.beside) == ["run 2"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"what": "colour"}, "view: found `colour`, needed one of .*keep"),
        ({"what": "keep", "colour": 3}, "keep: found an option `colour`, needed one of steps, fail"),
        ({"what": "keep", "steps": "many"}, "keep: option steps is 'many', needed a whole number"),
        ({"what": "inputs"}, "inputs: needs inputs to look at"),
        ({"what": "data"}, "data: needs a data set"),
        ({"what": "layer"}, "layer: needs a layer"),
        ({"what": "keep", "layer": "conv9"}, "layer: found no `conv9`, needed one of 0, 1"),
        ({"what": "keep", "beside": [3]}, "beside: found a int, needed runs or modules"),
        ({"what": "keep", "beside": ["nowhere"]}, "nowhere"),
    ],
)
def test_what_is_wrong_is_said_before_any_work(call: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        striate.explore(make_tiny(2), input=(1, 9, 9), **call)


def test_runs_that_take_other_inputs_do_not_fit_beside() -> None:
    run = make_run(TEXT, (1, 9, 9))
    with pytest.raises(InputError, match="untrained 2: takes 1x8x8, needed 1x9x9, as the first"):
        striate.explore(run, "keep", beside=make_run(TEXT, (1, 8, 8)))
    other = make_run(TEXT, (1, 9, 9))
    other.settings["recipe"]["mean"] = (0.7,)
    with pytest.raises(InputError, match="untrained 2: normalises its inputs otherwise"):
        striate.explore(run, "keep", beside=other)


def test_what_is_no_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(RunError):
        striate.explore(tmp_path / "nowhere", "keep")
    with pytest.raises(InputError, match="subject: found a int"):
        striate.explore(3, "keep")  # type: ignore[arg-type]


def test_every_view_has_a_line_and_its_own_name() -> None:
    for name, view in VIEWS.items():
        assert view.name == name
        assert view.title
        assert "\n" not in view.title
        assert view.reading.endswith(".") or view.compute is keep
        assert set(view.needs) <= {"inputs", "data", "layer"}
        reserved = {"subject", "what", "inputs", "input", "layer", "unit", "seed", "beside", "data", "on_progress"}
        assert not reserved & set(view.options)


def test_a_module_is_explored_for_real() -> None:
    net = nn.Sequential(nn.Conv1d(2, 3, 3), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(3, 2))
    made = striate.explore(net, "classpictures", input=(2, 12), steps=3)
    assert made.images.shape == (2, 2, 12)


def test_the_views_that_are_named_as_refused_are() -> None:
    run = make_run("conv3-6, relu, gap, flatten, fc-classes", (3, 12, 10))
    assert refuse_views(run) == {}
    run.settings["task"] = {"name": "regress", "mean": [0.0], "std": [1.0]}
    refused = refuse_views(run)
    assert set(refused) == {"surface"}
    with pytest.raises(InputError) as problem:
        striate.explore(run, "surface")
    assert str(problem.value) == refused["surface"]
