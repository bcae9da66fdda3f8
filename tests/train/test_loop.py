from __future__ import annotations

import random
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.train.whole import PLAIN, RECIPE, Arrays, KilledError, MakeNet, assert_same_bits, drop_times, kill_at
from torch import nn

from striate.engine import Engine
from striate.errors import InputError, RunError, ShapeError
from striate.train import Progress, Recipe, RunFolder, compute_logits, fit


def test_it_learns_and_records_each_epoch(digits: Arrays, make_net: MakeNet) -> None:
    module = make_net()
    history = fit(module, digits[0][:256], digits[1][:256], replace(PLAIN, epochs=8), Engine())
    assert [record["epoch"] for record in history] == list(range(1, 9))
    assert [record["step"] for record in history] == list(range(8, 72, 8))
    assert history[-1]["train_accuracy"] > 0.9 > history[0]["train_accuracy"]
    assert history[-1]["validation_accuracy"] is None
    assert all(record["images_per_second"] > 0 for record in history)
    assert not module.training
    held_out = compute_logits(module, digits[0][256:], PLAIN, Engine())
    assert (held_out.argmax(1) == digits[1][256:]).mean() > 0.8


def test_validation_judges_the_averaged_weights(digits: Arrays, make_net: MakeNet) -> None:
    module = make_net()
    part = (digits[0][256:], digits[1][256:])
    history = fit(module, digits[0][:256], digits[1][:256], RECIPE, Engine(), validate=part)
    logits = compute_logits(module, part[0], RECIPE, Engine()).astype(float)
    shifted = logits - logits.max(1, keepdims=True)
    losses = np.log(np.exp(shifted).sum(1)) - shifted[np.arange(64), part[1]]
    assert history[-1]["validation_accuracy"] == (logits.argmax(1) == part[1]).mean()
    assert history[-1]["validation_loss"] == pytest.approx(losses.mean(), rel=1e-4)


@pytest.mark.parametrize("memory_format", ["contiguous", "channels_last"])
@pytest.mark.parametrize("steps", [(13,), (1, 10, 11, 29)])
def test_a_killed_run_ends_with_the_bits_of_one_that_was_not(
    digits: Arrays, make_net: MakeNet, tmp_path: Path, memory_format: str, steps: tuple[int, ...]
) -> None:
    engine = Engine.from_dict({"memory_format": memory_format})
    part = (digits[0][:50], digits[1][:50])
    whole = make_net()
    history = fit(whole, *digits, RECIPE, engine, validate=part)
    folder = RunFolder.create(tmp_path / "run")
    often: dict[str, Any] = {"validate": part, "checkpoint_seconds": 0.0, "progress_seconds": 0.0, "resume": True}
    for step in steps:
        torch.manual_seed(step)
        with pytest.raises(KilledError):
            fit(make_net(), *digits, RECIPE, engine, folder=folder, on_progress=kill_at(step), **often)
    module = make_net()
    resumed = fit(module, *digits, RECIPE, engine, folder=folder, **often)
    assert drop_times(resumed) == drop_times(history)
    assert drop_times(folder.read_history()) == drop_times(history)
    assert_same_bits(whole, module)
    stored = folder.read_weights()
    assert all(torch.equal(stored[name], value) for name, value in whole.state_dict().items())


def test_a_damaged_checkpoint_costs_steps_but_no_bits(digits: Arrays, make_net: MakeNet, tmp_path: Path) -> None:
    whole = make_net()
    fit(whole, *digits, RECIPE, Engine())
    folder = RunFolder.create(tmp_path / "run")
    with pytest.raises(KilledError):
        fit(make_net(), *digits, RECIPE, Engine(), folder=folder, on_progress=kill_at(25), progress_seconds=0.0)
    newest = max(folder.state.glob("step-*"))
    newest.write_bytes(newest.read_bytes()[:-1])
    module, seen = make_net(), list[Progress]()
    history = fit(module, *digits, RECIPE, Engine(), folder=folder, resume=True, on_progress=seen.append)
    assert newest.name in seen[0].notes[0]
    assert newest.name in history[1]["notes"][0]
    assert "notes" not in history[2]
    assert_same_bits(whole, module)


