from __future__ import annotations

import pytest
import torch

from striate.engine import Engine, Pins
from striate.engine import candidates as subject
from striate.engine.candidates import list_candidates, make_plain
from striate.errors import InputError


@pytest.fixture(autouse=True)
def _two_threads_and_bf16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    monkeypatch.setattr(subject, "has_native_bf16", lambda device: True)


def test_the_plain_engine_comes_first_and_none_is_compiled() -> None:
    found = list_candidates("cpu")
    assert found[0] == make_plain("cpu") == Engine("cpu", "fp32", "contiguous", 2)
    assert len(set(found)) == len(found) == 6
    assert not any(engine.compiled for engine in found)


@pytest.mark.parametrize(
    "pins",
    [
        Pins(),
        Pins(precision="fp32"),
        Pins(precision="bf16"),
        Pins(memory_format="channels_last"),
        Pins(threads=7),
        Pins(precision="bf16", memory_format="contiguous"),
        Pins(precision="bf16", memory_format="contiguous", threads=1, compiled=True),
    ],
)
def test_every_candidate_holds_to_what_is_settled(pins: Pins) -> None:
    found = list_candidates("cpu", pins)
    assert len(set(found)) == len(found) >= 1
    for engine in found:
        for name in ("precision", "memory_format", "threads"):
            assert getattr(pins, name) in (None, getattr(engine, name))


def test_all_settled_leaves_one() -> None:
    pins = Pins("fp32", "channels_last", 2)
    assert list_candidates("cpu", pins) == (Engine("cpu", "fp32", "channels_last", 2),)


@pytest.mark.parametrize("pins", [Pins(precision="fp8"), Pins(memory_format="tiled"), Pins(threads=0)])  # type: ignore[arg-type]
def test_what_no_machine_has_is_refused(pins: Pins) -> None:
    with pytest.raises(InputError, match=r"fp8|tiled|threads is 0"):
        list_candidates("cpu", pins)
