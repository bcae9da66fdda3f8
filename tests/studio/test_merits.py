"""What the studio says of merits without PyTorch is what the tasks themselves say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from striate.studio.merits import JUDGED, find_judged
from striate.train.tasks.catalogue import TASKS
from striate.train.tasks.restore import Restore


def write(folder: Path, text: str) -> Path:
    (folder / "settings.json").write_text(text)
    return folder


def test_merits_are_the_tasks_own(tmp_path: Path) -> None:
    assert set(JUDGED) == set(TASKS)
    own = {name: task.merit for name, task in TASKS.items()}
    own["restore"] = Restore(sound=True).merit
    for name, merit in own.items():
        found = find_judged(write(tmp_path, json.dumps({"task": {"name": name, "sound": name == "restore"}})))
        assert found is not None
        assert (found.name, found.unit, found.lower) == (merit.name, merit.unit, merit.lower)
    assert JUDGED["restore"].name == Restore().merit.name


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"task": null}', '{"task": {"name": "other"}}', '{"task": {"name": []}}']
)
def test_what_cannot_be_read_has_none(text: str, tmp_path: Path) -> None:
    assert find_judged(write(tmp_path, text)) is None
    assert find_judged(tmp_path / "nowhere") is None
