"""Restoring: what is kept batch by batch against whole arrays; damage that doesn't ask what stands beside; resuming."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from striate.engine import Engine
from striate.errors import InputError, ShapeError, Stopped
from striate.train import Augment, Recipe, fit
from striate.train.batches import iterate_batches, read_samples
from striate.train.folder import RunFolder
from striate.train.inference import compute_kept, compute_logits
from striate.train.tasks import check_name, make_task, restore_task
from striate.train.tasks.restore import LEFT_OUT, Restore

RECIPE = Recipe(epochs=2, batch=4, lr=0.01, mean=(0.4,), std=(0.2,), seed=3, augment=Augment(shift=1, flip=True))
NOISE = Restore("noise=0.3,mask=0.1")


def make_inputs(count: int = 12, shape: tuple[int, ...] = (1, 6, 5), dtype: Any = np.uint8) -> Any:
    low, high = (0, 256) if dtype == np.uint8 else (-20000, 20000)
    return np.random.default_rng(0).integers(low, high, (count, *shape)).astype(dtype)


def list_batches(inputs: Any, labels: Any, task: Restore) -> list[tuple[Tensor, Tensor]]:
    return list(iterate_batches(read_samples(inputs, labels, RECIPE, task=task), RECIPE, Engine(), 0, 0, task))


def make_module() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 1, 3, padding=1))


class Identity(nn.Module):
    """Gives back what it gets."""

    def forward(self, batch: Tensor) -> Tensor:
        """The batch."""
        return batch


def test_what_is_kept_is_the_whole_arrays_figures() -> None:
    """PSNR of all samples at once, from all outputs at once, by NumPy."""
    inputs, module = make_inputs(9), make_module()
    samples = read_samples(inputs, np.zeros(9), RECIPE, task=NOISE)
    kept = compute_kept(module, samples, RECIPE, Engine(), batch=4, task=NOISE)
    noisy, _ = NOISE.hold_out(samples.inputs, samples.labels, torch.arange(9), RECIPE)
    outputs = compute_logits(module, noisy, RECIPE, Engine(), task=NOISE)
    restored = np.clip(outputs.astype(float) * 0.2 + 0.4, 0, 1)
    for column, values in ((1, restored), (2, np.clip(noisy.double().numpy(), 0, 1))):
        errors = ((values - inputs / 255) ** 2).reshape(9, -1).mean(1)
        assert kept[:, column] == pytest.approx(-10 * np.log10(errors), abs=1e-3)
    loss = ((outputs - (inputs / 255 - 0.4) / 0.2) ** 2).mean()
    judged = NOISE.judge(kept, np.zeros(9), RECIPE)
    assert judged.loss == pytest.approx(loss, rel=1e-5)
    assert judged.merit == pytest.approx(kept[:, 1].mean(), rel=1e-6)
    assert NOISE.validate(torch.from_numpy(kept), samples.labels) == pytest.approx(
        (judged.loss, judged.merit), rel=1e-6
    )


@pytest.mark.parametrize("batch", [1, 2, 5, 9])
def test_held_out_damage_does_not_depend_on_the_batch(batch: int) -> None:
    samples = read_samples(make_inputs(9), np.zeros(9), RECIPE, task=NOISE)
    whole = compute_kept(Identity(), samples, RECIPE, Engine(), task=NOISE)
    parts = compute_kept(Identity(), samples, RECIPE, Engine(), batch=batch, task=NOISE)
    assert np.allclose(whole, parts, atol=1e-4)
    last = compute_kept(Identity(), samples.cut(slice(6, 9)), RECIPE, Engine(), task=NOISE, first=6)
    assert np.allclose(whole[6:], last, atol=1e-4)


def test_an_identity_gains_nothing() -> None:
    samples = read_samples(make_inputs(9), np.zeros(9), RECIPE, task=NOISE)
    kept = compute_kept(Identity(), samples, RECIPE, Engine(), task=NOISE)
    assert np.allclose(kept[:, 1], kept[:, 2], atol=1e-3)


def test_training_damages_anew_in_each_epoch_and_alike_in_each_run() -> None:
    samples = read_samples(make_inputs(), np.zeros(12), RECIPE, task=NOISE)

    def gather(epoch: int, start: int = 0) -> list[tuple[Tensor, Tensor]]:
        return list(iterate_batches(samples, RECIPE, Engine(), epoch, start, NOISE))

    first, again, second = gather(0), gather(0), gather(1)
    assert all(torch.equal(a[0], b[0]) for a, b in zip(first, again, strict=True))
    assert torch.equal(first[2][0], gather(0, 2)[0][0])
    noises = [
        {tuple((given * 0.2 + 0.4 - wanted).flatten().mul(1e4).round().tolist()) for given, wanted in pairs}
        for pairs in ([pair for batch in each for pair in zip(*batch, strict=True)] for each in (first, second))
    ]
    assert len(noises[0]) == 12
    assert not noises[0] & noises[1]


def test_targets_are_the_clean_inputs_moved_with_them() -> None:
    """Without damage to speak of, a step's targets are its inputs in full-scale units; pairs move together."""
    inputs = make_inputs()
    quiet = Restore("noise=0")
    for given, wanted in list_batches(inputs, np.zeros(12), quiet):
        assert torch.allclose(given * 0.2 + 0.4, wanted, atol=1e-6)
    pairs = Restore("")
    for given, wanted in list_batches(inputs, inputs, pairs):
        assert torch.allclose(given * 0.2 + 0.4, wanted, atol=1e-6)


