from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path

import pytest
from tests.train.whole import PLAIN, RECIPE, Arrays, MakeNet, assert_same_bits

from striate.engine import Engine
from striate.errors import Stopped
from striate.train import Progress, RunFolder, fit, load_latest


def test_until_stops_at_the_first_epoch_that_reaches_it(digits: Arrays, make_net: MakeNet, tmp_path: Path) -> None:
    part = (digits[0][256:], digits[1][256:])
    recipe, folder = replace(PLAIN, epochs=30), RunFolder.create(tmp_path / "run")
    history = fit(
        make_net(), digits[0][:256], digits[1][:256], recipe, Engine(), validate=part, until=0.6, folder=folder
    )
    accuracies = [record["validation_accuracy"] for record in history]
    assert accuracies[-1] >= 0.6
    assert all(accuracy < 0.6 for accuracy in accuracies[:-1])
    assert len(history) < 30
    again = fit(
        make_net(), digits[0][:256], digits[1][:256], recipe, Engine(), validate=part, folder=folder, resume=True
    )
    assert again == history


@pytest.mark.parametrize(("steps", "ends"), [(25, [10, 20, 25]), (4, [4]), (20, [10, 20])])
def test_steps_are_kept(digits: Arrays, make_net: MakeNet, steps: int, ends: list[int]) -> None:
    history = fit(make_net(), *digits, replace(PLAIN, steps=steps), Engine())
    assert [record["step"] for record in history] == ends
    assert [record["epoch"] for record in history] == list(range(1, len(ends) + 1))


def test_progress_is_shown_and_ends_at_the_end(digits: Arrays, make_net: MakeNet) -> None:
    part, seen = (digits[0][:50], digits[1][:50]), list[Progress]()
    history = fit(make_net(), *digits, PLAIN, Engine(), validate=part, on_progress=seen.append, progress_seconds=0.0)
    assert [progress.step for progress in seen] == list(range(1, 31))
    assert [seen[index].epoch for index in (0, 9, 10, 29)] == [1, 1, 2, 3]
    assert {(progress.steps, progress.epochs) for progress in seen} == {(30, 3)}
    assert seen[0].validation_accuracy is None
    assert seen[15].validation_accuracy == history[0]["validation_accuracy"]
    assert (seen[-1].loss, seen[-1].accuracy) == (history[-1]["train_loss"], history[-1]["train_accuracy"])
    assert seen[-1].seconds_left == 0.0 < seen[0].seconds_left
    assert seen[-1].images_per_second > 0


@pytest.mark.parametrize(("number", "step"), [(signal.SIGINT, 14), (signal.SIGTERM, 14), (signal.SIGINT, 20)])
def test_a_signal_saves_and_stops(
    digits: Arrays, make_net: MakeNet, tmp_path: Path, number: signal.Signals, step: int
) -> None:
    def press(progress: Progress) -> None:
        if progress.step == step:
            signal.raise_signal(number)

    whole, module = make_net(), make_net()
    fit(whole, *digits, RECIPE, Engine())
    folder = RunFolder.create(tmp_path / "run")
    with pytest.raises(Stopped, match=rf"stopped after step {step} of 30.*--resume") as caught:
        fit(make_net(), *digits, RECIPE, Engine(), folder=folder, on_progress=press, progress_seconds=0.0)
    checkpoint, _ = load_latest(folder.state)
    assert checkpoint is not None
    assert (checkpoint.step, caught.value.step, len(caught.value.history)) == (step, step, step // 10)
    fit(module, *digits, RECIPE, Engine(), folder=folder, resume=True)
    assert_same_bits(whole, module)
