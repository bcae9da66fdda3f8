from __future__ import annotations

import json
from typing import Any

import pytest
from tests.studio.conftest import Served

TEXT = "input 3x16x16\nconv3-8 bias=yes, bn, relu, relu\ngap, flatten, fc-classes\n"


def ask(served: Served, verb: str, **body: Any) -> dict[str, Any]:
    status, _, content = served.ask("POST", f"/api/{verb}", json.dumps({"text": TEXT, "classes": 5, **body}).encode())
    assert status == 200, content
    found: dict[str, Any] = json.loads(content)
    return found


def test_a_text_is_sketched_and_measured_and_both_agree(served: Served) -> None:
    drawn, traced = ask(served, "sketch"), ask(served, "measure", batch=2)
    assert drawn["problem"] is None
    assert drawn["given"] == [3, 16, 16]
    assert traced["disagreements"] == []
    assert traced["totals"]["parameters"] == drawn["parameters"]
    assert traced["totals"]["multiplies"] == 2 * drawn["multiplies"]
    first = drawn["nodes"][0]
    assert TEXT[first["at"] : drawn["ends"][str(first["at"])]] == "conv3-8 bias=yes"


@pytest.mark.parametrize("verb", ["sketch", "measure", "advise", "code", "contrast"])
def test_what_is_wrong_with_a_text_is_an_answer(served: Served, verb: str) -> None:
    found = ask(served, verb, text="input 3x8x8\nrellu", before=TEXT)
    said = found["problem"]["message"] if verb == "sketch" else found["problem"]
    assert "unknown word `rellu`" in said


def test_an_advice_s_fix_is_a_text(served: Served) -> None:
    advice = {each["name"]: each for each in ask(served, "advise")["advice"]}
    assert advice["bias-before-bn"]["text"] == TEXT.replace("bias=yes", "bias=no")
    assert advice["idle-activation"]["text"] == TEXT.replace("relu, relu", "relu")


def test_a_slider_s_change_is_a_text(served: Served) -> None:
    at = TEXT.index("conv3")
    options = {each["option"]: each["value"] for each in ask(served, "controls", at=at)["controls"]}
    assert options == {"size": "3", "channels": "8", "stride": "1", "pad": "same", "dilation": "1"}
    assert ask(served, "change", at=at, option="size", value="5")["text"] == TEXT.replace("conv3-8", "conv5-8")
    assert "needed a number" in ask(served, "change", at=at, option="size", value="nine")["problem"]
    assert "no layer" in ask(served, "change", at=1, option="size", value="3")["problem"]


def test_the_input_is_written_into_the_text(served: Served) -> None:
    assert ask(served, "reshape", axes=1)["text"] == TEXT.replace("3x16x16", "3x16")
    assert ask(served, "reshape", input=[1, 9, 9])["text"] == TEXT.replace("3x16x16", "1x9x9")


def test_words_and_networks_are_offered(served: Served) -> None:
    words = ask(served, "vocabulary")
    assert "conv" in words["layers"]
    assert ask(served, "network", name=words["zoo"][0])["text"]
    assert ask(served, "complete", text="dec", offset=3)["suggestions"][0]["insert"] == "deconv3-64"


def test_a_name_that_is_no_network_s_is_refused(served: Served) -> None:
    status, _, content = served.ask("POST", "/api/network", b'{"name": "../lenet5"}')
    assert status == 400
    assert b"no such network" in content


def test_a_network_of_too_many_layers_is_not_traced(served: Served) -> None:
    text = "input 1x8\n[conv1-1, relu]*3000"
    assert "striate measure" in ask(served, "measure", text=text)["problem"]
    assert ask(served, "advise", text=text)["advice"] == []


def test_code_and_versions_come_for_a_text(served: Served) -> None:
    assert "nn.Linear(8, 5)" in ask(served, "code")["code"]
    found = ask(served, "contrast", before=TEXT.replace("8", "4"))
    assert found["totals"][2]["before"] == found["totals"][2]["after"] == 7
