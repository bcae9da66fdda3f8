"""Grad-CAM against two explicit matrix products."""

from __future__ import annotations

import pytest
import torch
from tests.explain.tiny import CLASSES, EXTENT, draw_inputs, make_body, make_tiny
from torch import Tensor, nn

from striate.explain import explain_module
from striate.explain.resizing import resize_maps


def make_deep(axes: int) -> nn.Sequential:
    """A body, and two linear layers on all its cells."""
    torch.manual_seed(0)
    cells = 6 * 5**axes
    head = (nn.Flatten(), nn.Linear(cells, 7), nn.ReLU(), nn.Linear(7, CLASSES))
    return nn.Sequential(*make_body(axes, 2), *head).eval().double()


def multiply_by_hand(net: nn.Sequential, inputs: Tensor, target: int) -> Tensor:
    """weights = gradient @ means, map = weights @ maps; the gradient is the head's matrices multiplied out."""
    first, last = net[6], net[8]
    assert isinstance(first, nn.Linear)
    assert isinstance(last, nn.Linear)
    heats = []
    for sample in inputs:
        maps = net[:5](sample[None])[0]
        through = (first(maps.flatten()) > 0).to(maps.dtype)
        gradient = last.weight[target] @ torch.diag(through) @ first.weight
        cells = maps[0].numel()
        means = torch.full((cells, 1), 1 / cells, dtype=maps.dtype)
        weights = gradient.reshape(len(maps), cells) @ means
        heats.append((weights.T @ maps.reshape(len(maps), cells)).clamp(min=0).reshape(maps.shape[1:]))
    return torch.stack(heats).detach()


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("target", range(CLASSES))
def test_it_is_two_matrix_products(axes: int, target: int) -> None:
    net, inputs = make_deep(axes), draw_inputs(axes, 2, 3).double()
    heat = explain_module(net, inputs, "gradcam", target)
    expected = resize_maps(multiply_by_hand(net, inputs, target), [EXTENT] * axes)
    assert heat.layer == "4"
    torch.testing.assert_close(heat.values, expected, atol=1e-9, rtol=1e-9)


def test_some_of_these_maps_are_not_empty() -> None:
    net, inputs = make_deep(2), draw_inputs(2, 2, 3).double()
    assert sum(int((explain_module(net, inputs, target=one).values > 0).any()) for one in range(CLASSES)) >= 2


def test_the_layer_named_is_the_layer_read() -> None:
    net, inputs = make_deep(2), draw_inputs(2, 2, 1).double()
    early = explain_module(net, inputs, "gradcam", 0, "0")
    maps = net[:1](inputs).detach().requires_grad_()
    net[1:](maps)[0, 0].backward()
    assert maps.grad is not None
    expected = (maps.grad.mean((2, 3), keepdim=True) * maps).sum(1).clamp(min=0).detach()
    assert early.layer == "0"
    torch.testing.assert_close(early.values, expected)


def test_the_heat_is_in_the_inputs_type() -> None:
    net = make_tiny(2)
    assert explain_module(net, draw_inputs(2)).values.dtype == torch.float32
    assert explain_module(net.double(), draw_inputs(2)).values.dtype == torch.float64