def test_a_finished_run_stays_as_it_is(digits: Arrays, make_net: MakeNet, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run")
    first, second = make_net(), make_net()
    history = fit(first, *digits, RECIPE, Engine(), folder=folder)
    assert fit(second, *digits, RECIPE, Engine(), folder=folder, resume=True) == history
    assert_same_bits(first, second)
    with pytest.raises(RunError, match="holds a run already"):
        fit(make_net(), *digits, RECIPE, Engine(), folder=folder)
    for path in folder.state.glob("step-*"):
        path.unlink()
    with pytest.raises(RunError, match="no checkpoint to go on from"):
        fit(make_net(), *digits, RECIPE, Engine(), folder=folder, resume=True)
    assert folder.read_history() == history


def test_a_run_is_resumed_with_its_own_recipe(digits: Arrays, make_net: MakeNet, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run")
    fit(make_net(), *digits, RECIPE, Engine(), folder=folder)
    with pytest.raises(RunError, match=r"recipe lr 0.05, now it is 0.5"):
        fit(make_net(), *digits, replace(RECIPE, lr=0.5), Engine(), folder=folder, resume=True)


def test_a_folder_in_use_is_refused(digits: Arrays, make_net: MakeNet, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run")
    with RunFolder.open(folder.path).writing(), pytest.raises(RunError, match="another process"):
        fit(make_net(), *digits, RECIPE, Engine(), folder=folder)


@pytest.mark.parametrize("fails", [False, True])
def test_nothing_of_the_process_changes(digits: Arrays, make_net: MakeNet, fails: bool) -> None:
    states = [torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()]  # type: ignore[index]
    threads, handler = torch.get_num_threads(), signal.getsignal(signal.SIGINT)
    if fails:
        with pytest.raises(KilledError):
            fit(make_net(), *digits, RECIPE, Engine(threads=2), on_progress=kill_at(2), progress_seconds=0.0)
    else:
        fit(make_net(), *digits, replace(RECIPE, steps=2), Engine(threads=2))
    assert torch.equal(states[0], torch.get_rng_state())
    assert np.array_equal(states[1], np.random.get_state()[1])  # type: ignore[index]
    assert states[2] == random.getstate()
    assert (threads, handler) == (torch.get_num_threads(), signal.getsignal(signal.SIGINT))


def test_the_seed_decides_the_weights(digits: Arrays, make_net: MakeNet) -> None:
    modules = [make_net() for _ in range(3)]
    for module, seed in zip(modules, (1, 1, 2), strict=True):
        torch.manual_seed(seed + 40)
        fit(module, *digits, replace(RECIPE, seed=seed, epochs=1), Engine())
    assert_same_bits(modules[0], modules[1])
    assert not torch.equal(modules[0].state_dict()["6.weight"], modules[2].state_dict()["6.weight"])


def test_minutes_are_kept(digits: Arrays, make_net: MakeNet) -> None:
    history = fit(make_net(), *digits, replace(PLAIN, minutes=0.01, epochs=1), Engine())
    assert 0.5 <= history[-1]["seconds"] < 1.5
    assert len(history) > 1
    assert history[-1]["lr"] < 0.3 * max(record["lr"] for record in history)


def test_frozen_parts_stay_frozen(digits: Arrays, make_net: MakeNet) -> None:
    module = make_net()
    before = {name: value.clone() for name, value in module[0].state_dict().items()}
    module[0].requires_grad_(False)
    fit(module, *digits, replace(PLAIN, epochs=1), Engine())
    assert all(torch.equal(before[name], value) for name, value in module[0].state_dict().items())


class WithSideHead(nn.Module):
    """A network that yields two heads in training and one in eval mode."""

    def __init__(self) -> None:
        super().__init__()
        self.main, self.side = nn.Linear(64, 10), nn.Linear(64, 10)

    def forward(self, batch: torch.Tensor) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
        flat = batch.flatten(1)
        return (self.main(flat), self.side(flat)) if self.training else self.main(flat)


def test_a_modules_own_weights_of_its_side_heads_count(digits: Arrays) -> None:
    module = WithSideHead()
    module.side_weights = (0.0,)  # type: ignore[assignment]
    before = module.side.weight.detach().clone()
    fit(module, *digits, PLAIN, Engine())
    assert torch.nn.functional.cosine_similarity(module.side.weight.flatten(), before.flatten(), 0) > 0.9999


def test_side_heads_learn_by_their_weight(digits: Arrays) -> None:
    module = WithSideHead()
    before = module.side.weight.detach().clone()
    fit(module, *digits, PLAIN, Engine(), side_weights=(0.0,), validate=digits)
    decay = torch.linalg.vector_norm(module.side.weight) / torch.linalg.vector_norm(before)
    assert torch.nn.functional.cosine_similarity(module.side.weight.flatten(), before.flatten(), 0) > 0.9999
    assert 0.99 < decay < 1  # weight decay alone
    fit(module, *digits, PLAIN, Engine(), validate=digits)
    assert torch.nn.functional.cosine_similarity(module.side.weight.flatten(), before.flatten(), 0) < 0.9


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"until": 0.9}, "until is 0.9, but there is no validation part"),
        ({"until": 1.5, "validate": "self"}, "until is 1.5"),
        ({"resume": True}, "no folder to go on from"),
        ({"validate": "narrow"}, r"validation part: inputs of \[1, 8, 4\]"),
        ({"validate": "wrong"}, "validation part: label 10, but the network has 10 outputs; it needs 11"),
    ],
)
def test_wrong_requests_are_named(digits: Arrays, make_net: MakeNet, options: dict[str, Any], message: str) -> None:
    parts = {
        "self": digits,
        "narrow": (digits[0][..., :4], digits[1]),
        "wrong": (digits[0], np.where(digits[1] == 9, 10, digits[1])),
    }
    given: dict[str, Any] = {name: parts[value] if name == "validate" else value for name, value in options.items()}
    with pytest.raises(InputError, match=message):
        fit(make_net(), digits[0], digits[1], PLAIN, Engine(), **given)


