from __future__ import annotations

import itertools

import pytest
import torch

from striate.engine import Engine
from striate.train.randomness import derive_seed, epoch_order, random_state_kept, seed_step


def test_seeds_of_neighbouring_places_differ() -> None:
    places = itertools.product(("order", "augment", "step"), range(10), range(10))
    seeds = {derive_seed(purpose, seed, place) for purpose, seed, place in places}
    assert len(seeds) == 300
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_the_order_is_a_permutation_of_its_own_for_each_epoch() -> None:
    orders = [epoch_order(seed=1, epoch=epoch, count=50) for epoch in (0, 1, 0)]
    assert sorted(orders[0].tolist()) == list(range(50))
    assert torch.equal(orders[0], orders[2])
    assert not torch.equal(orders[0], orders[1])


def test_a_step_draws_the_same_numbers_whatever_came_before() -> None:
    with random_state_kept(Engine()):
        seed_step(Engine(), 3, 17)
        first = torch.rand(4)
        seed_step(Engine(), 3, 18)
        other = torch.rand(4)
        seed_step(Engine(), 3, 17)
        assert torch.equal(first, torch.rand(4))
        assert not torch.equal(first, other)


def test_the_callers_random_state_comes_back_after_an_error() -> None:
    before = torch.get_rng_state()

    def fail() -> None:
        with random_state_kept(Engine()):
            seed_step(Engine(), 0, 0)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert torch.equal(before, torch.get_rng_state())
