from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from tests.studio.asked_runs import ask, find_run, train_digits
from tests.studio.conftest import Served, serving

import striate


def test_the_counts_are_those_of_evaluate(asked: Served) -> None:
    found = ask(asked, "outcomes", run=find_run(asked))
    result = striate.evaluate(asked.session.runs / "digits", "digits")
    assert found["result"] == json.loads(json.dumps(result.to_dict()))
    counts = found["grid"]["counts"]
    assert sum(map(sum, counts)) == result.total
    assert sum(counts[place][place] for place in range(10)) == result.correct


def test_a_cells_samples_are_behind_it_and_can_be_opened(asked: Served) -> None:
    run = find_run(asked)
    counts = ask(asked, "outcomes", run=run)["grid"]["counts"]
    row, column = next((r, c) for r in range(10) for c in range(10) if r != c and counts[r][c])
    found = ask(asked, "examples", run=run, row=row, column=column)
    assert found["total"] == counts[row][column]
    first = found["samples"][0]
    assert (first["truth"], first["answer"], first["right"]) == (str(row), str(column), False)
    assert first["media"]["frames"][0].startswith("data:image/png;base64,")
    whole = ask(asked, "sample", run=run, number=first["number"])
    assert whole["name"] == first["name"]
    assert max(whole["scores"], key=lambda pair: pair[1])[0] == str(column)
    assert whole["certainty"] == max(value for _, value in whole["scores"])


def test_pages_go_on_where_the_last_one_ended(asked: Served) -> None:
    run = find_run(asked)
    whole = ask(asked, "examples", run=run, only="wrong", count=12)
    parts = [
        *ask(asked, "examples", run=run, only="wrong", count=5)["samples"],
        *ask(asked, "examples", run=run, only="wrong", first=5, count=7)["samples"],
    ]
    assert parts == whole["samples"]


@pytest.mark.parametrize(
    ("verb", "body", "said"),
    [
        ("examples", {"row": 10, "column": 0}, "cell: found 10"),
        ("examples", {"only": "some"}, "only: needed"),
        ("examples", {"count": 1000}, "count: found 1000"),
        ("examples", {"row": "../.."}, "row: found"),
        ("sample", {"number": 100_000}, "sample: found 100000"),
        ("sample", {"number": -1}, "number: found -1"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_said(asked: Served, verb: str, body: dict[str, Any], said: str) -> None:
    assert said in ask(asked, verb, run=find_run(asked), **body)["problem"]


def test_data_that_changed_are_a_line_without_a_path(asked: Served) -> None:
    copy = asked.session.runs / "changed"
    shutil.copytree(asked.session.runs / "digits", copy)
    settings = json.loads((copy / "settings.json").read_text())
    settings["data"]["fingerprint"] = "0" * 32
    (copy / "settings.json").write_text(json.dumps(settings))
    problem = ask(asked, "outcomes", run=find_run(asked, "changed"))["problem"]
    assert "changed: the data in digits have changed" in problem
    assert str(asked.session.folder) not in problem


def test_how_far_the_answers_are_is_news(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train_digits(tmp_path)
    with serving(tmp_path) as served:
        told: list[dict[str, Any]] = []
        lock = threading.Lock()

        def publish(kind: str, data: dict[str, Any]) -> None:
            with lock:
                told.append({"kind": kind, **data})

        monkeypatch.setattr(served.session.stream, "publish", publish)
        run = find_run(served)
        ask(served, "outcomes", run=run)
        last = [each for each in told if each["kind"] == "outcomes" and each["stage"] == "score"][-1]
        assert (last["run"], last["done"], last["total"]) == ("digits", 359, 359)
        count = len(told)
        ask(served, "outcomes", run=run)  # kept: nothing is worked out again
        assert len(told) == count
