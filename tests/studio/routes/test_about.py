"""What the page is told first: plain values, and no path of this machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from striate.studio.routes.about import tell_about
from striate.version import __version__


class Engine:
    """An engine that is told to load, and does when the test says so."""

    def __init__(self, problem: str | None) -> None:
        self.is_ready, self.problem, self.starts = False, problem, list[Callable[[], None]]()

    def start(self, on_end: Callable[[], None]) -> None:
        self.starts.append(on_end)


def make_session(folder: Path, problem: str | None = None) -> Any:
    news: list[tuple[str, dict[str, Any]]] = []
    stream = SimpleNamespace(publish=lambda kind, data: news.append((kind, data)))
    return SimpleNamespace(
        folder=folder, assets={"main.js": 1, "main.css": 2}, engine=Engine(problem), stream=stream, news=news
    )


def test_the_folder_is_told_by_its_name_alone(tmp_path: Path) -> None:
    folder = tmp_path / "my work"
    folder.mkdir()
    told = json.dumps(tell_about(make_session(folder), {}, None))  # type: ignore[arg-type]
    assert json.loads(told)["folder"] == "my work"
    assert json.loads(told)["version"] == __version__
    assert json.loads(told)["assets"] == ["main.js", "main.css"]
    assert str(tmp_path) not in told


def test_a_folder_that_is_reached_another_way_has_its_own_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    monkeypatch.chdir(tmp_path / "real")
    for folder in (Path("."), tmp_path / "link", tmp_path / "real" / ".." / "real"):
        assert tell_about(make_session(folder), {}, None)["folder"] == "real"  # type: ignore[arg-type]
    assert tell_about(make_session(Path("/")), {}, None)["folder"] == "/"  # type: ignore[arg-type]


@pytest.mark.parametrize("problem", [None, "no torch"])
def test_the_engine_is_loaded_and_its_end_is_published(tmp_path: Path, problem: str | None) -> None:
    session = make_session(tmp_path, problem)
    told = tell_about(session, {}, None)  # type: ignore[arg-type]
    assert (told["ready"], told["problem"]) == (False, problem)
    assert session.news == []
    session.engine.is_ready = True
    for end in session.engine.starts:
        end()
    assert session.news == [("engine", {"ready": True, "problem": problem})]
