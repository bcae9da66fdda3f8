from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from striate.auto.recipes import Layers, Subject
from striate.auto.recipes.fast import find_lr, find_weight_decay, make_fast
from striate.train import Group, Recipe, check_recipe

Make = Callable[..., Subject]
PLAIN = Layers(depth=8, kernels=24, taps=12, gain=1.0)


def follow(subject: Subject) -> Recipe:
    return replace(subject.base, **make_fast(subject).changes)


def test_airbenchs_own_numbers(subject: Make) -> None:
    recipe = follow(subject())
    assert (recipe.batch, recipe.momentum, recipe.smoothing, recipe.steps) == (1024, 0.85, 0.2, -(-99 * 43 // 10))
    k = 1024 * (1 + 1 / 0.15)
    assert recipe.lr == pytest.approx(1024 * 11.5 / k, rel=1e-4)
    groups = {group.of: group for group in recipe.groups}
    lr, of_bias = recipe.lr, groups["norm bias"]
    assert of_bias.lr == 64
    # What a step takes off every weight: 0.0153 * batch / k of it.
    for group in groups.values():
        assert group.weight_decay is not None
        assert lr * group.lr * group.weight_decay == pytest.approx(0.0153 * 1024 / k, rel=1e-4)
    assert groups["first bias"].until == pytest.approx(3 / 9.9)
    assert (recipe.start, recipe.warmup, recipe.final) == (0.2, 0.23, 0.07)
    assert (recipe.augment.shift, recipe.augment.flip, recipe.augment.alternate) == (2, True, True)
    assert (recipe.whiten.images, recipe.freeze_norms, recipe.init, recipe.mirror) == (5000, True, "dirac", True)
    check_recipe(recipe, 3)


def test_a_network_with_other_scores_keeps_its_own_rates(subject: Make) -> None:
    recipe = follow(subject(PLAIN))
    assert (recipe.lr, recipe.momentum, recipe.weight_decay) == (0.1 * 1024 / 256, 0.9, 5e-4)
    assert {group.of for group in recipe.groups} == {"first bias"}
    assert (recipe.lookahead.every, recipe.freeze_norms) == (5, True)
    assert any("1/9, which these aren't" in reason for reason in make_fast(subject(PLAIN)).reasons)


def test_what_is_summed_there_is_a_mean_here() -> None:
    """The same steps of weights: torch's SGD with airbench's own numbers and loss, and with ours."""
    steps = []
    lr, decay = 11.5 / (1024 * (1 + 1 / 0.15)), 0.0153 * 1024 / 11.5
    for reduction, rate, shrink in (("sum", lr, decay), ("mean", find_lr(1024), find_weight_decay())):
        weight = torch.linspace(-1, 1, 12).view(3, 4).double().requires_grad_()
        torchs = torch.optim.SGD([weight], lr=rate, weight_decay=shrink, momentum=0.85, nesterov=True)
        inputs = torch.randn(1024, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
        for _ in range(3):
            torchs.zero_grad()
            loss = nn.functional.cross_entropy(inputs @ weight.T, torch.arange(1024) % 3, reduction=reduction)
            loss.backward()  # type: ignore[no-untyped-call]
            torchs.step()
        steps.append(weight.detach())
    assert torch.allclose(steps[0], steps[1], rtol=1e-9)


@pytest.mark.parametrize(
    ("layers", "options", "said", "settings"),
    [
        (replace(PLAIN, kernels=64), {}, "64 kernels", {"images": 0}),
        (replace(PLAIN, kernels=0, taps=0), {}, "doesn't begin with a convolution", {"images": 0}),
        (Layers(depth=3, batch_norms=False), {}, "without batch norms", {"every": 0, "lr": 0.1}),
        (PLAIN, {"trained": True}, "trained weights are changed little", {"images": 0, "lr": 0.1, "init": "plain"}),
        (PLAIN, {"flip": False}, "never mirrored", {"mirror": False}),
        (PLAIN, {"extents": (400,)}, "samples are left as they are", {"nudge": 0}),
    ],
)
def test_what_does_not_apply_is_left_out_and_said(
    subject: Make, layers: Layers, options: dict[str, Any], said: str, settings: dict[str, Any]
) -> None:
    given = subject(layers, **options)
    recipe, reasons = follow(given), make_fast(given).reasons
    assert any(said in reason for reason in reasons)
    found = {
        "images": recipe.whiten.images,
        "every": recipe.lookahead.every,
        "lr": recipe.lr,
        "init": recipe.init,
        "mirror": recipe.mirror,
        "nudge": recipe.nudge,
    }
    assert {name: found[name] for name in settings} == settings
    check_recipe(recipe)


def test_small_sets_take_small_batches_and_keep_the_rate_of_a_sample(subject: Make) -> None:
    small, large = (follow(subject(train_samples=count)) for count in (1300, 45_000))
    assert small.batch == 64
    assert small.lr / small.batch == pytest.approx(large.lr / large.batch, rel=1e-2)
    assert small.steps is not None
    assert small.steps >= 400
    assert Group(of="all", weight_decay=small.weight_decay) in small.groups
