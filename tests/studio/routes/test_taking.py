from __future__ import annotations

import io

import pytest
import torch
from tests.studio.asked_runs import ask, find_run
from tests.studio.conftest import Served

import striate


def test_a_run_is_taken_away_as_a_file_that_is_never_shown(asked: Served) -> None:
    found = ask(asked, "take", run=find_run(asked), suffix=".pt")
    status, headers, content = asked.ask("GET", f"/download/{found['download']}")
    assert status == 200
    assert headers["content-disposition"] == 'attachment; filename="digits.pt"'
    assert headers["content-type"] == "application/octet-stream"
    assert headers["content-security-policy"].endswith("sandbox")
    assert len(content) == found["bytes"]
    state = torch.load(io.BytesIO(content), weights_only=True)
    own = striate.load(asked.session.runs / "digits").module.state_dict()
    assert all(torch.equal(state[name], value) for name, value in own.items())


def test_every_format_is_offered(asked: Served) -> None:
    assert [form["suffix"] for form in ask(asked, "formats")["formats"]] == [
        ".onnx",
        ".pt2",
        ".html",
        ".safetensors",
        ".pt",
    ]


@pytest.mark.parametrize(("body", "said"), [
    ({"suffix": ".exe"}, "format: found .exe"), ({"suffix": "/etc/passwd"}, "format: found"),
    ({"suffix": ".pt", "whole": True}, "holds weights alone"), ({"suffix": 3}, "suffix: needed a text"),
])  # fmt: skip
def test_what_cannot_be_is_a_line_and_leaves_nothing(asked: Served, body: dict[str, object], said: str) -> None:
    problem = ask(asked, "take", run=find_run(asked), **body)["problem"]
    assert said in problem
    assert "/" not in problem.replace("/etc/passwd", "")


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": None},
        {"Sec-Fetch-Site": None},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Host": "evil.example"},
    ],
)
def test_nobody_else_gets_it(asked: Served, headers: dict[str, str | None]) -> None:
    found = ask(asked, "take", run=find_run(asked), suffix=".safetensors")
    status, _, _ = asked.ask("GET", f"/download/{found['download']}", None, headers)  # type: ignore[arg-type]
    assert status == 403


def test_what_was_never_given_out_is_not_there(asked: Served) -> None:
    view = asked.session.handles.give("view", "x")
    for handle in ("a" * 22, view):
        assert asked.ask("GET", f"/download/{handle}")[0] == 404
    assert asked.ask("GET", "/download/../runs/digits/net.txt")[0] in (400, 404)
    assert asked.ask("POST", f"/download/{'a' * 22}", b"{}")[0] == 405
