"""Runs that break down: they go back and on, the same way however often they are killed, or end with a report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.train.whole import Arrays, KilledError, MakeNet, drop_times
from torch import nn

from striate.engine import Engine
from striate.errors import RunError
from striate.train import Augment, Progress, Recipe, RunFolder, fit, load_latest, sitting

CALM = Recipe(epochs=4, batch=32, lr=0.05, mean=(0.3,), std=(0.4,), augment=Augment(shift=1), average=0.9)
OFTEN: dict[str, Any] = {"checkpoint_seconds": 0.0, "progress_seconds": 0.0}


class Fragile(nn.Module):
    """Breaks at one step where its weights moved too far in the step before it: whether it does is up to the rate."""

    head: nn.Linear
    steps: torch.Tensor
    former: torch.Tensor

    def __init__(self, at: int, most: float) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(7)
            self.head = nn.Linear(64, 10)
        self.at, self.most = at, most
        self.register_buffer("steps", torch.tensor(0))
        self.register_buffer("former", torch.zeros(10, 64))

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.head(batch.flatten(1))
        if not self.training:
            return scores
        moved = float((self.head.weight.detach() - self.former).norm())
        self.steps += 1
        self.former.copy_(self.head.weight.detach())
        return scores * float("nan") if self.steps == self.at and moved > self.most else scores


# Broken at step 13 by the full rate and by a quarter of it; at step 11 by the full rate, in the state that an epoch
# ends with; at step 3, before there is any checkpoint to go back to.
FRAGILE = {"twice": (13, 0.02), "at an end": (11, 0.08), "at once": (3, 0.025)}


def make_fragile(kind: str = "twice") -> Fragile:
    return Fragile(*FRAGILE[kind])


def find_faults(history: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
    return [fault for record in history for fault in record.get("faults", [])]


@pytest.mark.parametrize("kind", sorted(FRAGILE))
@pytest.mark.parametrize("good_steps", [4, 1000])
def test_a_run_that_broke_down_and_was_killed_ends_with_the_bits_of_one_that_was_not(
    digits: Arrays, tmp_path: Path, kind: str, good_steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitting, "GOOD_STEPS", good_steps)
    whole = make_fragile(kind)
    history = fit(whole, *digits, CALM, Engine())
    faults = find_faults(history)
    assert len(faults) == (2 if kind == "twice" else 1)
    kept = {0, 10, 20, 30} | (set(range(0, 40, 4)) if good_steps == 4 else set())
    assert [fault["back"] for fault in faults] == [
        max(step for step in kept if step < fault["step"]) for fault in faults
    ]
    folder = RunFolder.create(tmp_path / "run")
    sittings = 0
    resumed: tuple[dict[str, Any], ...] | None = None
    while resumed is None:
        seen: list[int] = []
        longest = (2, 5, 1, 3, 40, 2)[sittings % 6]

        def kill(progress: Progress, seen: list[int] = seen, longest: int = longest) -> None:
            seen.append(progress.step)
            if len(seen) == longest:
                raise KilledError

        module = make_fragile(kind)
        sittings += 1
        every: dict[str, Any] = {"checkpoint_seconds": 0.0 if sittings % 3 else 60.0, "progress_seconds": 0.0}
        try:
            resumed = fit(module, *digits, CALM, Engine(), folder=folder, resume=True, on_progress=kill, **every)
        except KilledError:
            continue
    assert sittings > 4
    assert drop_times(resumed) == drop_times(history)
    assert drop_times(folder.read_history()) == drop_times(history)
    assert all(torch.equal(value, whole.state_dict()[name]) for name, value in module.state_dict().items())


def test_what_happened_is_said_once_and_stands_in_the_record(digits: Arrays) -> None:
    seen: list[Progress] = []
    names = [f"digit-{number}.png" for number in range(len(digits[1]))]
    history = fit(make_fragile(), *digits, CALM, Engine(), names=names, on_progress=seen.append, progress_seconds=0.0)
    told = [note for progress in seen for note in progress.notes]
    faults = find_faults(history)
    assert len(told) == len(faults) == 2
    assert [note for record in history for note in record.get("notes", [])] == told
    for number, (line, fault) in enumerate(zip(told, faults, strict=True), 1):
        assert f"step {fault['step']}: {fault['what']}" in line
        assert f"batch: {', '.join(fault['samples'][:3])} and 29 more" in line
        assert f"the learning rate is {0.25**number:g} of the recipe's" in line
        assert set(fault["samples"]) <= set(names)
    calm = fit(Fragile(13, 1e9), *digits, CALM, Engine())
    factors = [after["lr"] / before["lr"] for after, before in zip(history[:3], calm[:3], strict=True)]
    assert factors == pytest.approx([1, 1 / 16, 1 / 16])


def test_the_batch_named_is_the_one_that_was_taken(digits: Arrays, monkeypatch: pytest.MonkeyPatch) -> None:
    """The numbers are read out of the images themselves."""
    inputs = np.zeros((64, 1, 8, 8), dtype=np.uint8)
    inputs[:, 0, 0, 0] = np.arange(64)
    batches: list[list[str]] = []

    class Breaking(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.head = nn.Linear(64, 2)

        def forward(self, batch: torch.Tensor) -> torch.Tensor:
            if self.training and torch.is_grad_enabled():
                pixels = torch.round((batch[:, 0, 0, 0] * 0.5 + 0.5) * 255).int().tolist()
                batches.append([f"sample {number}" for number in pixels])
            flat: torch.Tensor = self.head(batch.flatten(1))
            return flat * float("nan") if self.training and len(batches) >= 6 else flat

    recipe = Recipe(epochs=2, batch=16, mean=(0.5,), std=(0.5,), lr=0.01)
    with pytest.raises(RunError, match="broke down 3 times") as caught:
        fit(Breaking(), inputs, np.arange(64) % 2, recipe, Engine())
    assert f"(1) epoch 2, step 6: the loss became nan (lr 0.005; batch: {', '.join(batches[5][:3])}" in str(
        caught.value
    )
    assert f"(2) epoch 2, step 5: the loss became nan (lr 0.00167; batch: {', '.join(batches[6][:3])}" in str(
        caught.value
    )


def test_the_third_time_ends_it_with_a_report(digits: Arrays, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run")
    with pytest.raises(RunError, match="broke down 3 times") as caught:
        fit(make_fragile(), *digits, replace(CALM, lr=1e18), Engine(), folder=folder, **OFTEN)
    message = str(caught.value)
    assert all(f"({number}) epoch 1, step " in message for number in (1, 2, 3))
    assert "The last good checkpoint is kept. Train anew with a lower lr (the recipe's peak is 1e+18" in message
    assert "\n" not in message
    checkpoint, damaged = load_latest(folder.state)
    assert damaged == ()
    assert checkpoint is not None
    assert all(value.isfinite().all() for value in checkpoint.tensors.values())
    assert not (folder.path / "weights.safetensors").exists()


def test_samples_that_hold_no_numbers_are_named(digits: Arrays) -> None:
    inputs = digits[0].astype(np.float32) / 255
    inputs[77, 0, 3, 3] = np.nan
    with pytest.raises(RunError, match="It is the same step each time") as caught:
        fit(make_fragile(), inputs, digits[1], CALM, Engine())
    assert str(caught.value).count("sample 77 hold values that are not finite") == 3


def test_weights_that_overflow_are_never_saved(digits: Arrays, make_net: MakeNet, tmp_path: Path) -> None:
    module, times = make_net(), list[int]()

    def spoil(progress: Progress) -> None:
        if progress.step == 5:
            times.append(progress.step)
            module.get_parameter("6.bias").data[0] = float("inf")

    folder = RunFolder.create(tmp_path / "run")
    with pytest.raises(RunError, match="step 5: a weight became infinite or nan"):
        fit(module, *digits, CALM, Engine(), folder=folder, on_progress=spoil, **OFTEN)
    assert len(times) == 3
    checkpoint, _ = load_latest(folder.state)
    assert checkpoint is not None
    assert checkpoint.step == 4


def test_weights_that_are_no_numbers_from_the_start_are_refused(
    digits: Arrays, make_net: MakeNet, tmp_path: Path
) -> None:
    module, folder = make_net(), RunFolder.create(tmp_path / "run")
    module.get_parameter("6.bias").data[0] = float("nan")
    with pytest.raises(RunError, match="not finite before the first step"):
        fit(module, *digits, CALM, Engine(), folder=folder)
    assert (load_latest(folder.state)[0], folder.read_history()) == (None, ())


def test_the_state_to_go_back_to_stays_on_the_disk(digits: Arrays, make_net: MakeNet, tmp_path: Path) -> None:
    """Beside the last two, as long as one of them would go back to it."""
    folder, kept = RunFolder.create(tmp_path / "run"), dict[int, list[int]]()

    def look(progress: Progress) -> None:
        kept[progress.step] = sorted(int(path.stem.split("-")[1]) for path in folder.state.glob("step-*"))

    fit(make_net(), *digits, CALM, Engine(), folder=folder, on_progress=look, **OFTEN)
    # What is seen at a step is what the step before left.
    assert [kept[step] for step in (2, 3, 9, 10)] == [[0, 1], [0, 1, 2], [0, 7, 8], [0, 8, 9]]
    assert [kept[step] for step in (11, 12, 13, 20)] == [[0, 9, 10], [10, 11], [10, 11, 12], [10, 18, 19]]
    assert sorted(folder.state.glob("step-*"))[-1].stem == "step-000000040"


def test_where_that_state_is_lost_the_checkpoint_stands_in(digits: Arrays, make_net: MakeNet, tmp_path: Path) -> None:
    folder, seen = RunFolder.create(tmp_path / "run"), list[Progress]()

    def kill(progress: Progress) -> None:
        if progress.step == 15:
            raise KilledError

    whole, module = make_net(), make_net()
    fit(whole, *digits, CALM, Engine())
    with pytest.raises(KilledError):
        fit(make_net(), *digits, CALM, Engine(), folder=folder, on_progress=kill, **OFTEN)
    lost = folder.state / "step-000000010.safetensors"
    lost.write_bytes(lost.read_bytes()[:-3])
    fit(module, *digits, CALM, Engine(), folder=folder, resume=True, on_progress=seen.append)
    assert lost.name in seen[0].notes[0]
    assert "goes back to step 14 instead" in seen[0].notes[0]
    assert seen[1].notes == ()
    assert all(torch.equal(value, whole.state_dict()[name]) for name, value in module.state_dict().items())
