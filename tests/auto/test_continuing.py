"""The network that auto chooses to continue sequences: causal, seeing as far back as it says; and its recipe."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from striate.auto import adapt_plan, choose_recipe, design_for_task
from striate.auto.continuing import choose_dilations, choose_epochs, count_look_back
from striate.data import Facts, load_dataset
from striate.nets import parse
from striate.nets.build import make_module
from striate.train.generating import is_streaming
from striate.train.tasks.causality import find_leak


@pytest.fixture(scope="module")
def facts() -> Facts:
    levels = np.random.default_rng(0).integers(0, 256, (30, 1, 300)).astype(np.uint8)
    return load_dataset((levels, np.zeros(30, np.int64)), task="continue").facts


@pytest.mark.parametrize(("length", "rate"), [(300, None), (1200, 8000.0), (1500, 16_000.0), (20, None)])
def test_the_look_back_is_what_gradients_see(facts: Facts, length: int, rate: float | None) -> None:
    design = design_for_task(replace(facts, extents=(length,), rate=rate), "continue")
    assert design is not None
    module = make_module(parse(design.text), (1, length), 256).double().eval()
    signal = torch.randn(1, 1, length, generator=torch.Generator().manual_seed(0), dtype=torch.float64).requires_grad_()
    module(signal)[0, :, -1].sum().backward()
    assert signal.grad is not None
    seen = length - int(signal.grad[0, 0].nonzero()[0])
    told = next(reason for reason in design.reasons if "samples before each are seen" in reason)
    assert seen == min(length, int(told.split("the ")[1].split(" samples")[0]))
    wanted = min(length, 0.06 * rate if rate else 512)
    assert seen >= min(length, wanted)
    assert is_streaming(module)
    assert find_leak(module, signal.detach()) is None


def test_no_layer_more_than_needed() -> None:
    for samples in (5, 17, 18, 100, 512, 1000):
        steps = choose_dilations(samples)
        assert count_look_back(steps) >= samples
        assert len(steps) == 1 or count_look_back(steps[:-1]) < samples


def test_the_recipe_keeps_what_was_asked(facts: Facts) -> None:
    wishes = {"epochs": 3, "lr": 0.5}
    plan = choose_recipe(facts, wishes=wishes)
    adapted = adapt_plan(plan, "continue", frozenset(wishes), samples=24)
    assert (adapted.recipe.epochs, adapted.recipe.lr, adapted.recipe.optimizer) == (3, 0.5, "adamw")
    assert adapted.recipe.smoothing == 0
    assert not adapted.recipe.mirror
    assert adapted.recipe.augment.shift == 0
    assert any("3 epochs, as asked" in reason for reason in adapted.reasons)


def test_the_length_is_about_as_many_steps_whatever_the_samples() -> None:
    for samples in (400, 2430, 20_000):
        assert 2900 <= choose_epochs(samples, 8) * (samples // 8) <= 10_100
