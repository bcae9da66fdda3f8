from __future__ import annotations

import sys
from typing import Any

import pytest
import torch
from torch import nn

from striate.engine import Engine, can_compile, make_forward
from striate.engine.compiling import Compiled, time_compiled

subject: Any = sys.modules["striate.engine.compiling"]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """torch.compile without its code generator, which takes tens of seconds."""
    real = torch.compile
    monkeypatch.setattr(torch, "compile", lambda module, **options: real(module, backend="eager", **options))


def test_without_a_wish_the_module_itself_is_called() -> None:
    module = nn.Linear(2, 2)
    assert make_forward(module, Engine()) is module


@pytest.mark.usefixtures("quick")
def test_the_compiled_form_shares_the_weights() -> None:
    module = nn.Linear(2, 2)
    forward = make_forward(module, Engine(compiled=True))
    batch = torch.randn(3, 2)
    forward(batch).sum().backward()
    assert module.weight.grad is not None
    with torch.no_grad():
        module.weight.mul_(2)
        assert torch.equal(forward(batch), module(batch))


@pytest.mark.usefixtures("quick")
def test_both_forms_are_timed_and_the_module_is_left_alone() -> None:
    module, batch = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4)).eval(), torch.randn(5, 4)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    found = time_compiled(module, batch, Engine())
    assert found is not None
    assert found.start > 0
    assert found.step > 0
    assert found.eager > 0
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())
    assert module[0].weight.grad is None
    assert not module.training


def test_what_cannot_be_compiled_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*given: Any, **named: Any) -> None:
        raise RuntimeError("no such operation")

    monkeypatch.setattr(torch, "compile", lambda module, **options: fail)
    assert time_compiled(nn.Linear(2, 2), torch.randn(3, 2), Engine()) is None


@pytest.mark.parametrize("start", [0.0, 30.0, 300.0])
@pytest.mark.parametrize("share", [0.5, 0.9, 0.96, 1.1])
@pytest.mark.parametrize("steps", [10, 1000, 100_000])
def test_it_pays_where_the_whole_run_is_shorter(start: float, share: float, steps: int) -> None:
    eager = 0.5
    whole = start + sum(share * eager for _ in range(steps))
    expected = whole < sum(eager for _ in range(steps)) and share <= 1 / 1.05
    assert Compiled(start, share * eager, eager).pays(steps * eager) == expected


def test_without_a_compiler_nothing_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject.shutil, "which", lambda name: None)
    assert not can_compile("cpu")
    monkeypatch.setattr(subject.shutil, "which", lambda name: f"/bin/{name}" if name == "clang++" else None)
    assert can_compile("cpu")
    monkeypatch.setattr(subject.importlib.util, "find_spec", lambda name: None)
    assert not can_compile("cuda")