@pytest.mark.parametrize("noise", ["snr=0", "snr=-6"])
def test_sound_is_levelled_after_the_damage_and_its_target_alike(noise: str) -> None:
    task = Restore(noise, sound=True, low=-1.0)
    recipe = Recipe(epochs=1, mean=(0.0,), std=(0.1,))
    inputs = torch.from_numpy(make_inputs(3, (1, 200), np.int16))
    inputs[2] = 0
    given, wanted = task.hold_out(inputs, torch.zeros(3), torch.arange(3), recipe)
    assert given.abs().amax((1, 2)).tolist() == pytest.approx([0.9, 0.9, 0.0], abs=1e-6)
    for row in range(2):
        gain = float((wanted[row] * inputs[row]).sum() / inputs[row].float().square().sum()) * 32768
        assert torch.allclose(wanted[row], gain * inputs[row] / 32768, atol=1e-6)
        power, rest = (float(each.square().sum()) for each in (wanted[row], given[row] - wanted[row]))
        assert 10 * math.log10(power / rest) == pytest.approx(float(noise[4:]), abs=1e-3)
    kept = compute_kept(
        Identity(), read_samples(inputs, torch.zeros(3), recipe, task=task), recipe, Engine(), task=task
    )
    judged = task.judge(kept, np.zeros(3), recipe)
    assert (task.merit.name, judged.figures["silent"]) == ("SI-SDR", 1)
    assert judged.figures["gain"] == pytest.approx(0, abs=1e-4)


def test_resuming_ends_with_the_same_bits(tmp_path: Path) -> None:
    inputs, labels = make_inputs(), np.zeros(12)

    def run(folder: Path, **more: Any) -> dict[str, Tensor]:
        module = make_module()
        fit(
            module,
            inputs,
            labels,
            RECIPE,
            Engine(),
            validate=(inputs, labels),
            folder=RunFolder(folder),
            task=NOISE,
            **more,
        )
        return module.state_dict()

    def stop(progress: Any) -> None:
        if progress.step == 4:
            raise KeyboardInterrupt

    folders = [tmp_path / name for name in ("whole", "broken")]
    for folder in folders:
        folder.mkdir()
    whole = run(folders[0])
    with pytest.raises((Stopped, KeyboardInterrupt)):
        run(folders[1], on_progress=stop, progress_seconds=0, checkpoint_seconds=0)
    resumed = run(folders[1], resume=True)
    assert all(torch.equal(value, resumed[name]) for name, value in whole.items())


def test_it_learns() -> None:
    """Stripes under noise: a small network gains in a few steps."""
    rng = np.random.default_rng(0)
    stripes = np.zeros((64, 1, 8, 8), np.uint8)
    stripes[np.arange(64), :, rng.integers(0, 8, 64)] = 255
    recipe = Recipe(epochs=12, batch=16, optimizer="adamw", lr=0.01, mean=(0.125,), std=(0.33,))
    history = fit(
        make_module(), stripes, np.zeros(64), recipe, Engine(), validate=(stripes[:16], np.zeros(16)), task=NOISE
    )
    task_figures = [record["validation_merit"] for record in history]
    assert task_figures[-1] > task_figures[0] + 1


def test_answers_are_of_full_scale() -> None:
    outputs = np.array([[[[3.0, -3.0, 0.5]]]])
    assert NOISE.answer(outputs, RECIPE)[0, 0, 0].tolist() == pytest.approx([1.0, 0.0, 0.5])
    loud = Restore("snr=0", sound=True)
    assert loud.answer(outputs, RECIPE)[0, 0, 0].tolist() == pytest.approx([1.0, -0.2, 0.5])


def test_examples_are_the_worst_the_middling_and_the_best() -> None:
    merits = np.array([5.0, 1, 9, np.nan, 3, 7, 2, 8, 4, 6, 10])
    kept = np.stack([merits, merits, merits], 1)
    assert [merits[place] for place in NOISE.choose_examples(kept)] == [1, 2, 3, 4, 5, 6, 8, 9, 10]
    assert list(NOISE.choose_examples(kept[:2])) == [1, 0]
    assert list(NOISE.choose_examples(kept[3:4])) == []


@pytest.mark.parametrize("kind", ["images", "sound", "volumes"])
def test_damage_that_is_left_out_is_said(kind: str) -> None:
    task = make_task("restore", np.zeros(3), {"kind": kind, "axes": 1 if kind == "sound" else 2})
    assert isinstance(task, Restore)
    assert task.corrupt == LEFT_OUT[kind == "sound"]
    assert "left out" in task.reasons[0]
    assert restore_task(task.to_dict()) == task
    assert restore_task(task.to_dict()).merit.name == ("SI-SDR" if kind == "sound" else "PSNR")


@pytest.mark.parametrize(
    "options",
    [
        {"kind": "words"},
        {"kind": "series"},
        {"kind": "sound", "axes": 2},
        {"kind": "images", "paired": True, "corrupt": "noise=1"},
        {"kind": "images", "corrupt": "snr=0"},
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, Any]) -> None:
    check_name("restore")
    with pytest.raises(InputError) as caught:
        make_task("restore", np.zeros(3), options)
    assert "\n" not in str(caught.value)


def test_networks_of_another_end_are_refused() -> None:
    inputs = make_inputs()
    with pytest.raises(ShapeError, match="conv1-classes"):
        fit(nn.Sequential(nn.Flatten(), nn.Linear(30, 2)), inputs, np.zeros(12), RECIPE, Engine(), task=NOISE)
    with pytest.raises(ShapeError, match="1x3x3"):
        fit(nn.Conv2d(1, 1, 3, stride=2, padding=1), inputs, np.zeros(12), RECIPE, Engine(), task=NOISE)
    with pytest.raises(InputError, match="clean samples"):
        fit(make_module(), inputs, inputs[:, :, 1:], RECIPE, Engine(), task=Restore(""))
