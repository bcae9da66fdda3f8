from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from striate.engine.compiling import Compiled
from striate.engine.verdicts import Verdict, describe_machine, keep_verdict, recall_verdict

ABOUT = {"structure": "abc", "batch": [2, 3, 8, 8], "candidates": ["a", "b"], "forward": False}
VERDICT = Verdict({"a": 0.25, "b": 0.5}, 2, {"a": Compiled(20.0, 0.5, 1.0), "b": None})


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STRIATE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def find_file(home: Path) -> Path:
    (file,) = (home / "probes").iterdir()
    return file


def test_what_was_kept_is_recalled() -> None:
    assert recall_verdict(ABOUT) is None
    assert keep_verdict(ABOUT, VERDICT)
    assert recall_verdict(ABOUT) == VERDICT


@pytest.mark.parametrize(
    "other", [{"batch": [4, 3, 8, 8]}, {"structure": "abd"}, {"candidates": ["a"]}, {"forward": True}]
)
def test_other_circumstances_are_another_matter(other: dict[str, Any]) -> None:
    keep_verdict(ABOUT, VERDICT)
    assert recall_verdict({**ABOUT, **other}) is None


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "{",
        "[]",
        "null",
        '{"form": 1}',
        "\x00" * 50,
        '{"seconds": {"a": "fast"}}',
        '{"seconds": {"a": -1}}',
        '{"seconds": {"a": NaN}}',
        '{"seconds": {}}',
        '{"seconds": 3}',
        '{"samples": 0}',
        '{"samples": null}',
        '{"form": 0}',
        '{"about": {}}',
        '{"compiled": {"a": {"start": 1}}}',
        '{"compiled": {"a": {"start": "x", "step": 1, "eager": 1}}}',
        '{"compiled": []}',
    ],
)
def test_a_damaged_file_counts_as_none_and_is_written_anew(home: Path, damage: str) -> None:
    keep_verdict(ABOUT, VERDICT)
    file = find_file(home)
    whole = file.read_text()
    if damage.startswith("{") and damage.endswith("}"):
        file.write_text(json.dumps({**json.loads(whole), **json.loads(damage)}) if damage != '{"form": 1}' else damage)
    else:
        file.write_text(damage)
    assert recall_verdict(ABOUT) is None
    assert keep_verdict(ABOUT, VERDICT)
    assert find_file(home).read_text() == whole
    assert recall_verdict(ABOUT) == VERDICT


def test_every_cut_off_file_counts_as_none(home: Path) -> None:
    keep_verdict(ABOUT, VERDICT)
    file = find_file(home)
    whole = file.read_bytes()
    for length in range(0, len(whole), 7):
        file.write_bytes(whole[:length])
        assert recall_verdict(ABOUT) is None


def test_a_write_that_fails_leaves_the_former_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_verdict(ABOUT, VERDICT)

    def fail(*given: object, **named: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(json, "dump", fail)
    assert not keep_verdict(ABOUT, Verdict({"a": 9.0}, 1))
    assert recall_verdict(ABOUT) == VERDICT
    find_file(home)  # and no draft beside it


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("STRIATE_CACHE", str(tmp_path / "file"))
    assert not keep_verdict(ABOUT, VERDICT)
    assert recall_verdict(ABOUT) is None


def test_the_machine_is_described_in_plain_values() -> None:
    about = describe_machine("cpu")
    assert json.loads(json.dumps(about)) == about
    assert about["device"]
