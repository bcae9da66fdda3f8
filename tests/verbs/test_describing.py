from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.verbs.draw import Finished

from striate.errors import RunError
from striate.verbs.describing import describe_run


def test_a_run_is_told_from_its_files(finished: Finished) -> None:
    told = describe_run(finished.run.path)
    assert told["name"] == finished.run.path.name
    assert told["task"] == "classify"
    assert tuple(told["classes"]) == finished.run.classes
    assert tuple(told["input"]) == finished.run.input
    assert finished.run.result is not None
    assert told["result"]["accuracy"] == finished.run.result.accuracy
    assert told["finished"]
    assert str(finished.data) not in json.dumps({**told, "data": {**told["data"], "source": ""}})


@pytest.mark.parametrize(("shape", "reading", "draws"), [
    ([1, 28, 28], {}, True), ([3, 28, 28], {}, False), ([1, 224, 224], {}, False), ([1, 28], {"kind": "sound"}, False),
    ([1, 28, 28], {"kind": "sound"}, False),
])  # fmt: skip
def test_small_grey_pictures_can_be_drawn(
    copied: Finished, shape: list[int], reading: dict[str, str], draws: bool
) -> None:
    path = copied.run.path / "settings.json"
    settings = json.loads(path.read_text())
    settings["input"], settings["data"]["reading"] = shape, reading
    path.write_text(json.dumps(settings))
    told = describe_run(copied.run.path)
    assert told["draws"] is draws
    assert told["medium"] == reading.get("kind", "images")


def test_a_vocabulary_stays_at_home(copied: Finished) -> None:
    path = copied.run.path / "settings.json"
    settings = json.loads(path.read_text())
    settings["data"]["reading"] = {"kind": "words", "length": 4, "vocabulary": "a b c"}
    path.write_text(json.dumps(settings))
    assert describe_run(copied.run.path)["reading"] == {"kind": "words", "length": 4}


def test_a_run_that_did_not_end_is_told_so(copied: Finished) -> None:
    (copied.run.path / "weights.safetensors").unlink()
    (copied.run.path / "result.json").unlink()
    told = describe_run(copied.run.path)
    assert not told["finished"]
    assert told["result"] is None


def test_a_folder_without_a_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="found no run that was begun"):
        describe_run(tmp_path)
