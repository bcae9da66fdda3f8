from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.studio.asked_runs import ask, find_run, train_digits
from tests.studio.conftest import Served, serving

from striate.studio.routes.questioning import find_missing


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("asked")
    train_digits(folder)
    (folder / "runs" / "begun").mkdir()
    shutil.copy(folder / "runs" / "digits" / "settings.json", folder / "runs" / "begun")
    with serving(folder) as served:
        yield served


def test_finished_runs_alone_can_be_asked(asked: Served) -> None:
    assert [each["name"] for each in ask(asked, "finished")["runs"]] == ["digits"]


def test_a_run_is_told_without_a_path(asked: Served) -> None:
    told = ask(asked, "run", run=find_run(asked))
    assert told["task"] == "classify"
    assert told["input"] == [1, 8, 8]
    assert told["data"] == {"name": "digits", "train": 1294, "val": 144, "test": 359}
    assert told["draws"] is True
    assert (told["judged"]["name"], told["judged"]["unit"]) == ("accuracy", "%")
    assert told["dark"] is True
    assert told["missing"] is None
    assert str(asked.session.folder) not in json.dumps(told)


@pytest.mark.parametrize("run", ["../digits", "digits", "", None, 3, {"a": 1}])
def test_a_run_goes_by_its_handle_alone(asked: Served, run: object) -> None:
    for verb in ("run", "report", "outcomes", "examples", "sample", "predict", "take"):
        body = {"run": run, "suffix": ".pt", "input": "x"}
        assert "doesn't hold this one" in ask(asked, verb, **body)["problem"]


def test_a_report_is_shown_and_written_where_there_is_none(asked: Served) -> None:
    run, page = find_run(asked), asked.session.runs / "digits" / "report.html"
    found = ask(asked, "report", run=run)
    status, headers, content = asked.ask("GET", f"/view/{found['view']}")
    assert (status, content) == (200, page.read_bytes())
    assert "sandbox" in headers["content-security-policy"]
    page.unlink()
    again = ask(asked, "report", run=run)
    assert page.is_file()
    assert again["bytes"] == page.stat().st_size
    assert again["view"] == found["view"]
    assert asked.ask("GET", f"/view/{again['view']}")[2] == page.read_bytes()


def test_data_that_are_gone_are_said_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIATE_DATA", str(tmp_path))
    assert find_missing("digits", in_memory=False) is None
    assert "mnist is not on this machine" in str(find_missing("mnist", in_memory=False))
    assert "no longer where they were" in str(find_missing(str(tmp_path / "cats"), in_memory=False))
    assert str(tmp_path) not in str(find_missing(str(tmp_path / "cats"), in_memory=False))
    assert find_missing(str(tmp_path), in_memory=False) is None
    assert "arrays in memory" in str(find_missing("in_memory", in_memory=True))
