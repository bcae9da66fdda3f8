from __future__ import annotations

import json
import os
import signal
import time
from typing import Any

import pytest
from tests.studio.conftest import Served

EPOCHS = 12
NET = "conv3-4/2, relu, gap, flatten, fc-classes"


def ask(served: Served, verb: str, **body: Any) -> dict[str, Any]:
    status, _, content = served.ask("POST", f"/api/{verb}", json.dumps(body).encode())
    assert status == 200, content
    found: dict[str, Any] = json.loads(content)
    return found


def begin(served: Served, **body: Any) -> dict[str, Any]:
    data = next(each["data"] for each in ask(served, "data")["data"] if each["name"] == "digits")
    return ask(served, "train", **{"data": data, "net": NET, "probe": False, "threads": 1, "batch": 64, **body})


def wait(served: Served, run: str, *states: str) -> dict[str, Any]:
    end = time.monotonic() + 600
    while (found := ask(served, "follow", run=run))["state"] not in states:
        assert time.monotonic() < end, found
        time.sleep(0.1)
    return found


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"net": "rellu"}, "unknown word"),
        ({"net": "/etc/passwd"}, "found `/`, needed a word"),
        ({"net": "secret.net"}, "needed"),
        ({"net": "timm:resnet18"}, "weights=no"),
        ({"data": "/etc"}, "data: the studio doesn't hold this one"),
        ({"epochs": 1, "steps": 2}, "needed one length"),
        ({"epochs": 0}, "above 0"),
        ({"steps": 1.5}, "whole number"),
        ({"epochs": True}, "whole number"),
        ({"recipe": "--out=/tmp"}, "needed one of"),
        ({"task": 3}, "needed one of"),
        ({"batch": -1}, "batch"),
    ],
)
def test_a_wrong_wish_is_an_answer_and_starts_nothing(served: Served, body: dict[str, Any], said: str) -> None:
    before = ask(served, "runs")
    assert said in begin(served, **body)["problem"]
    assert ask(served, "runs") == before


def test_a_training_is_paused_gone_on_with_and_compared(served: Served) -> None:
    first = begin(served, epochs=EPOCHS)
    assert first["name"] == "net-digits"
    run, job = first["run"], served.session.trainings.job("net-digits")
    wait(served, run, "running")
    while not served.session.trainings.read_history("net-digits"):
        assert job.is_alive, job.read_log()
        time.sleep(0.005)
    os.kill(job.record.pid or 0, signal.SIGSTOP)  # so that it waits for what follows, on a fast machine too
    assert ask(served, "follow", run=run)["state"] == "running"
    assert "already" in ask(served, "resume", run=run)["problem"]
    assert ask(served, "pause", run=run)["state"] == "stopping"
    os.kill(job.record.pid or 0, signal.SIGCONT)
    paused = wait(served, run, "stopped", "finished", "failed")
    assert paused["state"] == "stopped", paused
    assert paused["can_resume"]
    assert 1 <= paused["count"] < EPOCHS
    assert ask(served, "resume", run=run)["state"] == "running"
    ended = wait(served, run, "stopped", "finished", "failed")
    assert ended["state"] == "finished", ended
    assert [each["epoch"] for each in ended["records"]] == list(range(1, EPOCHS + 1))
    assert ended["records"][: paused["count"]] == paused["records"]
    assert ask(served, "follow", run=run, first=4)["records"] == ended["records"][4:]
    view = ask(served, "follow", run=run, report=True)["report"]
    assert served.ask("GET", f"/view/{view}")[0] == 200

    second = begin(served, epochs=1, batch=128)
    assert wait(served, second["run"], "stopped", "finished", "failed")["state"] == "finished"
    found = ask(served, "compare", runs=[run, second["run"]])
    assert found["names"] == ["net-digits", "net-digits-2"]
    assert [each["name"] for each in found["judged"]] == ["accuracy", "accuracy"]
    assert ["recipe.batch", [64, 128]] in found["settings"]
    assert ["epoch", [EPOCHS, 1]] in found["figures"]
    assert any(name == "held out: accuracy" for name, _ in found["figures"])
    assert "needed from 2" in ask(served, "compare", runs=[run])["problem"]
    listed = ask(served, "runs")["runs"]
    assert {each["name"]: each["run"] for each in listed}["net-digits"] == run
    assert {each["judged"]["unit"] for each in listed} == {ended["judged"]["unit"]} == {"%"}
