from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from torch import nn

from striate.auto.recipes import Layers, Subject
from striate.auto.recipes.muon import make_muon
from striate.train import Recipe, check_recipe
from striate.train.optimizers import SGD, Muon, make_optimizer

Make = Callable[..., Subject]


def follow(subject: Subject) -> Recipe:
    return replace(subject.base, **make_muon(subject).changes)


def test_the_records_own_numbers(subject: Make) -> None:
    recipe = follow(subject(train_samples=64_000))
    groups = {group.of: group for group in recipe.groups}
    assert (recipe.batch, recipe.steps, recipe.lr, recipe.momentum) == (2000, 8 * 32, 0.24, 0.85)
    assert (groups["filters"].optimizer, groups["filters"].momentum) == ("muon", 0.6)
    # For the mean of a batch's losses, not their sum.
    assert recipe.lr * groups["norm bias"].lr == pytest.approx(0.053 * 2000)
    # The record's head has weights 256/9 times as large: 0.67 there is 0.67 * (9/256)^2 here.
    assert recipe.lr * groups["all"].lr == pytest.approx(0.67 * 2000 * (9 / 256) ** 2)
    assert (recipe.schedule, recipe.warmup, recipe.final) == ("linear", 0.0, 0.0)
    check_recipe(recipe, 3)


def test_filters_go_to_muon_and_the_rest_to_sgd(subject: Make) -> None:
    net = nn.Sequential(
        nn.Conv2d(3, 24, 2), nn.Conv2d(24, 8, 3, bias=False), nn.BatchNorm2d(8), nn.Flatten(), nn.Linear(8, 2)
    )
    net[0].weight.requires_grad_(False)
    optimizer = make_optimizer(net, follow(subject()))
    taken = {name: type(rule) for rule, _ in optimizer.rules for name in rule.parameters}
    expected = {"1.weight": Muon, "0.bias": SGD, "2.weight": SGD, "2.bias": SGD, "4.weight": SGD, "4.bias": SGD}
    assert taken == expected


def test_without_batch_norms_a_banks_size_is_its_own(subject: Make) -> None:
    recipe = follow(subject(Layers(depth=4, filters=3, batch_norms=False)))
    assert (recipe.unit_norm, recipe.freeze_norms, recipe.lr) == (False, False, 0.02)
    check_recipe(recipe)


def test_trained_weights_are_changed_little(subject: Make) -> None:
    given = subject(trained=True)
    assert follow(given).groups == ()
    assert any("trained weights" in reason for reason in make_muon(given).reasons)


def test_a_network_with_other_scores_keeps_the_rates_of_the_rest(subject: Make) -> None:
    given = subject(Layers(depth=4, filters=3))
    recipe = follow(given)
    assert [group.of for group in recipe.groups] == ["filters", "all"]
    assert recipe.lr * recipe.groups[1].lr == pytest.approx(given.base.lr * 2000 / 256)


def test_without_filters_sgd_does_it_all(subject: Make) -> None:
    given = subject(Layers(depth=3, normalised=False, batch_norms=False))
    assert [group.of for group in follow(given).groups] == ["all"]
    assert any("no filters" in reason for reason in make_muon(given).reasons)
