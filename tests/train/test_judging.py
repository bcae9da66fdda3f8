"""A part judged by several ranks at once: whoever works out which sample, each knows what one alone would find."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tests.train.whole import Arrays, MakeNet

from striate.engine import Engine
from striate.train import Recipe, judging
from striate.train.batches import Samples
from striate.train.inference import compute_kept
from striate.train.judging import gather_kept, share_out, validate_learner
from striate.train.learner import Learner

RECIPE = Recipe(epochs=1, batch=8, mean=(0.3,), std=(0.4,), average=0.5)


class Share:
    """One of several ranks, as far as it shares work out; what they gave is laid end to end."""

    def __init__(self, rank: int, count: int, given: list[NDArray[np.float32]]) -> None:
        self.rank, self.count, self.given = rank, count, given

    def take(self, count: int) -> slice:
        return slice(self.rank * count // self.count, (self.rank + 1) * count // self.count)

    def gather(self, rows: NDArray[np.float32], length: int) -> NDArray[np.float32]:
        self.given.append(rows)
        return np.concatenate(self.given)


def share(patch: pytest.MonkeyPatch, ranks: int, judge: Callable[[], NDArray[np.float32]]) -> NDArray[np.float32]:
    """What the last of several ranks knows, once all have worked."""
    given: list[NDArray[np.float32]] = []
    for rank in range(ranks):
        patch.setattr(judging, "find_ranks", lambda rank=rank: Share(rank, ranks, given))
        known = judge()
    return known


@pytest.mark.parametrize("ranks", [1, 2, 3, 7])
@pytest.mark.parametrize("count", [7, 12, 20])
def test_each_sample_is_worked_out_once_and_all_are_known(
    monkeypatch: pytest.MonkeyPatch, ranks: int, count: int
) -> None:
    seen: list[int] = []
    rows = np.random.default_rng(0).normal(size=(count, 3)).astype(np.float32)

    def work(places: slice) -> NDArray[np.float32]:
        seen.extend(range(count)[places])
        return rows[places]

    assert np.array_equal(share(monkeypatch, ranks, lambda: share_out(work, count)), rows)
    assert sorted(seen) == list(range(count))


def test_of_fewer_samples_than_ranks_each_works_out_all(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.arange(4, dtype=np.float32).reshape(2, 2)
    assert np.array_equal(share(monkeypatch, 3, lambda: share_out(lambda places: rows[places], 2)), rows)


@pytest.mark.parametrize("ranks", [1, 3])
def test_answers_are_those_of_one_process(
    monkeypatch: pytest.MonkeyPatch, digits: Arrays, make_net: MakeNet, ranks: int
) -> None:
    samples, module = Samples(torch.from_numpy(digits[0][:50]), torch.from_numpy(digits[1][:50])), make_net().eval()
    alone = compute_kept(module, samples, RECIPE, Engine())
    found = share(monkeypatch, ranks, lambda: gather_kept(module, samples, RECIPE, Engine()))
    assert np.allclose(found, alone, atol=1e-5)


def test_a_learner_is_judged_with_its_averaged_weights_which_it_keeps(digits: Arrays, make_net: MakeNet) -> None:
    learner = Learner(make_net(), RECIPE, Engine())
    samples = Samples(torch.from_numpy(digits[0][:40]), torch.from_numpy(digits[1][:40]))
    for step in range(3):
        learner.learn(torch.randn(8, 1, 8, 8), torch.arange(8), step, 0.5)
    before = {name: value.clone() for name, value in learner.tensors().items()}
    loss, merit = validate_learner(learner, samples)
    assert all(torch.equal(value, before[name]) for name, value in learner.tensors().items())
    with learner.averaged():
        scores = torch.from_numpy(compute_kept(learner.module, samples, RECIPE, Engine())).double()
    expected = [-float(row.log_softmax(0)[label]) for row, label in zip(scores, samples.labels, strict=True)]
    assert loss == pytest.approx(sum(expected) / 40, rel=1e-5)
    assert merit == sum(int(row.argmax()) == int(label) for row, label in zip(scores, samples.labels, strict=True)) / 40
    assert validate_learner(learner, None) == (None, None)


def test_a_loss_that_overflows_is_none(digits: Arrays, make_net: MakeNet) -> None:
    learner = Learner(make_net(), RECIPE, Engine())
    samples = Samples(torch.from_numpy(digits[0][:4]), torch.from_numpy(digits[1][:4]))
    learner.restore(
        {name: value * torch.inf if value.is_floating_point() else value for name, value in learner.tensors().items()}
    )
    assert validate_learner(learner, samples)[0] is None
