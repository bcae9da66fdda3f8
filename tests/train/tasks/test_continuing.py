"""Continuing: bits by loops, what counts, the levels there and back through normalisation, intervals, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from striate.data.levels import SILENT
from striate.engine import Engine
from striate.errors import InputError, ShapeError
from striate.layers import PaddedConv1d
from striate.train import Recipe, fit
from striate.train.batches import Samples, normalise, read_samples
from striate.train.inference import compute_kept
from striate.train.tasks import make_task, restore_task
from striate.train.tasks.continuing import SPANS, Continue, measure_bits
from striate.train.tasks.stretches import NOTHING

RECIPE = Recipe(epochs=1, batch=2, mean=(0.4,), std=(0.3,))


def count_bits(scores: Tensor, levels: list[int]) -> list[float]:
    """Minus the logarithm of each level's share, a moment at a time; 0 for those that don't count."""
    bits = []
    for moment, level in enumerate(levels):
        column = [math.exp(float(each)) for each in scores[:, moment]]
        bits.append(0.0 if level == NOTHING else -math.log2(column[level] / sum(column)))
    return bits


def make_levels(count: int = 4, length: int = 60, seed: int = 0) -> Tensor:
    return torch.randint(0, 256, (count, 1, length), generator=torch.Generator().manual_seed(seed)).to(torch.uint8)


def make_net(seed: int = 0) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(PaddedConv1d(1, 6, 3, pads=((2, 0),)), nn.ReLU(), nn.Conv1d(6, 256, 1))


def test_bits_are_those_of_a_loop() -> None:
    scores = torch.randn(1, 256, 5, generator=torch.Generator().manual_seed(0))
    levels = [3, NOTHING, 255, 0, 128]
    found = measure_bits(scores, torch.tensor([levels]))[0]
    assert found.tolist() == pytest.approx(count_bits(scores[0], levels), abs=1e-5)


def test_the_loss_is_the_mean_of_the_moments_that_count() -> None:
    scores = torch.randn(2, 256, 3, generator=torch.Generator().manual_seed(0))
    targets = torch.tensor([[1, 2, NOTHING], [9, NOTHING, NOTHING]])
    loss, merits = Continue().compute_loss(scores, targets, RECIPE)
    bits = [*count_bits(scores[0], [1, 2]), *count_bits(scores[1], [9])]
    assert float(loss) == pytest.approx(sum(bits) / 3, abs=1e-5)
    assert float(merits) == pytest.approx(2 * sum(bits) / 3, abs=1e-5)


def test_what_counts_of_nothing_costs_nothing() -> None:
    loss, _ = Continue().compute_loss(torch.randn(1, 256, 2), torch.full((1, 2), NOTHING), RECIPE)
    assert float(loss) == 0


@pytest.mark.parametrize("recipe", [RECIPE, Recipe(epochs=1, mean=(0.0,), std=(1 / 255,))])
def test_a_step_sees_the_levels_a_moment_late(recipe: Recipe) -> None:
    levels, task = make_levels(), Continue(window=60)
    counts = task.read_targets(torch.zeros(4), levels, "training")
    given, wanted = task.pair(normalise(levels, recipe), counts, torch.arange(4), recipe, 0)
    held, held_wanted = task.hold_out(levels, counts, torch.arange(4), recipe)
    assert torch.equal(wanted, levels[:, 0].long())
    assert torch.equal(held_wanted, wanted)
    assert torch.equal(held[:, 0, 1:], levels[:, 0, :-1])
    assert held[:, 0, 0].tolist() == [SILENT] * 4
    torch.testing.assert_close(given, normalise(held, recipe), atol=1e-5, rtol=0)
    if recipe.mean == (0.0,):
        assert torch.equal(given, held.float())  # whole numbers, to the bit


def test_padding_counts_where_nothing_was_padded() -> None:
    levels = make_levels()
    levels[:, :, 50:] = SILENT
    assert Continue(padded=False).read_targets(torch.zeros(4), levels, "training").tolist() == [60] * 4
    assert (Continue(padded=True).read_targets(torch.zeros(4), levels, "training") <= 50).all()


def test_padding_changes_neither_loss_nor_bits() -> None:
    short, task = make_levels(length=30), Continue(padded=True)
    short[:, :, -1] = 7
    long = torch.cat([short, torch.full((4, 1, 20), SILENT, dtype=torch.uint8)], 2)
    found = []
    for levels in (short, long):
        samples = read_samples(levels, torch.zeros(4), RECIPE, "held-out", task)
        kept = compute_kept(make_net(), samples, RECIPE, Engine(), task=task)
        found.append(task.validate(torch.from_numpy(kept), samples.labels)[0])
    assert found[0] == pytest.approx(found[1], abs=1e-5)


def test_what_is_kept_is_what_a_loop_adds_up() -> None:
    levels, task, net = make_levels(3, 130), Continue(padded=True), make_net()
    levels[1, :, 90:] = SILENT
    samples = read_samples(levels, torch.zeros(3), RECIPE, "held-out", task)
    kept = compute_kept(net, samples, RECIPE, Engine(), task=task)
    assert kept.shape == (3, 2, SPANS)
    sums, counts = np.zeros((3, SPANS)), np.zeros((3, SPANS))
    for row in range(3):
        late = torch.cat([torch.tensor([[SILENT]], dtype=torch.uint8), levels[row, :, :-1]], 1)
        with torch.no_grad():
            scores = net.eval()(normalise(late[None], RECIPE))[0]
        wanted = [
            int(each) if place < int(samples.labels[row]) else NOTHING for place, each in enumerate(levels[row, 0])
        ]
        for place, bits in enumerate(count_bits(scores, wanted)):
            sums[row, place * SPANS // 130] += bits
            counts[row, place * SPANS // 130] += wanted[place] != NOTHING
    np.testing.assert_allclose(kept[:, 0], sums, atol=1e-3)
    np.testing.assert_array_equal(kept[:, 1], counts)


def test_figures_weigh_each_moment_alike() -> None:
    kept = np.zeros((2, 2, SPANS), np.float32)
    kept[0, :, 0], kept[1, :, 1] = (30, 10), (2, 1)
    judged = Continue().judge(kept, np.zeros(2), RECIPE)
    assert judged.merit == pytest.approx(32 / 11)
    assert judged.loss == judged.merit
    assert judged.interval == pytest.approx((2.0, 3.0))  # some draws hold one sequence alone
    assert judged.figures["samples_counted"] == 11
    assert judged.figures["along"][:3] == pytest.approx([3.0, 2.0, None])


def test_training_on_a_pattern_ends_near_no_bits() -> None:
    levels = (torch.arange(200) % 2 * 100 + 50).to(torch.uint8).repeat(8, 1, 1)
    recipe = Recipe(epochs=60, batch=4, optimizer="adamw", lr=0.02, mean=(0.4,), std=(0.2,))
    history = fit(make_net(), levels, torch.zeros(8), recipe, Engine(), task=Continue(window=64))
    assert history[0]["train_merit"] > 1.5 * history[-1]["train_merit"]
    assert history[-1]["train_merit"] < 0.5


def test_the_task_comes_back_from_plain_values() -> None:
    task = make_task("continue", np.zeros(3), {"kind": "sound", "axes": 1, "dtype": "uint8"})
    assert task == Continue(padded=True) == restore_task(task.to_dict())


def test_less_is_better() -> None:
    merit = Continue().merit
    assert merit.reaches(4.0, 5.0)
    assert not merit.reaches(6.0, 5.0)
    with pytest.raises(InputError, match="at most 8"):
        merit.check(9.0)


@pytest.mark.parametrize(
    "inputs", [torch.zeros(2, 2, 9, dtype=torch.uint8), torch.zeros(2, 1, 9), torch.zeros(2, 1, 3, 3)]
)
def test_other_inputs_are_refused(inputs: Tensor) -> None:
    with pytest.raises(InputError, match="levels of a sequence"):
        Continue().read_targets(torch.zeros(2), inputs, "training")


def test_silence_alone_is_refused() -> None:
    with pytest.raises(InputError, match="silent"):
        Continue(padded=True).read_targets(torch.zeros(2), torch.full((2, 1, 9), SILENT, dtype=torch.uint8), "training")


def test_networks_of_another_form_are_refused() -> None:
    with pytest.raises(ShapeError, match="256 scores"):
        Continue().split(torch.zeros(2, 256))
    with pytest.raises(InputError, match="256 scores"):
        Continue().check_outputs((10, 60), torch.zeros(2), "training")
    with pytest.raises(InputError, match="pad=causal"):
        Continue().check_module(nn.Conv1d(1, 256, 3, padding=1), (1, 40), RECIPE)


def test_samples_are_judged_alike_in_any_batch() -> None:
    levels, task, net = make_levels(5, 70), Continue(), make_net()
    samples = read_samples(levels, torch.zeros(5), RECIPE, "held-out", task)
    whole = compute_kept(net, samples, RECIPE, Engine(), task=task)
    alone = [
        compute_kept(
            net, Samples(samples.inputs[row : row + 1], samples.labels[row : row + 1]), RECIPE, Engine(), task=task
        )
        for row in range(5)
    ]
    np.testing.assert_allclose(whole, np.concatenate(alone), atol=1e-4)
