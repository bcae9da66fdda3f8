"""A timeline as it is printed: each stretch with its times and its class, or that nothing was heard; or all of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.cli.conftest import Call

from striate import verbs
from striate.verbs.hearing import Span, Timeline

FOUND = Timeline(
    name="a.wav",
    seconds=3.5,
    window=0.5,
    step=0.25,
    classes=("dog", "cockatoo"),
    starts=np.array([0.0, 0.25, 3.25]),
    probabilities=np.array([[0.9, 0.1], [0.25, 0.75], [0.5, 0.5]]),
    quiet=np.array([False, False, True]),
    spans=(Span(0.0, 0.5, "dog", 0.9), Span(0.25, 12.345, "cockatoo", 0.75)),
)


class Listened:
    """A run whose files are heard as the figures above, whatever is in them."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.reading = {"kind": "sound"}
        self.asked: list[tuple[Path, str]] = []
        patch.setattr(verbs, "load", lambda path: self)
        patch.setattr(verbs, "timeline", self.hear)

    def hear(self, run: Any, file: Path, *, engine: str, on_score: Any) -> Timeline:
        assert run is self
        self.asked.append((Path(file), engine))
        spans = () if "quiet" in str(file) else FOUND.spans
        return replace(FOUND, name=str(file), spans=spans)


def test_each_stretch_is_a_line_and_silence_is_said(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Listened(monkeypatch)
    said = call("predict", "run", "a.wav", "quiet.wav", "--timeline", "--engine", "torch")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "a.wav: 3.50 s, in windows of 0.50 s every 0.25 s",
        "      0.00 to     0.50 s  dog       90.0 %",
        "      0.25 to    12.35 s  cockatoo  75.0 %",
        "quiet.wav: 3.50 s, in windows of 0.50 s every 0.25 s",
        "  no class fires: every window is quiet, or its likeliest class is below 50 %",
    ]
    assert run.asked == [(Path("a.wav"), "torch"), (Path("quiet.wav"), "torch")]


def test_json_holds_every_window_of_every_file(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    Listened(monkeypatch)
    told = json.loads(call("predict", "run", "a.wav", "b.wav", "--timeline", "--json").out)
    assert [each["file"] for each in told] == ["a.wav", "b.wav"]
    for each in told:
        assert {**each, "file": "a.wav"} == json.loads(json.dumps(FOUND.to_dict()))
        assert [window["end"] for window in each["windows"]] == [0.5, 0.75, 3.5]  # the last one goes beyond the end


def test_a_folder_stands_for_the_sounds_in_it(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Listened(monkeypatch)
    Path("heard").mkdir()
    for name in ("2.wav", "1.flac", "notes.txt", "picture.png"):
        (Path("heard") / name).write_bytes(b"")
    assert call("predict", "run", "heard", "--timeline").code == 0
    assert [file.name for file, _ in run.asked] == ["1.flac", "2.wav"]
