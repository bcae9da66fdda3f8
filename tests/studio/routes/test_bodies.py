"""Every verb of the catalogue on bodies that no page would send: refused or answered in one line, never a fault."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from tests.studio.conftest import Served

from striate.studio import routes
from striate.studio.routes.catalogue import ROUTES

NO_OBJECT = [
    b"", b"[]", b"null", b"1", b'"x"', b"{", b"{}{}", b'{"text": NaN}', b'{"text": Infinity}', b"[" * 100_000,
    b'{"a":' * 50_000, b"\xff\xfe", b'{"a": 1, }', b"\0", b'{"a": ' + b"9" * 5000 + b"}",
]  # fmt: skip
VALUES: list[Any] = [
    None, True, False, -1, 0, 1, 3, 1 << 40, 10**400, 1.5, -0.0, 1e308, "", "x", "../../etc/passwd", "/etc/passwd",
    "file:///etc/passwd", "http://evil.example/x", "timm:resnet18", "lenet5", "a" * 22, "\0", "\ud800", "\r\nX: y",
    "--out=x", [], [[]], [1], [3, 8, 8], [-1], ["x"], [None], [1 << 70], [True], {}, {"kind": "digit"},
    {"kind": "upload", "input": "../x"}, {"kind": "numbers", "values": [1e400, "x"]}, {"kind": []}, {"__class__": 1},
    {"kind": "held", "place": -1}, {"kind": "text", "text": []}, "conv3-8*99999999", "def a = a\na",
    "input 1x8x8\nconv3-2", "input 99999999x99999999x99999999\nconv3-8", "(" * 3000,
]  # fmt: skip
ROUNDS = 25


def find_names() -> list[str]:
    """Every name that the verbs look for in a body, read from their source."""
    folder = Path(str(routes.__file__)).parent
    text = "\n".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    found = re.findall(r"""(?:body\.get|read_\w+|_take\w*|_read\w*)\((?:session, )?(?:body, )?"(\w+)\"""", text)
    return sorted({*found, "text", "run", "input", "layer", "cell", "source"})


def test_the_names_are_found() -> None:
    assert {"text", "input", "classes", "play", "layer", "run", "runs", "at_once", "data", "net"} <= {*find_names()}


@pytest.mark.parametrize("name", ROUTES)
def test_what_is_no_object_is_one_line(served: Served, name: str) -> None:
    for content in NO_OBJECT:
        status, _, answer = served.ask("POST", f"/api/{name}", content)
        assert status == 400, (content[:20], answer)
        assert set(json.loads(answer)) == {"error"}


@pytest.mark.parametrize("name", ROUTES)
def test_an_odd_body_is_no_fault(served: Served, name: str) -> None:
    draw, names, before = random.Random(name), find_names(), len(served.lines)
    for _ in range(ROUNDS):
        share = draw.choice((0.1, 0.5, 1.0))
        body = {each: draw.choice(VALUES) for each in names if draw.random() < share}
        status, _, answer = served.ask("POST", f"/api/{name}", json.dumps(body).encode())
        assert status in (200, 400), (body, answer, served.lines[-1][-1500:])
        if status == 400:
            assert "\n" not in json.loads(answer)["error"]
    assert not [line for line in served.lines[before:] if "fault" in line]
    assert not list(served.session.folder.iterdir()), "a verb wrote something"
