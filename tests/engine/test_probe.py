from __future__ import annotations

import sys
import time
from collections.abc import Callable
from importlib import import_module
from itertools import cycle
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from striate.engine import Engine, probe
from striate.engine.candidates import list_candidates
from striate.engine.probe import choose_fastest, time_candidates
from striate.errors import InputError

PROBE: Any = import_module("striate.engine.probe")  # the package has a function of that name
PLAIN, LAST = Engine(), Engine(memory_format="channels_last")


def make_net() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.5), nn.Flatten(), nn.Linear(4 * 36, 3)
    )


def test_probe_leaves_no_trace() -> None:
    module, batch = make_net(), torch.randn(4, 3, 8, 8)
    module[1].eval()
    module(batch).sum().backward()
    state = {name: value.clone() for name, value in module.state_dict().items()}
    strides = [parameter.stride() for parameter in module.parameters()]
    grads = [parameter.grad.clone() for parameter in module.parameters() if parameter.grad is not None]
    modes = [part.training for part in module.modules()]
    random, before, threads = torch.get_rng_state(), batch.clone(), torch.get_num_threads()
    probe(module, batch, seconds=0.05)
    assert all(torch.equal(state[name], value) for name, value in module.state_dict().items())
    assert strides == [parameter.stride() for parameter in module.parameters()]
    after = [parameter.grad for parameter in module.parameters() if parameter.grad is not None]
    assert len(after) == len(grads)
    assert all(torch.equal(one, other) for one, other in zip(grads, after, strict=True))
    assert modes == [part.training for part in module.modules()]
    assert torch.equal(random, torch.get_rng_state())
    assert torch.equal(before, batch)
    assert threads == torch.get_num_threads()


def test_every_candidate_is_timed_and_the_winner_is_near_the_best() -> None:
    engine, times = probe(make_net(), torch.randn(4, 3, 8, 8), seconds=0.05)
    assert set(times) == {candidate.label for candidate in list_candidates()}
    assert times[engine.label] <= min(times.values()) * 1.05 * 1.25  # fewer threads must be a quarter faster
    assert all(value > 0 for value in times.values())


@pytest.mark.parametrize(
    ("plain", "last", "winner"), [(1.0, 1.0, PLAIN), (1.05, 1.0, PLAIN), (1.06, 1.0, LAST), (1.0, 1.06, PLAIN)]
)
def test_only_a_clear_gain_beats_the_plain_engine(plain: float, last: float, winner: Engine) -> None:
    assert choose_fastest({PLAIN: plain, LAST: last}) == winner


@pytest.mark.parametrize(("alone", "threads"), [(1.2, 2), (0.85, 2), (0.81, 2), (0.79, 1), (0.2, 1)])
def test_fewer_threads_win_where_they_are_a_quarter_faster(alone: float, threads: int) -> None:
    two, bare, one = Engine(threads=2), Engine(threads=2, precision="bf16"), Engine(threads=1, precision="bf16")
    assert choose_fastest({two: 2.0, bare: 1.0, one: alone}).threads == threads


def test_a_step_that_was_disturbed_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    disturbed = cycle([1.9e-4, 1.9e-4, 5e-5])

    class Steps:
        def __init__(self, module: object, plain: object) -> None:
            pass

        def take(self, engine: Engine, batch: Tensor) -> float:
            return 1e-4 if engine == PLAIN else next(disturbed)

    monkeypatch.setattr(PROBE, "_Steps", Steps)
    found, _ = PROBE.time_candidates(nn.Identity(), torch.zeros(2, 1), [PLAIN, LAST], 0.01)
    assert found == {PLAIN: 1e-4, LAST: 5e-5}


