from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from striate.engine import Engine
from striate.train import Augment, Recipe, fit
from striate.train.balance import balanced_order, find_class_weights, plan_epoch
from striate.train.batches import iterate_batches, read_samples
from striate.train.randomness import epoch_order

PLAIN = Recipe(epochs=2, batch=8, mean=(0.5,), std=(0.25,))
labels_of = st.lists(st.integers(0, 5), min_size=1, max_size=80)


@given(labels_of)
def test_weights_give_every_class_the_same_sum_and_the_samples_a_mean_of_one(labels: list[int]) -> None:
    weights = find_class_weights(torch.tensor(labels), replace(PLAIN, balance="weights"))
    assert weights is not None
    sums = {label: sum(float(weights[one]) for one in labels if one == label) for label in set(labels)}
    assert list(sums.values()) == pytest.approx([len(labels) / len(sums)] * len(sums), rel=1e-5)
    assert sum(sums.values()) == pytest.approx(len(labels), rel=1e-5)
    assert find_class_weights(torch.tensor(labels), PLAIN) is None


@given(labels_of, st.integers(0, 50), st.integers(0, 3))
def test_each_class_comes_as_often_as_any_other(labels: list[int], seed: int, epoch: int) -> None:
    order = balanced_order(torch.tensor(labels), seed, epoch).tolist()
    assert len(order) == len(labels)
    comes = Counter(labels[sample] for sample in order)
    classes = set(labels)
    assert {comes[label] for label in classes} <= {len(labels) // len(classes), -(-len(labels) // len(classes))}
    for label in classes:  # within a class, each sample before any comes again
        times = [order.count(sample) for sample, one in enumerate(labels) if one == label]
        assert max(times) - min(times) <= 1
    assert order == balanced_order(torch.tensor(labels), seed, epoch).tolist()


def test_epochs_differ_and_without_balance_nothing_does() -> None:
    labels = torch.tensor([0] * 30 + [1] * 5)
    assert not torch.equal(balanced_order(labels, 0, 0), balanced_order(labels, 0, 1))
    order, rows = plan_epoch(labels, PLAIN, 1)
    assert torch.equal(order, epoch_order(0, 1, 35))
    assert torch.equal(rows, order)


def test_a_sample_that_comes_twice_is_changed_in_two_ways() -> None:
    inputs = np.random.default_rng(0).integers(0, 256, (24, 1, 9, 9), np.uint8)
    labels = np.array([0] * 23 + [1])
    recipe = replace(PLAIN, balance="sampling", augment=Augment(shift=3), batch=24)
    ((batch, drawn),) = iterate_batches(read_samples(inputs, labels, recipe), recipe, Engine(), 0)
    rare = batch[drawn == 1]
    assert len(rare) == 12
    assert len({tuple(one.flatten().tolist()) for one in rare}) > 6


@pytest.mark.parametrize("balance", ["weights", "sampling"])
def test_a_rare_class_is_found_more_often(balance: str) -> None:
    rng = np.random.default_rng(0)
    labels = np.array([0] * 380 + [1] * 20)
    inputs = np.clip(rng.normal(100 + 25 * labels[:, None, None], 25, (400, 1, 4)), 0, 255).astype(np.uint8)

    def find_share(way: str) -> float:
        torch.manual_seed(0)
        net = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
        fit(net, inputs, labels, replace(PLAIN, epochs=6, batch=40, balance=way), Engine(threads=1))
        with torch.no_grad():
            answers = net(torch.from_numpy(inputs).float().div(255).sub(0.5).div(0.25)).argmax(1).numpy()
        return float((answers[labels == 1] == 1).mean())

    assert find_share(balance) > find_share("none") + 0.2
