"""Modules of the user's own at the command line: measured, or refused in one line."""

from __future__ import annotations

import itertools
import json
import shlex
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Call
from tests.verbs.draw import Finished

from striate.cli.subjects import Conditions, find_subject
from striate.errors import InputError

SOURCE = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, bias=False)

    def forward(self, x):
        print("noise")
        return self.conv(x)


class Branching(Net):
    def forward(self, x):
        return x if x.sum() > 0 else -x


class Sized(Net):
    def forward(self, x):
        return x if x.sum().item() > 0 else -x


class Masked(Net):
    def forward(self, x, *, mask):
        return self.conv(x) * mask


class Two(Net):
    def forward(self, x, other):
        return self.conv(x) + self.conv(other)


class Failing(Net):
    def forward(self, x):
        raise KeyError("nothing here")


net = Net()
"""
NUMBERS = itertools.count()


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package of the user's own, in the current folder; its name."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    name = f"mine_{next(NUMBERS)}"
    Path(f"{name}.py").write_text(SOURCE, encoding="utf-8")
    return name


def test_a_module_of_the_users_own(call: Call, mine: str) -> None:
    for name in ("Net", "net"):
        said = call("measure", f"{mine}:{name}", "--input", "3x10x10", "--json")
        records = json.loads(said.out)
        assert said.code == 0
        assert "noise" in said.err
        assert (records["multiplies"], records["network"]) == (108 * 64, f"{mine}:{name}")


def test_several_inputs_and_keywords(call: Call, mine: str) -> None:
    said = call("measure", f"{mine}:Two", "--input", "3x8x8", "--input", "3x8x8", "--json")
    assert json.loads(said.out)["multiplies"] == 2 * 108 * 36
    said = call("measure", f"{mine}:Masked", "--input", "mask=1x6x6", "--input", "3x8x8", "--json")
    assert json.loads(said.out)["multiplies"] == 108 * 36


OWN = [
    ("Net", "found no input"),
    ("Nett --input 3x8x8", "Did you mean `Net`?"),
    ("Net --input 3x8x8 --fix", "--fix"),
    ("Net --input 1x8x8", "3 channels"),
    ("Net --input 3x2x2", "Kernel size"),
    ("Branching --input 3x8x8", "depends on a tensor's values"),
    ("Sized --input 3x8x8", "depends on a tensor's values"),
    ("Masked --input 3x8x8", "mask"),
    ("Two --input 3x8x8", "forward takes x, other"),
    ("Failing --input 3x8x8", "KeyError"),
]


@pytest.mark.parametrize(("line", "part"), OWN)
def test_a_module_that_cannot_be_measured_gets_one_clear_line(call: Call, mine: str, line: str, part: str) -> None:
    said = call("measure", *shlex.split(f"{mine}:{line}"))
    assert (said.code, said.out) == (2, "")
    *noise, complaint = said.err.splitlines()
    assert complaint.startswith("striate: ")
    assert part in complaint
    assert set(noise) <= {"noise"}


@pytest.mark.parametrize(
    ("net", "classes", "counted"), [("lenet5", None, 1000), ("lenet5", 7, 7), ("conv3-8", None, None)]
)
def test_a_thousand_classes_are_counted_where_nothing_is_said(
    net: str, classes: int | None, counted: int | None
) -> None:
    assert find_subject(net, Conditions(classes=classes)).classes == counted


def test_a_file_wins_over_a_package(tmp_path: Path) -> None:
    Path("torch.nn:ReLU").write_text("input 3x8x8\nconv3-8\n")
    assert find_subject("torch.nn:ReLU", Conditions()).measure().parameters == 224


@pytest.mark.parametrize("conditions", [Conditions(classes=0), Conditions(input=["3by3"])])
def test_conditions_are_checked(conditions: Conditions) -> None:
    with pytest.raises(InputError, match="--"):
        conditions.check()


def test_a_run_is_measured_as_its_network(call: Call, finished: Finished) -> None:
    run = finished.run
    records = json.loads(call("measure", run.path, "--json").out)
    assert records["network"] == run.path.name
    assert records["rows"][-1]["output"] == [len(run.classes)]
    wider = json.loads(call("measure", run.path, "--classes", len(run.classes) + 1, "--json").out)
    assert wider["rows"][-1]["output"] == [len(run.classes) + 1]
