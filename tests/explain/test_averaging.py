"""The gradient that is read off a graph, against the one that autograd works out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from tests.explain.tiny import CLASSES, GAPS
from torch import Tensor, nn
from torch.nn import functional as F

from striate.explain.averaging import read_gradient

CHANNELS = 6
Head = Callable[[Tensor, Tensor, Tensor], Tensor]
"""Of maps, weights and biases the scores."""

AVERAGES: dict[str, Head] = {
    "a layer for the mean": lambda maps, weights, bias: F.linear(
        GAPS[maps.ndim - 2](1)(maps).flatten(1), weights, bias
    ),
    "the mean over the last axes": lambda maps, weights, bias: F.linear(
        maps.mean([-axis for axis in range(1, maps.ndim - 1)]), weights, bias
    ),
    "the mean over axes from the first": lambda maps, weights, bias: F.linear(
        maps.mean([*range(2, maps.ndim)]), weights, bias
    ),
    "no bias": lambda maps, weights, bias: maps.mean([*range(2, maps.ndim)]) @ weights.t(),
    "a copy, and axes of 1 that go": lambda maps, weights, bias: F.linear(
        maps.clone().mean([*range(2, maps.ndim)], keepdim=True).squeeze().view(len(maps), -1), weights, bias
    ),
}
OTHERS: dict[str, Head] = {
    "a rectifier before the mean": lambda maps, weights, bias: F.linear(maps.relu().mean((2, 3)), weights, bias),
    "a rectifier behind the mean": lambda maps, weights, bias: F.linear(maps.mean((2, 3)).relu(), weights, bias),
    "a rectifier at the end": lambda maps, weights, bias: F.linear(maps.mean((2, 3)), weights, bias).relu(),
    "a factor": lambda maps, weights, bias: torch.addmm(bias, maps.mean((2, 3)), weights.t(), alpha=2),
    "the mean over one axis": lambda maps, weights, bias: F.linear(maps.mean(3)[:, :, 0], weights, bias),
    "the mean over places and channels": lambda maps, weights, bias: F.linear(
        maps.mean((1, 2, 3))[:, None].expand(-1, CHANNELS), weights, bias
    ),
    "the mean of turned axes": lambda maps, weights, bias: F.linear(
        maps.transpose(1, 2).contiguous().mean((2, 3)), weights, bias
    ),
    "the mean of other shapes": lambda maps, weights, bias: F.linear(
        maps.view(len(maps), 2, -1, CHANNELS).transpose(1, 3).mean((2, 3)), weights, bias
    ),
    "a sum of two": lambda maps, weights, bias: F.linear(maps.mean((2, 3)) + maps.amax((2, 3)), weights, bias),
    "weights of the maps": lambda maps, weights, bias: maps.mean((2, 3)) @ (weights.t() * maps.mean()),
    "biases of the maps": lambda maps, weights, bias: torch.addmm(
        maps.amax((1, 2, 3))[:, None], maps.mean((2, 3)), weights.t()
    ),
    "maps for biases": lambda maps, weights, bias: torch.addmm(maps[0, :1, 0], maps.mean((2, 3)), weights.t()),
    "weights that are made": lambda maps, weights, bias: F.linear(maps.mean((2, 3)), weights * 2, bias),
    "no maps": lambda maps, weights, bias: F.linear(maps.detach().mean((2, 3)), weights, bias) + 0 * maps.sum(),
    "another leaf": lambda maps, weights, bias: F.linear(maps.detach().requires_grad_().mean((2, 3)), weights, bias),
}


def draw(axes: int, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    torch.manual_seed(0)
    maps = torch.randn(3, CHANNELS, *[CHANNELS, 4, 3, 2][:axes], dtype=dtype).requires_grad_()
    weights = torch.randn(CLASSES, CHANNELS, dtype=dtype).requires_grad_()
    return maps, weights, torch.randn(CLASSES, dtype=dtype).requires_grad_(), torch.tensor([2, 0, 3])


def differentiate(scores: Tensor, maps: Tensor, target: Tensor) -> Tensor:
    """Row by row and by autograd."""
    total = sum((scores[row, one] for row, one in enumerate(target.tolist())), torch.zeros(()))
    return torch.autograd.grad(total, [maps], allow_unused=True, materialize_grads=True)[0]


def fill(found: Tensor, maps: Tensor) -> Tensor:
    """The same value in all cells."""
    return found.reshape(*found.shape, *[1] * (maps.ndim - 2)) * torch.ones_like(maps[:1, :1])


@pytest.mark.parametrize("axes", [1, 2, 3, 4])
@pytest.mark.parametrize("name", AVERAGES)
def test_it_is_the_gradient_where_it_is_found(name: str, axes: int) -> None:
    if "layer" in name and axes not in GAPS:
        return
    maps, weights, bias, target = draw(axes)
    scores = AVERAGES[name](maps, weights, bias)
    found = read_gradient(scores, maps, target)
    if "layer" in name and axes != 2:  # torch has kernels of its own for some of these
        assert found is None or torch.allclose(fill(found, maps), differentiate(scores, maps, target))
        return
    assert found is not None
    assert not found.requires_grad
    torch.testing.assert_close(fill(found, maps), differentiate(scores, maps, target), rtol=1e-14, atol=1e-14)


@pytest.mark.parametrize("head", OTHERS.values(), ids=OTHERS)
def test_another_head_is_left_to_autograd(head: Head) -> None:
    maps, weights, bias, target = draw(2)
    scores = head(maps, weights, bias)
    assert read_gradient(scores, maps, target) is None


def test_scores_without_a_graph_are_left() -> None:
    maps, _, _, target = draw(2)
    assert read_gradient(torch.zeros(3, CLASSES), maps, target) is None
    assert read_gradient(maps.mean((2, 3)), maps, target) is None


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_it_is_in_the_maps_type(dtype: torch.dtype) -> None:
    maps, weights, bias, target = draw(2, dtype)
    scores = F.linear(maps.mean((2, 3)), weights, bias)
    found = read_gradient(scores, maps, target)
    if found is not None:
        torch.testing.assert_close(fill(found, maps), differentiate(scores, maps, target))


def test_the_graph_is_left_whole() -> None:
    net = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(CHANNELS, CLASSES)).double()
    maps, _, _, target = draw(2)
    scores = net(maps)
    assert read_gradient(scores, maps, target) is not None
    differentiate(scores, maps, target)
    assert maps.grad is None
    assert all(one.grad is None for one in net.parameters())
