from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.engine.draw import Wilful
from torch import nn

from striate.engine import Engine, Pins, Tuned, settle_plain, tune
from striate.engine.candidates import list_candidates, make_plain
from striate.engine.compiling import Compiled
from striate.engine.fusing import can_fuse
from striate.errors import InputError

subject: Any = sys.modules["striate.engine.tuning"]
BATCH = torch.randn(4, 3, 6, 6)


def make_net() -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(64, 2))


class Bench:
    """Stands for the clock: what a step takes on each engine, and how often it was asked."""

    def __init__(self, seconds: dict[str, float], compiled: Compiled | None = None, samples: int = 4) -> None:
        self.seconds, self.compiled, self.samples = seconds, compiled, samples
        self.probed = self.compilings = 0

    def time_candidates(self, module: nn.Module, batch: Any, candidates: Any, seconds: float, **named: Any) -> Any:
        self.probed += 1
        return {each: self.seconds.get(each.precision, 1.0) for each in candidates}, self.samples

    def time_compiled(self, module: nn.Module, batch: Any, engine: Engine) -> Compiled | None:
        self.compilings += 1
        return self.compiled


def install(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(subject, "time_candidates", bench.time_candidates)
    monkeypatch.setattr(subject, "time_compiled", bench.time_compiled)
    monkeypatch.setattr(subject, "can_compile", lambda device: True)
    monkeypatch.setattr("striate.engine.candidates.has_native_bf16", lambda device: True)
    return bench


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STRIATE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    return install(Bench({"fp32": 1.0, "bf16": 0.5}), monkeypatch)


def test_the_second_time_it_is_remembered(bench: Bench) -> None:
    first, second = tune(make_net(), BATCH, device="cpu"), tune(make_net(), BATCH, device="cpu")
    assert (first.origin, second.origin, bench.probed) == ("probed", "remembered", 1)
    assert first.engine == second.engine
    assert first.engine.precision == "bf16"
    assert first.seconds == second.seconds
    assert "as an earlier probe found" in second.line
    assert "probed in" in first.line


def test_another_network_batch_task_or_wish_is_probed_for_itself(bench: Bench) -> None:
    tune(make_net(), BATCH, device="cpu")
    tune(nn.Sequential(*make_net(), nn.ReLU()), BATCH, device="cpu")
    tune(make_net(), BATCH[:2], device="cpu")
    tune(make_net(), BATCH, device="cpu", forward=True)
    tune(make_net(), BATCH, Pins(precision="fp32"), device="cpu")
    tune(make_net(), BATCH, device="cpu", recall=False)
    assert bench.probed == 6
    tune(make_net(), BATCH, device="cpu")
    assert bench.probed == 6


def test_a_damaged_memory_is_made_anew(bench: Bench, home: Path) -> None:
    tune(make_net(), BATCH, device="cpu")
    (file,) = (home / "probes").iterdir()
    content = json.loads(file.read_text())
    for damaged in (b"{", json.dumps({**content, "seconds": {"another engine": 1.0}}).encode()):
        file.write_bytes(damaged)
        assert tune(make_net(), BATCH, device="cpu").origin == "probed"
        assert tune(make_net(), BATCH, device="cpu").origin == "remembered"


def test_what_is_settled_is_kept_and_all_settled_is_not_probed(bench: Bench) -> None:
    assert tune(make_net(), BATCH, Pins(precision="fp32"), device="cpu").engine.precision == "fp32"
    engine = Engine("cpu", "bf16", "contiguous", 3)
    found = tune(make_net(), BATCH, Pins("bf16", "contiguous", 3, compiled=False), device="cpu")
    assert (found.engine, found.origin) == (engine, "given")
    found = tune(make_net(), BATCH, Pins("bf16", "contiguous", 3, compiled=True), device="cpu")
    assert found.engine == replace(engine, compiled=True)
    assert bench.probed == 1


def test_without_a_probe_it_is_plain_but_for_what_is_settled() -> None:
    assert settle_plain(device="cpu") == Tuned(make_plain("cpu"), "plain")
    found = settle_plain(Pins(precision="bf16"), "cpu")
    assert (found.engine, found.origin) == (replace(make_plain("cpu"), precision="bf16"), "given")


GOOD, BAD = Compiled(start=30.0, step=0.25, eager=0.5), Compiled(start=30.0, step=0.49, eager=0.5)


@pytest.mark.parametrize(
    ("compiled", "steps", "tried", "wins"),
    [(GOOD, 10, 0, False), (GOOD, 100_000, 1, True), (BAD, 100_000, 1, False), (None, 100_000, 1, False)],
)
def test_compiling_is_tried_only_for_a_run_that_is_long_enough(
    monkeypatch: pytest.MonkeyPatch, compiled: Compiled | None, steps: int, tried: int, wins: bool
) -> None:
    bench = install(Bench({"bf16": 0.5}, compiled), monkeypatch)
    found = tune(make_net(), BATCH, device="cpu", expected=lambda step: step * steps)
    assert (bench.compilings, found.engine.compiled) == (tried, wins)
    assert bool(found.notes) == bool(tried)
    if compiled and tried:
        assert "30 s to start" in found.notes[0]
    again = tune(make_net(), BATCH, device="cpu", expected=lambda step: step * steps)
    assert (bench.probed, bench.compilings, again.engine, again.origin) == (1, tried, found.engine, "remembered")
    short = tune(make_net(), BATCH, device="cpu", expected=lambda step: step)
    assert not short.engine.compiled


@pytest.mark.parametrize(("compiled", "wins"), [(GOOD, True), (BAD, False), (None, False)])
def test_for_answers_chains_are_tried_once_and_remembered(
    monkeypatch: pytest.MonkeyPatch, compiled: Compiled | None, wins: bool
) -> None:
    bench = install(Bench({"bf16": 0.5}, compiled, samples=3), monkeypatch)
    tried: list[tuple[int, Engine]] = []

    def time_chained(module: nn.Module, batch: torch.Tensor, engine: Engine) -> Compiled | None:
        tried.append((len(batch), engine))
        return compiled

    monkeypatch.setattr(subject, "time_chained", time_chained)
    first, second = (tune(make_net(), BATCH, device="cpu", forward=True) for _ in range(2))
    assert first.engine == second.engine
    assert (first.engine.precision, first.engine.compiled) == ("bf16", wins)
    assert [(rows, engine.label) for rows, engine in tried] == [(3, replace(first.engine, compiled=False).label)]
    settled = tune(make_net(), BATCH, Pins(compiled=True), device="cpu", forward=True)
    assert settled.engine.compiled
    assert not tune(make_net(), BATCH, Pins(compiled=False), device="cpu", forward=True).engine.compiled
    assert (len(tried), bench.compilings) == (1, 0)


def test_chains_are_timed_against_answers_without_them() -> None:
    found = subject.time_chained(make_net().eval(), BATCH, Engine())
    assert found is None or (found.step > 0 and found.eager > 0 and found.start >= 0)
    assert found is not None or not can_fuse()
    assert subject.time_chained(Wilful(nn.Conv2d(3, 4, 3)).eval(), BATCH, Engine()) is None


def test_a_step_of_a_part_of_the_batch_is_reckoned_up(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = install(Bench({"bf16": 0.5}, GOOD, samples=1), monkeypatch)
    asked: list[float] = []

    def expect(step: float) -> float:
        asked.append(step)
        return 0.0

    tune(make_net(), BATCH, device="cpu", expected=expect)
    assert asked == [2.0]
    assert bench.compilings == 0


def test_a_wish_for_or_against_compiling_is_not_probed(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = install(Bench({"bf16": 0.5}, GOOD), monkeypatch)
    for wish in (True, False):
        found = tune(make_net(), BATCH, Pins(compiled=wish), device="cpu", expected=lambda step: 1e9)
        assert found.engine.compiled == wish
    assert bench.compilings == 0


def test_without_a_compiler_the_wish_for_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "can_compile", lambda device: False)
    message = r"--compile: found no compiler, needed .*Install"
    with pytest.raises(InputError, match=message):
        tune(make_net(), BATCH, Pins(compiled=True))
    with pytest.raises(InputError, match=message):
        settle_plain(Pins(compiled=True))


def test_a_choice_goes_through_json() -> None:
    tuned = Tuned(Engine(threads=3), "probed", {"a": 0.5}, 1.25, ("said",))
    assert Tuned.from_dict(json.loads(json.dumps(tuned.to_dict()))) == tuned


def test_a_real_probe_is_quick_the_second_time() -> None:
    module = make_net()
    first = tune(module, BATCH, seconds=0.05)
    second = tune(module, BATCH, seconds=0.05)
    assert {each.label for each in list_candidates()} >= set(first.seconds) >= {make_plain().label}
    assert (first.engine, first.origin, second.origin) == (second.engine, "probed", "remembered")
    assert second.cost < 0.05
