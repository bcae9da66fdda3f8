from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from striate import train
from striate.studio.album import Album
from striate.studio.stream import Stream
from striate.studio.watching import Watch
from striate.studio.witness import Witness

NET = "conv3-4/2, relu, gap, flatten, fc-classes"


class Heard(Stream):
    """A stream that keeps what was published."""

    def __init__(self) -> None:
        super().__init__()
        self.news: list[tuple[str, dict[str, Any]]] = []

    def publish(self, kind: str, data: dict[str, Any]) -> None:
        self.news.append((kind, data))


def wait_for(holds: Callable[[], bool], seconds: float = 400) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_running(watch: Watch) -> bool:
    return watch.is_running


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    run = tmp_path / "runs" / "first"
    run.mkdir(parents=True)
    (run / "settings.json").write_text("{}")
    return run.parent


def test_what_changes_in_a_followed_run_is_told_and_nothing_after(runs: Path) -> None:
    heard = Heard()
    watch = Watch(runs, heard, lease_seconds=2)
    watch.follow("first")
    (runs / "first" / "history.jsonl").write_text("{}\n")
    wait_for(lambda: ("run", {"name": "first"}) in heard.news)
    second = runs / "second"
    second.mkdir()
    (second / "settings.json").write_text("{}")
    wait_for(lambda: ("runs", {}) in heard.news)
    wait_for(lambda: not is_running(watch))
    before = list(heard.news)
    (runs / "first" / "history.jsonl").write_text("{}\n{}\n")
    time.sleep(0.5)
    assert heard.news == before
    watch.follow("first")  # and again
    assert is_running(watch)
    (runs / "first" / "history.jsonl").write_text("{}\n{}\n{}\n")
    wait_for(lambda: len(heard.news) > len(before))
    watch.close()
    assert not is_running(watch)
    watch.follow("first")
    assert not is_running(watch)


def test_a_followed_runs_moments_come_to_its_album(tmp_path: Path) -> None:
    runs, heard = tmp_path / "runs", Heard()
    train(NET, "digits", out=runs / "first", epochs=2, batch=256, probe=False, threads=1)
    watch = Watch(runs, heard)
    album = Album(runs / ".studio" / "first", runs / "first")
    try:
        watch.follow("first", 2)
        wait_for(lambda: album.read_examples() is not None and len(album.list_facts()) == 2)
        wait_for(lambda: all(facts["told"] for facts in album.list_facts()))
        wait_for(lambda: ("moments", {"name": "first"}) in heard.news)
        assert all("2" in facts["maps"] for facts in album.list_facts())
        witness = watch._witness
        assert witness is not None
        process = witness._process
        assert process is not None
        process.kill()  # it breaks: another one takes its place when there is something to see
        process.wait()
        source = runs / "first" / "state"
        newest = sorted(source.glob("step-*.safetensors"))[-1]
        for facts in album.list_facts():
            (album.folder / f"step-{facts['step']:09d}.safetensors").unlink()
        shutil.copy(newest, source / "copy")  # the folder's time changes
        wait_for(lambda: len(album.list_facts()) == 2)
    finally:
        watch.close()
    assert watch._witness is None


def test_a_run_that_has_not_begun_is_waited_for_without_a_process(tmp_path: Path) -> None:
    trainings = Watch(tmp_path / "runs", Heard()).trainings
    witness = Witness("first", tmp_path / "runs" / "first", trainings.job("first"))
    assert not witness.turn(0)
    assert witness._process is None
    witness.close()


def test_a_run_that_cannot_be_built_is_let_be(runs: Path) -> None:
    (runs / "first" / "state").mkdir()
    witness = Witness("first", runs / "first", Watch(runs, Heard()).trainings.job("first"))
    wait_for(lambda: witness.turn(0) or witness.problem is not None)
    assert "settings.json" in str(witness.problem)
    assert json.loads((runs / "first" / "settings.json").read_text()) == {}
    witness._answers += [{"problem": "it can't be read"}, None]  # its end is heard in the same turn
    witness.turn(0)
    assert witness.problem == "it can't be read"
    witness.close()
