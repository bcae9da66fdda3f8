from __future__ import annotations

import json
import time
from base64 import b64decode
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file
from tests.studio.conftest import Served

from striate import train

NET = "conv3-4/2, relu, gap, flatten, fc-classes"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photos")
    train(NET, "digits", out=path / "runs" / "first", epochs=2, batch=256, probe=False, threads=1)
    return path


def ask(served: Served, verb: str, **body: Any) -> dict[str, Any]:
    status, _, content = served.ask("POST", f"/api/{verb}", json.dumps(body).encode())
    assert status == 200, content
    found: dict[str, Any] = json.loads(content)
    return found


def unpack(packed: dict[str, Any]) -> Any:
    return np.frombuffer(b64decode(packed["values"]), "<f4").reshape(packed["shape"])


def test_a_followed_runs_moments_are_given(served: Served, folder: Path) -> None:
    run = ask(served, "runs")["runs"][0]["run"]
    assert ask(served, "moments", run=run) == {"moments": [], "examples": None, "has_checkpoint": True, "why": None}
    assert "kept no more" in ask(served, "moment", run=run, step=1)["problem"]
    end = time.monotonic() + 200
    found: dict[str, Any] = {}
    while not found.get("moments") or not ask(served, "moment", run=run, step=found["moments"][-1]["step"])["told"]:
        assert time.monotonic() < end
        assert ask(served, "follow", run=run, sample=5)["state"] == "finished"
        time.sleep(0.1)
        found = ask(served, "moments", run=run)
    assert [each["epoch"] for each in found["moments"]] == [1, 2]
    examples = found["examples"]
    assert (examples["part"], examples["task"], len(examples["names"])) == ("validation", "classify", 12)
    assert unpack(examples["inputs"]).shape == (12, 1, 8, 8)
    assert examples["words"] == []
    last = found["moments"][-1]["step"]
    moment = ask(served, "moment", run=run, step=last, sample=5, kernels=9, maps=1)
    weights = load_file(folder / "runs" / "first" / "weights.safetensors")
    kernel = next(value for value in weights.values() if value.shape == (4, 1, 3, 3))
    np.testing.assert_array_equal(unpack(moment["kernels"]["values"]), kernel)
    assert (moment["kernels"]["at"], moment["maps"]["at"], moment["sample"]) == (0, 1, 5)
    assert unpack(moment["maps"]["values"]).min() >= 0  # after the relu
    assert len(moment["told"]) == 12
    assert served.session.stream.last > 0
    assert "doesn't hold" in ask(served, "moment", run="another", step=last)["problem"]


def test_examples_of_a_run_of_words_are_its_words(served: Served, folder: Path) -> None:
    texts = [f"{a} {b}" for a in ("good", "bad") for b in ("day", "book", "meal", "film", "walk", "talk")]
    table = folder / "said.csv"
    table.write_text("\n".join(["text,label", *(f"{text},{text.split()[0]}" for text in texts)]))
    train("auto", table, out=folder / "runs" / "said", steps=2, probe=False, threads=1)
    run = next(each["run"] for each in ask(served, "runs")["runs"] if each["name"] == "said")
    end = time.monotonic() + 200
    while (examples := ask(served, "moments", run=run)["examples"]) is None:
        assert time.monotonic() < end
        ask(served, "follow", run=run, sample=0)
        time.sleep(0.1)
    assert len(examples["words"]) == len(examples["names"]) > 0
    for words in examples["words"]:  # of a word that was seen once the network knows nothing
        assert (words[0], len(words)) in {("good", 2), ("bad", 2)}


def test_without_a_checkpoint_it_is_said(served: Served, folder: Path) -> None:
    run = folder / "runs" / "bare"
    run.mkdir()
    (run / "settings.json").write_text("{}")
    handle = next(each["run"] for each in ask(served, "runs")["runs"] if each["name"] == "bare")
    assert ask(served, "moments", run=handle)["has_checkpoint"] is False


def test_a_data_set_is_looked_at_before_the_start(served: Served) -> None:
    data = next(each["data"] for each in ask(served, "data")["data"] if each["name"] == "digits")
    found = ask(served, "preview", data=data)
    assert found["facts"][0] == "1,797 pictures of 1x8x8"
    assert [each["label"] for each in found["samples"]] == list("0123456789")
    assert unpack(found["samples"][0]["picture"]).shape == (1, 8, 8)
    assert "doesn't hold" in ask(served, "preview", data="/etc")["problem"]
