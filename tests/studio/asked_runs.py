"""A barely trained run below a studio's folder, and the page's questions about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.studio.conftest import Served

import striate

NET = "conv3-6, relu, maxpool2, conv3-8, relu, gap, flatten, fc-classes"


def train_digits(folder: Path, name: str = "digits", steps: int = 60) -> striate.Run:
    return striate.train(NET, "digits", out=folder / "runs" / name, steps=steps, probe=False)


def ask(served: Served, verb: str, **body: Any) -> dict[str, Any]:
    status, _, content = served.ask("POST", f"/api/{verb}", json.dumps(body).encode())
    assert status == 200, content
    found: dict[str, Any] = json.loads(content)
    return found


def find_run(served: Served, name: str = "digits") -> str:
    """The handle of a run."""
    return str(next(each["run"] for each in ask(served, "finished")["runs"] if each["name"] == name))


def upload(served: Served, content: bytes, name: str) -> str:
    """The handle of an upload."""
    headers = {"Content-Type": "application/octet-stream", "Studio-Name": name}
    status, _, answer = served.ask("POST", "/api/upload", content, headers)
    assert status == 200, answer
    return str(json.loads(answer)["input"])
