from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from striate.engine import Engine
from striate.train import Recipe
from striate.train.learner import Learner
from striate.train.randomness import random_state_kept
from striate.train.splitting import attempt, is_out_of_memory, split, split_further

MakeNet = Callable[[], nn.Sequential]
RECIPE = Recipe(epochs=1, batch=12, lr=0.05, mean=(0.5,), std=(0.5,), smoothing=0.1, average=0.9)
HUGE = 2**60


def draw(count: int = 12) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(count, 1, 8, 8, generator=generator), torch.randint(0, 10, (count,), generator=generator)


def test_what_a_failed_attempt_held_is_free() -> None:
    held: list[weakref.ref[torch.Tensor]] = []

    def work() -> torch.Tensor:
        own = torch.zeros(10, requires_grad=True) * 2
        held.append(weakref.ref(own))
        return own + torch.empty(HUGE)

    gc.disable()
    try:
        assert attempt(work) is None
        assert held[0]() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("error", [ValueError("no"), RuntimeError("shapes differ"), KeyboardInterrupt()])
def test_other_errors_pass(error: BaseException) -> None:
    def work() -> None:
        raise error

    with pytest.raises(type(error)):
        attempt(work)
    assert not is_out_of_memory(error)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("std::bad_alloc"),
    ],
)
def test_every_sign_is_known(error: Exception) -> None:
    assert is_out_of_memory(error)


@given(st.integers(2, 300))
def test_parts_double_until_they_hold_two_samples(batch: int) -> None:
    parts, tried = 1, [1]
    while (further := split_further(parts, batch)) is not None:
        assert parts < further <= 2 * parts
        parts = further
        tried.append(parts)
    assert parts == batch // 2
    numbers = torch.arange(batch)
    for parts in tried:
        lengths = [len(part) for part, _ in split(numbers, numbers, parts)]
        assert min(lengths) >= 2 or batch < 4
        assert max(lengths) - min(lengths) <= 1
        assert torch.equal(torch.cat([part for part, _ in split(numbers, numbers, parts)]), numbers)


@pytest.mark.parametrize("parts", [2, 3, 5, 6])
def test_the_update_is_that_of_the_whole_batch(make_net: MakeNet, parts: int) -> None:
    """In float64, without what a part sees alone (batch norm, dropout)."""
    batch, labels = draw()
    nets = [nn.Sequential(make_net()[0], nn.ReLU(), nn.Flatten(), nn.Linear(512, 10)).double() for _ in range(2)]
    nets[1].load_state_dict(nets[0].state_dict())
    learners = [Learner(net, RECIPE, Engine()) for net in nets]
    with random_state_kept(Engine()):
        for step in range(3):
            whole = learners[0].learn(batch.double(), labels, step, 0.05)
            split_up = learners[1].learn(batch.double(), labels, step, 0.05, parts=parts)
            assert whole is not None
            assert split_up is not None
            # The loss itself is taken in float32.
            assert torch.allclose(whole[0], split_up[0], rtol=1e-5)
            assert whole[1] == split_up[1]
    for name, value in learners[0].tensors().items():
        assert torch.allclose(value, learners[1].tensors()[name], rtol=1e-5, atol=1e-7)


def test_batch_norm_sees_each_part_by_itself(make_net: MakeNet) -> None:
    batch, labels = draw()
    learner = Learner(make_net(), RECIPE, Engine())
    norm = learner.module.get_submodule("1")
    mean, square = torch.zeros(8), torch.ones(8)
    with torch.no_grad():
        for part in batch.tensor_split(3):
            values = learner.module.get_submodule("0")(part).transpose(0, 1).flatten(1)
            mean, square = 0.9 * mean + 0.1 * values.mean(1), 0.9 * square + 0.1 * values.var(1)
    with random_state_kept(Engine()):
        learner.learn(batch, labels, 0, 0.05, parts=3)
    assert torch.allclose(norm.get_buffer("running_mean"), mean, atol=1e-6)
    assert torch.allclose(norm.get_buffer("running_var"), square, atol=1e-5)
    assert int(norm.get_buffer("num_batches_tracked")) == 3


class Greedy(nn.Module):
    """Takes more memory than there is where it is given more than so many samples; late, so that buffers moved."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        if len(batch) > self.most:
            torch.empty(HUGE)
        return batch


def test_a_step_that_does_not_fit_changes_nothing_and_the_same_step_split_is_taken(make_net: MakeNet) -> None:
    batch, labels = draw()
    learners = [Learner(nn.Sequential(make_net(), Greedy(most)), RECIPE, Engine()) for most in (4, 12)]
    before = {name: value.clone() for name, value in learners[0].tensors().items()}
    with random_state_kept(Engine()):
        for parts in (1, 2):
            assert learners[0].learn(batch, labels, 0, 0.05, parts=parts) is None
            assert all(torch.equal(value, before[name]) for name, value in learners[0].tensors().items())
            assert all(value.grad is None for value in learners[0].module.parameters())
        found = [learner.learn(batch, labels, 0, 0.05, parts=3) for learner in learners]
    assert found[0] is not None
    assert found[1] is not None
    assert torch.equal(found[0][0], found[1][0])
    assert all(torch.equal(value, learners[1].tensors()[name]) for name, value in learners[0].tensors().items())


def test_assessing_changes_nothing_and_gives_the_loss_that_the_step_begins_with(make_net: MakeNet) -> None:
    batch, labels = draw()
    learner = Learner(make_net(), RECIPE, Engine())
    before = {name: value.clone() for name, value in learner.tensors().items()}
    with random_state_kept(Engine()):
        assessed = learner.assess(batch, labels, 7, parts=2)
        assert all(torch.equal(value, before[name]) for name, value in learner.tensors().items())
        found = learner.learn(batch, labels, 7, 0.05, parts=2)
    assert found is not None
    assert torch.equal(assessed, found[0])