class Slow(nn.Module):
    """A module whose step takes longer in one layout."""

    def __init__(self, slow: Callable[[Tensor], bool]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        self.slow = slow

    def forward(self, batch: Tensor) -> Tensor:
        time.sleep(0.01 if self.slow(batch) else 0.001)
        return batch * self.weight


def is_last(batch: Tensor) -> bool:
    return batch.is_contiguous(memory_format=torch.channels_last)


def is_plain(batch: Tensor) -> bool:
    return not is_last(batch)


@pytest.mark.parametrize(("slow", "winner"), [(is_last, PLAIN), (is_plain, LAST)])
def test_the_faster_engine_wins(slow: Callable[[Tensor], bool], winner: Engine) -> None:
    engine, _ = probe(Slow(slow), torch.zeros(2, 3, 4, 4), [PLAIN, LAST], seconds=0.5)
    assert engine == winner


class Picky(nn.Module):
    """A module that refuses bf16."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(4, 4))

    def forward(self, batch: Tensor) -> Tensor:
        if torch.is_autocast_enabled("cpu"):
            raise RuntimeError("no such kernel")
        return batch @ self.weight


def test_a_candidate_that_fails_is_left_out_unless_it_is_the_plain_one() -> None:
    bf16 = Engine(precision="bf16")
    engine, times = probe(Picky(), torch.zeros(2, 4), [PLAIN, bf16], seconds=0.01)
    assert engine == PLAIN
    assert list(times) == [PLAIN.label]
    with pytest.raises(RuntimeError, match="no such kernel"):
        probe(Picky(), torch.zeros(2, 4), [bf16, PLAIN], seconds=0.01)


def test_no_candidates_is_an_error() -> None:
    with pytest.raises(InputError, match="no candidates"):
        probe(make_net(), torch.zeros(1, 3, 8, 8), [])


def test_bf16_is_tried_only_where_it_is_native(monkeypatch: pytest.MonkeyPatch) -> None:
    subject = sys.modules["striate.engine.candidates"]
    monkeypatch.setattr(subject, "has_native_bf16", lambda device: False)
    assert {engine.precision for engine in list_candidates("cpu")} == {"fp32"}
    monkeypatch.setattr(subject, "has_native_bf16", lambda device: True)
    assert {engine.precision for engine in list_candidates("cpu")} == {"fp32", "bf16"}


class Counting(nn.Module):
    """A module that takes long for each sample, and notes the largest batch it met."""

    largest = 0

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, batch: Tensor) -> Tensor:
        Counting.largest = max(Counting.largest, len(batch))
        time.sleep(0.001 * len(batch))
        return batch * self.weight


def test_a_batch_too_large_for_the_time_is_shortened() -> None:
    Counting.largest = 0
    probe(Counting(), torch.zeros(512, 3), [PLAIN, LAST], seconds=0.1)
    assert 2 <= Counting.largest < 64
    Counting.largest = 0
    probe(Counting(), torch.zeros(8, 3), [PLAIN, LAST], seconds=1.0)
    assert Counting.largest == 8


def test_of_a_short_run_the_likeliest_candidates_are_tried() -> None:
    kinds = [("fp32", 2), ("fp32", 1), ("bf16", 1), ("bf16", 2)]
    candidates = [Engine("cpu", precision, threads=threads) for precision, threads in kinds]  # type: ignore[arg-type]
    batch = torch.zeros(4, 3)
    whole, _ = time_candidates(Counting(), batch, candidates, seconds=9.0, limit=lambda step: 30 * step)
    hasty, _ = time_candidates(Counting(), batch, candidates, seconds=9.0, limit=lambda step: 3 * step)
    assert set(whole) == set(candidates)
    assert set(hasty) == {candidates[0], *candidates[2:]}


def test_one_thread_is_tried_before_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    plain, *rest = list_candidates("cpu")
    assert plain.threads == 4
    for layout in ("contiguous", "channels_last"):
        threads = [engine.threads for engine in rest if engine.memory_format == layout and engine.precision == "fp32"]
        assert threads == ([1] if layout == "contiguous" else [1, 4])


class Rough(nn.Module):
    """A module whose answers are far off in bf16."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(4, 4))

    def forward(self, batch: Tensor) -> Tensor:
        factor = 1.1 if torch.is_autocast_enabled("cpu") else 1.0
        return batch.float() @ self.weight * factor


def test_answers_are_timed_and_those_that_differ_are_left_out() -> None:
    engines = [PLAIN, LAST, Engine(precision="bf16")]
    engine, times = probe(Rough(), torch.ones(8, 4), engines, seconds=0.5, forward=True)
    assert set(times) == {PLAIN.label, LAST.label}
    assert engine in (PLAIN, LAST)
    _, times = probe(make_net(), torch.randn(8, 3, 8, 8), engines, seconds=0.5, forward=True)
    assert set(times) == {each.label for each in engines}


def test_answering_leaves_no_trace() -> None:
    module, batch = make_net().train(), torch.randn(4, 3, 8, 8)
    state, random = {name: value.clone() for name, value in module.state_dict().items()}, torch.get_rng_state()
    probe(module, batch, seconds=0.05, forward=True)
    assert all(torch.equal(state[name], value) for name, value in module.state_dict().items())
    assert all(part.training for part in module.modules())
    assert torch.equal(random, torch.get_rng_state())


@pytest.mark.parametrize("forward", [False, True])
def test_the_cost_of_a_large_network_is_bounded(forward: bool) -> None:
    class Large(nn.Module):
        """Every call takes half as long as the whole probe may."""

        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(1))

        def forward(self, batch: Tensor) -> Tensor:
            calls.append(len(batch))
            time.sleep(0.05)
            return batch * self.weight

    calls: list[int] = []
    engines = [Engine(threads=threads) for threads in range(1, 21)]
    _, times = probe(Large(), torch.zeros(64, 3), engines, seconds=0.1, forward=forward)
    assert len(calls) <= 16  # twenty engines of three steps each would be 60, and 3 s
    assert engines[0].label in times


def test_copies_of_the_module_are_shared_by_the_engines_of_a_layout(monkeypatch: pytest.MonkeyPatch) -> None:
    copies: list[Engine] = []
    module = make_net()

    def place(copied: nn.Module, engine: Engine) -> nn.Module:
        copies.append(engine)
        return copied

    monkeypatch.setattr(sys.modules["striate.engine.probe"], "place_module", place)
    probe(module, torch.randn(2, 3, 8, 8), [Engine(threads=1), Engine(threads=2), LAST], seconds=0.01)
    assert len(copies) == 2
