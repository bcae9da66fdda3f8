from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from striate.engine import Engine
from striate.errors import InputError, ShapeError
from striate.train import Augment, Recipe, fit
from striate.train.augment import draw
from striate.train.balance import find_class_weights
from striate.train.batches import Samples, iterate_batches, read_samples
from striate.train.inference import compute_kept, compute_logits
from striate.train.tasks import make_task, restore_task
from striate.train.tasks.overlap import measure_cells
from striate.train.tasks.segment import Segment, find_overlaps, rank_samples

RECIPE = Recipe(epochs=1, batch=4, mean=(0.0,), std=(1.0,))
TASK = Segment()


def make_batch(classes: int = 3, extents: tuple[int, ...] = (4, 5), count: int = 4) -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(2)
    outputs = torch.randn(count, classes, *extents, generator=generator)
    targets = torch.randint(0, classes, (count, *extents), generator=generator, dtype=torch.uint8)
    targets[0, 0] = 255
    return outputs, targets


def test_the_task_is_found_by_name_and_comes_back_from_settings() -> None:
    task = make_task("segment", np.zeros((2, 3, 3), np.uint8), {})
    assert task == TASK
    assert restore_task(task.to_dict()) == task


@pytest.mark.parametrize("extents", [(7,), (4, 5), (3, 4, 2)])
def test_the_loss_is_the_mean_of_the_judged_cells(extents: tuple[int, ...]) -> None:
    """Against loops over cells, the softmax written out."""
    outputs, targets = make_batch(extents=extents)
    loss, merit = TASK.compute_loss(outputs, targets, RECIPE)
    each = []
    for place in np.ndindex(targets.shape):
        label = int(targets[place])
        if label != 255:
            scores = [math.exp(float(outputs[(place[0], k, *place[1:])])) for k in range(3)]
            each.append(-math.log(scores[label] / sum(scores)))
    assert float(loss) == pytest.approx(sum(each) / len(each), rel=1e-5)
    kept = TASK.keep(outputs, targets, outputs, RECIPE)
    assert TASK.validate(kept, targets)[0] == pytest.approx(float(loss), rel=1e-5)
    assert float(merit) / 4 == pytest.approx(TASK.validate(kept, targets)[1])


def test_unjudged_cells_bear_no_gradient() -> None:
    outputs, targets = make_batch()
    outputs.requires_grad_()
    torch.autograd.backward(TASK.compute_loss(outputs, targets, RECIPE)[0])
    assert outputs.grad is not None
    judged = (targets != 255)[:, None].expand_as(outputs)
    assert (outputs.grad[~judged] == 0).all()
    assert (outputs.grad[judged] != 0).all()
    nothing = torch.full_like(targets, 255)
    loss, merit = TASK.compute_loss(outputs, nothing, RECIPE)
    assert (float(loss.detach()), float(merit)) == (0, 0)


def test_weights_count_classes_alike() -> None:
    """Inverse frequency: the sum over the cells of a class, of their weights, is the same for each class."""
    _, targets = make_batch(count=9)
    weights = find_class_weights(targets, Recipe(epochs=1, mean=(0,), std=(1,), balance="weights"))
    assert weights is not None
    sums = [float(weights[k] * (targets == k).sum()) for k in range(3)]
    assert sums == pytest.approx([float((targets != 255).sum()) / 3] * 3)
    outputs, few = make_batch(classes=4)
    few[few == 3] = 0  # weights end before the last class, which never occurs
    weights = torch.tensor([0.5, 1.0, 2.0])
    loss, _ = TASK.compute_loss(outputs, few, RECIPE, class_weights=weights)
    cells = F.cross_entropy(outputs, few.long(), ignore_index=255, reduction="none")
    wanted = (cells * torch.where(few == 255, 0, weights[few.clamp(max=2).long()])).sum() / (few != 255).sum()
    assert float(loss) == pytest.approx(float(wanted), rel=1e-5)


def test_what_is_kept_tells_the_figures_of_the_whole() -> None:
    outputs, targets = make_batch(count=6)
    kept = torch.cat([TASK.keep(outputs[i : i + 2], targets[i : i + 2], outputs, RECIPE) for i in (0, 2, 4)]).numpy()
    assert kept.shape == (6, 1 + 9)
    judged = TASK.judge(kept, targets.numpy(), RECIPE)
    hit = (outputs.argmax(1) == targets)[targets != 255]
    assert judged.figures["right"] == pytest.approx(float(hit.double().mean()))
    assert judged.merit == judged.figures["iou"] == pytest.approx(TASK.validate(torch.from_numpy(kept), targets)[1])
    assert judged.interval[0] <= judged.merit <= judged.interval[1]
    assert judged.figures == measure_cells(kept[:, 1:].reshape(6, 3, 3), 0)


def test_samples_are_ranked_by_their_own_overlap() -> None:
    outputs, targets = make_batch(count=6)
    targets[2] = outputs[2].argmax(0)  # all right
    targets[4] = 255  # not judged at all
    targets[5] = (outputs[5].argmax(0) + 1) % 3  # all wrong
    kept = TASK.keep(outputs, targets, outputs, RECIPE).numpy()
    order = rank_samples(kept).tolist()
    assert (order[0], order[-1], len(order)) == (5, 2, 5)
    assert math.isnan(find_overlaps(kept)[4])
    assert sorted(TASK.choose_examples(kept)) == sorted(order)


