"""A timed step leaves the gradients of a step, a timed answer the module's own, and nothing else behind."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from striate.engine import Engine
from striate.engine.stepping import list_outputs, random_state_kept, take_answer, take_step


def make_net() -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(3 * 16, 5))


BATCH = torch.randn(4, 1, 6, 6, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("heads", [1, 2])
def test_a_step_leaves_the_gradients_of_its_outputs_squares(heads: int) -> None:
    module, twin = make_net(), make_net()

    def forward(batch: Tensor) -> Any:
        found = module(batch)
        return found if heads == 1 else (found, 2 * found)

    for parameter in module.parameters():
        parameter.grad = torch.full_like(parameter, 100.0)  # of a step before, which must not count in
    seconds = take_step(forward, module, BATCH, Engine())
    assert 0 < seconds < 60
    outputs = twin(BATCH)
    loss = sum((value**2).sum() / value.numel() for value in (outputs, 2 * outputs)[:heads])
    wanted = torch.autograd.grad(loss, list(twin.parameters()))
    for parameter, gradient in zip(module.parameters(), wanted, strict=True):
        assert torch.allclose(parameter.grad, gradient, rtol=1e-4, atol=1e-6)  # type: ignore[arg-type]


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_an_answer_is_the_first_output_in_single_precision(precision: str) -> None:
    module = make_net().eval()
    seconds, found = take_answer(lambda batch: (module(batch), None), BATCH, Engine.from_dict({"precision": precision}))
    assert 0 < seconds < 60
    assert found.dtype == torch.float32
    assert not found.requires_grad
    exact = precision == "fp32"
    assert torch.allclose(found, module(BATCH), rtol=1e-5 if exact else 0.1, atol=1e-6 if exact else 0.05)
    assert torch.equal(found, module(BATCH)) or not exact
    assert all(parameter.grad is None for parameter in module.parameters())


def test_the_callers_threads_and_grad_mode_stay() -> None:
    threads, module = torch.get_num_threads(), make_net()
    seen: list[tuple[int, bool]] = []

    def forward(batch: Tensor) -> Tensor:
        seen.append((torch.get_num_threads(), torch.is_grad_enabled()))
        found: Tensor = module(batch)
        return found

    with torch.no_grad():
        take_step(forward, module, BATCH, Engine(threads=2))
        assert not torch.is_grad_enabled()
    take_answer(forward, BATCH, Engine(threads=2))
    assert seen == [(2, True), (2, False)]
    assert torch.get_num_threads() == threads
    assert torch.is_grad_enabled()


def test_outputs_are_listed_one_or_several() -> None:
    one, other = torch.zeros(1), torch.ones(1)
    assert list_outputs(one) == (one,)
    assert [id(each) for each in list_outputs([one, other])] == [id(one), id(other)]


def test_the_random_state_is_the_callers_again_even_after_an_error() -> None:
    before = torch.get_rng_state()
    with random_state_kept("cpu"):
        torch.rand(9)
    assert torch.equal(before, torch.get_rng_state())
    with pytest.raises(RuntimeError), random_state_kept("cpu"):
        torch.rand(9) @ torch.rand(3)
    assert torch.equal(before, torch.get_rng_state())
