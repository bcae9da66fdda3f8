from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

import striate
from striate.engine.spanning import may_span, span

CONVS: dict[int, Any] = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
LAYOUTS = {4: torch.channels_last, 5: torch.channels_last_3d}


def differentiate(forward: Any, conv: nn.Module, batch: Tensor) -> list[Tensor]:
    """An output, and the gradients of a sum with weights over it."""
    given = batch.detach().clone(memory_format=torch.preserve_format).requires_grad_()
    conv.zero_grad()
    output = forward(given)
    (output * torch.linspace(-1, 1, output.numel()).view(output.shape)).sum().backward()
    return [output.detach(), given.grad, *(value.grad for value in conv.parameters())]


@given(
    kernel=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    channels=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    count=st.integers(1, 4),
    stride=st.integers(1, 3),
    bias=st.booleans(),
    last=st.booleans(),
    larger=st.integers(0, 1),
)
def test_outputs_and_gradients_are_the_convolution_s_own(
    kernel: list[int], channels: tuple[int, int], count: int, stride: int, bias: bool, last: bool, larger: int
) -> None:
    conv = CONVS[len(kernel)](*channels, kernel, stride=stride, bias=bias)
    batch = torch.randn(count, channels[0], *(size + larger for size in kernel))
    if last and batch.ndim in LAYOUTS:
        batch = batch.to(memory_format=LAYOUTS[batch.ndim])
        conv.weight.data = conv.weight.data.to(memory_format=LAYOUTS[batch.ndim])
    forward = span(conv)
    assert forward is not conv
    for found, wanted in zip(differentiate(forward, conv, batch), differentiate(conv, conv, batch), strict=True):
        assert found.shape == wanted.shape
        torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    "module",
    [
        nn.Conv2d(4, 4, 3, padding=1),
        nn.Conv2d(4, 4, 3, padding="same"),
        nn.Conv2d(4, 4, 3, groups=2),
        nn.Conv2d(4, 4, 3, dilation=2),
        nn.ConvTranspose2d(4, 4, 3),
        nn.Linear(4, 4),
    ],
)
def test_what_can_t_span_is_called_as_it_is(module: nn.Module) -> None:
    assert not may_span(module)
    assert span(module) is module


def test_a_module_is_as_before_also_after_an_error() -> None:
    module = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(2, 2))
    forward, seen = span(module), []
    handle = module[0].register_forward_hook(lambda conv, given, output: seen.append(output.shape))
    forward(torch.zeros(4, 1, 3, 3))
    assert seen == [(4, 2, 1, 1)]
    with pytest.raises(RuntimeError):
        forward(torch.zeros(4, 1, 5, 5))  # nine places: too many for the last layer
    with pytest.raises(RuntimeError):
        forward(torch.zeros(4, 2, 3, 3))  # of other channels than the filters'
    handle.remove()
    assert all("forward" not in vars(part) for part in module.modules())


def test_a_sample_without_a_batch_and_weights_of_a_rule_s_making() -> None:
    conv = nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 4, 2))
    plain = nn.Conv2d(3, 4, 2)
    for module, shape in ((plain, (3, 2, 2)), (plain, (3, 5, 5)), (conv, (6, 3, 2, 2))):
        sample = torch.randn(shape)
        torch.testing.assert_close(span(module)(sample), module(sample))


def test_the_c5_of_lenet_trains_as_a_product() -> None:
    """The same weights after three steps as without it, up to rounding."""
    torch.manual_seed(0)
    batch, ends = torch.randn(8, 1, 32, 32), []
    for take in (span, lambda module: module):
        module = striate.build("lenet5-1998", classes=10, seed=1).train()
        forward, optimizer = take(module), torch.optim.SGD(module.parameters(), lr=0.1)
        for _ in range(3):
            optimizer.zero_grad()
            forward(batch).square().mean().backward()
            optimizer.step()
        ends.append(torch.cat([value.detach().flatten() for value in module.parameters()]))
    torch.testing.assert_close(*ends, rtol=1e-4, atol=1e-5)