def test_a_wrong_network_is_met_before_the_first_step(digits: Arrays) -> None:
    with pytest.raises(ShapeError, match="add gap, flatten, fc-classes"):
        fit(nn.Conv2d(1, 10, 3), *digits, PLAIN, Engine())
    with pytest.raises(InputError, match="training part: label 9, but the network has 5 outputs"):
        fit(nn.Sequential(nn.Flatten(), nn.Linear(64, 5)), *digits, PLAIN, Engine())


def test_one_sample_is_too_few_and_two_make_a_batch(digits: Arrays, make_net: MakeNet) -> None:
    with pytest.raises(InputError, match="at least 2 are needed"):
        fit(make_net(), digits[0][:1], digits[1][:1], PLAIN, Engine())
    assert len(fit(make_net(), digits[0][:2], digits[1][:2], PLAIN, Engine())) == 3


@pytest.mark.parametrize("shape", [(1, 16), (2, 4, 4, 4)])
def test_sound_and_video_train_as_images_do(shape: tuple[int, ...]) -> None:
    convolution: nn.Module = nn.Conv1d(1, 4, 3) if len(shape) == 2 else nn.Conv3d(2, 4, 3)
    module = nn.Sequential(convolution, nn.Flatten(), nn.LazyLinear(2))
    module(torch.zeros(1, *shape))
    generator = np.random.default_rng(0)
    labels = np.arange(64) % 2
    inputs = (generator.integers(0, 100, (64, *shape)) + 100 * labels.reshape(-1, *[1] * len(shape))).astype(np.uint8)
    recipe = Recipe(epochs=10, batch=16, mean=(0.4,) * shape[0], std=(0.3,) * shape[0], augment=RECIPE.augment, lr=0.02)
    history = fit(module, inputs, labels, recipe, Engine(memory_format="channels_last"))
    assert history[-1]["train_accuracy"] > 0.9
