from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from striate.nets.export.exported import TOLERANCE, Exported, Ports

PATH = Path("a.onnx")


def make(error: float | None) -> Exported:
    inputs: Ports = {"input": ("N", 3)}
    outputs: Ports = {"output": ("N", 2)}
    return Exported(inputs, outputs, 18, error, path=PATH, format="ONNX", bytes=9, parameters=8, files=(PATH,))


@pytest.mark.parametrize(("error", "agrees"), [(None, None), (0.0, True), (TOLERANCE, True), (0.01, False)])
def test_whether_it_agrees(error: float | None, agrees: bool | None) -> None:
    assert make(error).agrees is agrees


def test_it_is_plain_and_frozen() -> None:
    exported = make(0.25)
    found = json.loads(json.dumps(exported.to_dict()))
    assert found == exported.to_dict()
    assert (found["inputs"], found["relative_error"], found["path"]) == ({"input": ["N", 3]}, 0.25, "a.onnx")
    with pytest.raises(FrozenInstanceError):
        exported.bytes = 3  # type: ignore[misc]
