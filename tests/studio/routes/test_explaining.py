"""The explanations of the Question view: the very numbers of `striate.explain`, and slow work that can be ended."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.studio.asked_runs import ask, find_run
from tests.studio.conftest import Served
from tests.studio.samples import write_picture

import striate
from striate.explain.methods.catalogue import METHODS
from striate.studio.tickets import Superseded, Ticket

FEW = ["gradcam", "integratedgradients"]


def unpack(text: str, shape: list[int], kind: str = "<f4") -> Any:
    return np.frombuffer(b64decode(text), kind).reshape(shape)


def assert_alike(pane: dict[str, Any], heat: Any) -> None:
    """The page's numbers are the heat's, but for the rounding of a copied network's sums."""
    values, wanted = unpack(pane["values"], pane["shape"])[0], heat.values[0].numpy()
    np.testing.assert_allclose(values, wanted, rtol=0, atol=1e-4 * np.abs(wanted).max())


@pytest.fixture(scope="module")
def run(asked: Served) -> striate.Run:
    return striate.load(asked.session.runs / "digits")


def take(asked: Served, number: int) -> Any:
    return asked.session.questions.hold(asked.session.runs / "digits").part.inputs[number : number + 1]


def test_the_methods_are_those_of_the_catalogue(asked: Served) -> None:
    found = ask(asked, "methods", run=find_run(asked))
    assert [each["name"] for each in found["methods"]] == list(METHODS)
    for each in found["methods"]:
        assert (each["shows"], each["limits"]) == (METHODS[each["name"]].shows, METHODS[each["name"]].limits)
        assert each["shows"]
        assert each["limits"].endswith(".")
    assert [each["path"] for each in found["layers"]][:2] == ["conv1", "relu1"]
    assert np.array(found["colours"]["signed"]).shape == (513, 4)


@pytest.mark.parametrize("target", [None, 7])
def test_maps_are_the_numbers_of_explain(asked: Served, run: striate.Run, target: int | None) -> None:
    found = ask(asked, "explain", run=find_run(asked), sample={"number": 5}, methods=FEW, target=target)
    assert [each["method"] for each in found["maps"]] == FEW
    for each in found["maps"]:
        heat = striate.explain(run, take(asked, 5), method=each["method"], target=target)
        pane = each["pane"]
        assert_alike(pane, heat)
        assert (each["target"], each["layer"], each["notes"]) == (heat.target[0], heat.layer, list(heat.notes))
        assert each["seconds"] > 0
        ground = unpack(pane["ground"]["values"], pane["ground"]["shape"], "u1")
        np.testing.assert_allclose(ground[0, ..., 0], take(asked, 5)[0, 0], atol=1)
    shares = striate.predict(run, take(asked, 5), engine="torch")[0]
    assert [each["value"] for each in found["answers"]] == pytest.approx(sorted(shares, reverse=True)[:5])
    assert found["truth"] in run.classes


def test_trust_is_that_of_explain(asked: Served, run: striate.Run) -> None:
    handle = find_run(asked)
    made = ask(asked, "explain", run=handle, sample={"number": 2}, methods=["saliency"])["maps"][0]
    found = ask(asked, "judge", explained=made["explained"])
    trust = striate.explain(run, take(asked, 2), method="saliency", trust=True).trust
    assert trust is not None
    figures = {each["name"]: each for each in found["figures"]}
    assert figures["deletion"]["value"] == pytest.approx(trust.deletion.found[0], rel=1e-5)
    assert figures["insertion"]["controls"] == [
        ["chance", trust.insertion.random[0]],
        ["edges", trust.insertion.edges[0]],
    ]
    assert [each for _, each in figures["randomisation"]["controls"]] == [stage.drawn[0] for stage in trust.stages]
    assert (found["trustworthy"], found["words"]) == (trust.trustworthy, list(trust.maps[0].words))
    view = ask(asked, "explanation", explained=[found["explained"]])["view"]
    status, headers, page = asked.ask("GET", f"/view/{view}")
    assert status == 200
    assert "sandbox" in headers["content-security-policy"]
    assert f"{trust.deletion.found[0]:.2f}".encode() in page


def test_an_upload_is_read_as_the_run_reads_its_samples(asked: Served, run: striate.Run, tmp_path: Path) -> None:
    picture = write_picture(np.random.default_rng(1).integers(0, 256, (20, 20)).astype(np.uint8))
    file = tmp_path / "mine.png"
    file.write_bytes(picture)
    headers = {"Content-Type": "application/octet-stream", "Studio-Name": "mine.png"}
    upload = json.loads(asked.ask("POST", "/api/upload", picture, headers)[2])
    sample = {"input": upload["input"], "name": "mine.png"}
    found = ask(asked, "explain", run=find_run(asked), sample=sample, methods=["occlusion"])
    heat = striate.explain(run, file, method="occlusion")
    pane = found["maps"][0]["pane"]
    assert_alike(pane, heat)
    assert (found["name"], found["truth"]) == ("mine.png", None)


def test_what_a_method_cannot_do_is_said_beside_the_others(asked: Served) -> None:
    handle = find_run(asked)
    found = ask(asked, "explain", run=handle, sample={"number": 0}, methods=["gradcam", "saliency"], layer="fc1")
    assert "fc1" in found["maps"][0]["problem"]
    assert found["maps"][1]["pane"]["form"] == "plane"
    assert ask(asked, "unfit", run=handle, sample={"number": 0}) == {"unfit": {}}


@pytest.mark.parametrize(
    "body",
    [
        {"methods": []}, {"methods": ["gradcam"] * 5}, {"methods": ["magic"]}, {"sample": {}}, {"sample": "../x"},
        {"sample": {"number": 10**6}}, {"sample": {"input": "gone"}}, {"target": 10}, {"target": "4"}, {"layer": 3},
    ],
)  # fmt: skip
def test_what_is_wrong_is_a_problem_in_a_line(asked: Served, body: dict[str, Any]) -> None:
    given = {"run": find_run(asked), "sample": {"number": 0}, "methods": ["gradcam"], **body}
    found = ask(asked, "explain", **given)
    problem = found.get("problem") or found["maps"][0]["problem"]
    assert "\n" not in problem
    assert str(asked.session.folder) not in problem


def test_slow_work_tells_how_far_it_is_and_ends_when_nobody_waits(asked: Served) -> None:
    from striate.studio.routes.explaining import explain

    handle, told, ticket = find_run(asked), list[dict[str, Any]](), Ticket()

    def publish(kind: str, data: dict[str, Any]) -> None:
        if data.get("ask") == "mine":
            told.append(data)
            ticket.cancel()

    keep, asked.session.stream.publish = asked.session.stream.publish, publish  # type: ignore[method-assign]
    try:
        body = {"run": handle, "sample": {"number": 0}, "methods": ["rise"], "ask": "mine"}
        with pytest.raises(Superseded):
            explain(asked.session, body, ticket)
    finally:
        asked.session.stream.publish = keep  # type: ignore[method-assign]
    assert len(told) == 1
    assert told[0]["step"] == "RISE"
    assert 0 < told[0]["done"] < told[0]["total"]
    module = asked.session.questions._find(asked.session.runs / "digits").run.module
    assert not module._forward_pre_hooks  # what ends the work hangs on a copy alone
