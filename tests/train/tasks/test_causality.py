"""Which networks see the future: by changes, held against gradients."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from striate.layers import ChannelNorm, PaddedConv1d
from striate.nets import parse
from striate.nets.build import make_module
from striate.train.tasks.causality import find_leak

MOMENTS = 24


def leaks_by_gradient(module: nn.Module, moments: int = MOMENTS) -> bool:
    """Whether any answer has a gradient with respect to a later input."""
    signal = torch.randn(1, 1, moments, generator=torch.Generator().manual_seed(1), requires_grad=True)
    outputs = module.eval()(signal)
    for moment in range(moments):
        (slope,) = torch.autograd.grad(outputs[..., moment].sum(), signal, retain_graph=True, allow_unused=True)
        if slope is not None and bool(slope[..., moment + 1 :].any()):
            return True
    return False


def causal(size: int, dilation: int = 1, inside: int = 1) -> nn.Module:
    return PaddedConv1d(inside, 4, size, dilation=dilation, pads=(((size - 1) * dilation, 0),))


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "causal": lambda: nn.Sequential(causal(3), nn.Tanh(), causal(2, 4, inside=4)),
    "one moment": lambda: nn.Conv1d(1, 4, 1),
    "padded on both sides": lambda: nn.Conv1d(1, 4, 3, padding=1),
    "one step too far": lambda: PaddedConv1d(1, 4, 3, pads=((1, 1),)),
    "far ahead": lambda: nn.Sequential(causal(3), nn.Conv1d(4, 4, 2, dilation=6, padding=3)),
    "normed over the channels": lambda: nn.Sequential(causal(3), ChannelNorm(4)),
    "normed over the time": lambda: nn.Sequential(causal(3), nn.GroupNorm(1, 4)),
}  # fmt: skip


@pytest.mark.parametrize("name", NETWORKS)
def test_a_leak_is_found_where_a_gradient_finds_one(name: str) -> None:
    torch.manual_seed(0)
    module = NETWORKS[name]()
    module.train()
    signal = torch.randn(1, 1, MOMENTS, generator=torch.Generator().manual_seed(2))
    assert (find_leak(module, signal) is not None) == leaks_by_gradient(module)


def test_modes_come_back() -> None:
    module = nn.Sequential(causal(3), nn.BatchNorm1d(4), nn.Dropout(0.5)).train()
    module[1].eval()
    assert find_leak(module, torch.randn(1, 1, 12)) is None
    assert module[0].training
    assert not module[1].training
    assert module[2].training


def test_a_network_of_symbols_is_told_by_its_answers_alone() -> None:
    net = parse("embed256-8, conv3-8 pad=causal, relu, conv1-classes")
    ahead = parse("embed256-8, conv3-8, relu, conv1-classes")
    levels = torch.randint(0, 256, (1, 1, 30), generator=torch.Generator().manual_seed(0)).float()
    assert find_leak(make_module(net, (1, 30), 256), levels) is None
    assert find_leak(make_module(ahead, (1, 30), 256), levels) is not None