def test_answers_are_the_likeliest_classes() -> None:
    outputs, _ = make_batch()
    answers = TASK.answer(TASK.condense(outputs).numpy(), RECIPE)
    assert answers.dtype == np.uint8
    for place in np.ndindex(answers.shape):
        scores = outputs[(place[0], slice(None), *place[1:])]
        assert scores[int(answers[place])] == scores.max()


@pytest.mark.parametrize(
    ("targets", "found"),
    [
        (torch.zeros(2, 4, 4, dtype=torch.uint8), "a class number for each cell of"),
        (torch.zeros(2, 4, 5), "of torch.float32"),
        (torch.full((2, 4, 5), 256), "numbers from 256 to 256"),
        (torch.full((2, 4, 5), -1), "numbers from -1 to -1"),
        (torch.zeros(2, dtype=torch.int64), "a class number for each cell"),
    ],
)
def test_targets_of_another_form_are_refused(targets: torch.Tensor, found: str) -> None:
    with pytest.raises(InputError, match=found):
        TASK.read_targets(targets, torch.zeros(2, 1, 4, 5), "training")


def test_outputs_must_fit_the_targets() -> None:
    _, targets = make_batch()
    assert TASK.check_outputs((3, 4, 5), targets, "training") == 3
    with pytest.raises(InputError, match="answers for"):
        TASK.check_outputs((3, 4, 6), targets, "training")
    with pytest.raises(InputError, match="label 2, but the network has 2 outputs"):
        TASK.check_outputs((2, 4, 5), targets, "training")
    for wrong in (torch.zeros(2, 3), (torch.zeros(2, 3, 4), torch.zeros(2, 3, 2)), "words"):
        with pytest.raises(ShapeError):
            TASK.split(wrong)
    assert TASK.find_output(3, (1, 4, 5)) == (3, 4, 5)
    assert "3x4x5" in TASK.describe_output(3, (1, 4, 5))


@pytest.mark.parametrize("extents", [(9,), (9, 12), (4, 5, 6)])
def test_a_picture_that_is_its_mask_stays_its_mask(extents: tuple[int, ...]) -> None:
    """The twin: whatever shifts and mirrors a picture does the very same to its mask, batch by batch."""
    masks = np.random.default_rng(0).integers(0, 200, (8, *extents), np.uint8)
    recipe = Recipe(
        epochs=1, batch=4, mean=(0.0,), std=(1 / 255,), augment=Augment(shift=3, flip=True, still=len(extents) > 2)
    )
    samples = read_samples(masks[:, None], masks, recipe, task=TASK)
    moved = 0
    for epoch in range(3):
        for batch, targets in iterate_batches(samples, recipe, Engine(), epoch, task=TASK):
            assert torch.equal(batch[:, 0].round().to(torch.uint8), targets)
            moved += sum(not any(np.array_equal(each, mask) for mask in masks) for each in targets.numpy())
    assert moved > 12


def test_turned_masks_take_the_nearest_cell() -> None:
    """A turned picture of plain areas and its mask agree away from the edges; no number comes up that wasn't there."""
    masks = np.zeros((6, 24, 24), np.uint8)
    masks[:, 6:18, 4:13], masks[:, 2:9, 15:22] = 200, 100
    recipe = Recipe(epochs=1, batch=6, mean=(0.0,), std=(1 / 255,), augment=Augment(rotate=30, scale=0.2))
    samples = Samples(torch.from_numpy(masks[:, None]), torch.from_numpy(masks))
    ((batch, targets),) = iterate_batches(samples, recipe, Engine(), 0, task=TASK)
    assert set(targets.flatten().tolist()) == {0, 100, 200}
    same = (batch[:, 0] - targets.float()).abs() < 1
    assert same.float().mean() > 0.8
    # What differs is at an edge: bilinear values between the two, of which the nearest is the mask's.
    off = (batch[:, 0] - targets.float()).abs()[~same]
    assert (off <= 101).float().mean() > 0.95
    assert not torch.equal(targets, torch.from_numpy(masks))
    assert not torch.equal(TASK.move(torch.from_numpy(masks), draw(recipe, 1, 6), recipe), targets)


def test_a_network_learns_to_segment() -> None:
    rng = np.random.default_rng(4)
    masks = (rng.random((64, 6, 6)) < 0.4).astype(np.uint8)
    inputs = (60 + 120 * masks + rng.integers(-40, 40, masks.shape)).astype(np.uint8)[:, None]
    recipe = Recipe(epochs=6, batch=8, mean=(0.4,), std=(0.25,))
    module = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 2, 1))
    held = inputs[:16], masks[:16]
    history = fit(module, inputs[16:], masks[16:], recipe, Engine(), validate=held, task=TASK)
    assert history[-1]["validation_merit"] > 0.9
    assert history[-1]["train_merit"] > 0.8
    kept = compute_kept(module, read_samples(*held, recipe, task=TASK), recipe, Engine(), task=TASK)
    assert kept.dtype == np.float64
    assert TASK.validate(torch.from_numpy(kept), torch.empty(0))[1] == pytest.approx(history[-1]["validation_merit"])
    answers = compute_logits(module, held[0], recipe, Engine(), task=TASK, condensed=True)
    assert answers.dtype == np.uint8
    assert (answers == masks[:16]).mean() > 0.95
