from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from tests.verbs.heldout.conftest import Hold

import striate
from striate.errors import DataError, RunError
from striate.verbs.heldout import answer_held_out

TASKS = ("classify", "labels", "regress", "segment", "restore", "continue")


@pytest.mark.parametrize("task", TASKS)
def test_the_figures_are_the_runs_own_and_those_of_evaluate(hold: Hold, task: str) -> None:
    held = hold(task)
    assert held.run.result is not None
    told = held.result.to_dict()
    assert held.result.merit == pytest.approx(held.run.result.merit, abs=1e-6)
    assert held.result.interval == pytest.approx(held.run.result.interval, abs=1e-6)
    assert (held.result.part, held.result.correct) == (held.run.result.part, held.run.result.correct)
    if not held.run.settings["data"]["in_memory"]:
        assert striate.evaluate(held.run, held.run.settings["data"]["source"]).to_dict() == told


def test_every_sample_asked_alone_has_the_same_answer(hold: Hold) -> None:
    held = hold("classify")
    alone = np.concatenate([striate.predict(held.run, held.part.inputs[place : place + 1]) for place in range(40)])
    assert np.abs(alone - held.answers[:40]).max() <= 1e-5
    assert len(held) == len(held.part) == held.result.total


def test_how_far_it_is_is_heard(hold: Hold) -> None:
    heard: list[tuple[int, int]] = []
    answer_held_out(hold("classify").run, on_score=lambda done, total: heard.append((done, total)))
    assert heard[-1][0] == heard[-1][1] == len(hold("classify"))


def test_arrays_must_be_given_again(hold: Hold) -> None:
    with pytest.raises(RunError, match="arrays in memory"):
        answer_held_out(hold("labels").run)


def test_a_run_that_held_nothing_out_says_so(hold: Hold, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = SimpleNamespace(test=None, val=None)
    monkeypatch.setattr("striate.verbs.heldout.part.reload_data", lambda *given: nothing)
    with pytest.raises(DataError, match="no sample that was held out"):
        answer_held_out(hold("classify").run)
