from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest
import torch

from striate.train.progress import Clock, Meter
from striate.train.ranks import read_clock
from striate.train.schedule import Length


def test_the_meters_means_against_a_loop() -> None:
    meter = Meter("cpu")
    batches = [(0.5, 3, 4), (0.25, 1, 2), (2.0, 0, 5)]
    for loss, correct, count in batches:
        meter.add(torch.tensor(loss), torch.tensor(correct), count)
    losses = [loss for loss, _, count in batches for _ in range(count)]
    assert meter.read() == pytest.approx((sum(losses) / 11, 4 / 11))


def test_a_meter_goes_on_exactly_where_it_was() -> None:
    whole, first, second = Meter("cpu"), Meter("cpu"), Meter("cpu")
    values = torch.rand(10, generator=torch.Generator().manual_seed(0))
    for index, value in enumerate(values):
        whole.add(value, torch.tensor(1), 3)
        (first if index < 6 else second).add(value, torch.tensor(1), 3)
        if index == 5:
            second.restore(first.to_dict())
    assert whole.read() == second.read()
    second.clear()
    assert second.read() == (0.0, 0.0)


def test_the_clock_counts_all_sittings_but_paces_only_training(monkeypatch: pytest.MonkeyPatch) -> None:
    now = SimpleNamespace(value=100.0)
    module = sys.modules[Clock.__module__]
    for each in (module, sys.modules[read_clock.__module__]):
        monkeypatch.setattr(each, "time", SimpleNamespace(monotonic=lambda: now.value))
    clock = Clock(before=50.0)
    for _ in range(4):
        now.value += 1.5  # saving, evaluating
        clock.begin()
        now.value += 0.5
        clock.count(images=10)
    assert clock.elapsed == 58.0
    assert clock.images_per_second == 20.0
    assert clock.estimate_left(step=4, length=Length(10, 10)) == 6 * 2.0
    assert clock.estimate_left(step=4, length=Length(10, 10, seconds=60.0)) == 2.0
    assert clock.estimate_left(step=4, length=Length(10, 10, seconds=57.0)) == 0.0


def test_a_clock_without_a_step_has_no_pace() -> None:
    assert Clock().images_per_second == 0.0
