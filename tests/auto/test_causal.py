from __future__ import annotations

import pytest
import torch
from torch import nn

import striate
from striate.auto.causal import choose_dilations, design_series


@pytest.mark.parametrize("window", [1, 2, 5, 8, 33, 64])
def test_the_answer_sees_every_row_of_the_window(window: int) -> None:
    module = striate.build(design_series(2, window).text, input=(2, window), classes=3).double().eval()
    inputs = torch.randn(1, 2, window, dtype=torch.float64, requires_grad=True)
    module(inputs).abs().sum().backward()
    assert inputs.grad is not None
    assert bool((inputs.grad.abs().amax((0, 1)) > 0).all())


def test_no_cell_before_the_last_sees_what_comes_after_it() -> None:
    module = striate.build(design_series(1, 32).text, input=(1, 32), classes=2).eval()
    trunk = [part for name, part in module.named_modules() if isinstance(part, nn.ReLU)]
    kept: list[torch.Tensor] = []
    for part in trunk:
        part.register_forward_hook(lambda _module, _args, output: kept.append(output))
    first = torch.randn(1, 1, 32)
    later = first.clone()
    later[..., 20:] += 1
    with torch.no_grad():
        module(first)
        module(later)
    for one, other in zip(kept[: len(kept) // 2], kept[len(kept) // 2 :], strict=True):
        assert torch.equal(one[..., :20], other[..., :20])
        assert not torch.equal(one[..., 20:], other[..., 20:])


def test_dilations_are_as_few_as_reach_back_to_the_first_row() -> None:
    for window in range(1, 200):
        steps = choose_dilations(window)
        assert 1 + 4 * sum(steps) >= window
        assert len(steps) == 1 or 1 + 4 * sum(steps[:-1]) < window


@pytest.mark.parametrize("window", [4, 9, 24])
def test_by_gradient_each_cell_knows_itself_and_its_past_alone(window: int) -> None:
    """The gradient of every cell of every layer of the trunk at every row of the input: none of it lies ahead."""
    module = striate.build(design_series(2, window).text, input=(2, window), classes=1).double().eval()
    kept: list[torch.Tensor] = []
    for part in module.modules():
        if isinstance(part, nn.Conv1d | nn.ReLU):
            part.register_forward_hook(lambda _module, _args, output: kept.append(output))
    inputs = torch.randn(1, 2, window, dtype=torch.float64, requires_grad=True)
    module(inputs)
    assert len(kept) > 3
    for output in kept:
        assert output.shape[-1] == window
        reach = torch.zeros(window, window)
        for cell in range(window):
            (slope,) = torch.autograd.grad(output[..., cell].sum(), inputs, retain_graph=True)
            reach[cell] = slope.abs().sum((0, 1))
        assert bool((reach.triu(1) == 0).all())
        assert bool((reach.diagonal() > 0).any())
