"""Grad-CAM++ against the paper's higher derivatives, taken one by one."""

from __future__ import annotations

import pytest
import torch
from tests.explain.tiny import CLASSES, make_body
from torch import Tensor, nn

from striate.explain import explain_module
from striate.explain.methods.gradcampp import weigh_cells


def differentiate_by_hand(head: nn.Module, maps: Tensor, target: int) -> Tensor:
    """Eq. 10, 11 and 19 with Y = exp(score), each cell's three derivatives by themselves; a map over the cells."""
    heat = torch.zeros(maps.shape[1:], dtype=maps.dtype)
    for channel in maps:
        weight = torch.zeros((), dtype=maps.dtype)
        for place in torch.ones_like(channel).nonzero().tolist():
            cell = channel[tuple(place)].detach().clone().requires_grad_()
            changed = maps.clone()
            changed[(maps == channel).flatten(1).all(1).nonzero()[0, 0], *place] = cell
            answer = head(changed[None])[0, target].exp()
            first = torch.autograd.grad(answer, cell, create_graph=True)[0]
            second = torch.autograd.grad(first, cell, create_graph=True)[0]
            third = torch.autograd.grad(second, cell)[0]
            alpha = second / (2 * second + channel.sum() * third)
            weight = weight + (alpha * first.clamp(min=0)).detach()
        heat += weight * channel
    score = head(maps[None])[0, target]
    scaled: Tensor = heat / score.exp()
    return scaled.clamp(min=0).detach()


@pytest.mark.parametrize("axes", [1, 2])
@pytest.mark.parametrize("target", [0, 2])
def test_the_weights_are_the_papers(axes: int, target: int) -> None:
    torch.manual_seed(3)
    body, cells = make_body(axes, 1, 3), 3 * 2**axes
    net = nn.Sequential(*body, nn.Flatten(), nn.Linear(cells, CLASSES)).eval().double()
    inputs = torch.randn(2, 1, *[4] * axes, dtype=torch.float64)
    heat = explain_module(net, inputs, "gradcampp", target, "4")
    for sample, values in zip(inputs, heat.values, strict=True):
        expected = differentiate_by_hand(net[5:], net[:5](sample[None])[0].detach(), target)
        cells_of = torch.nn.functional.interpolate(
            expected[None, None], [4] * axes, mode=["linear", "bilinear"][axes - 1], align_corners=False
        )
        torch.testing.assert_close(values, cells_of[0, 0])


def test_where_the_gradient_is_none_the_weight_is_none() -> None:
    gradient, maps = torch.tensor([[[0.0, 2.0, -1.0]]]), torch.tensor([[[1.0, 0.5, 0.5]]])
    assert weigh_cells(gradient, maps).flatten().tolist() == pytest.approx([0, 1 / 6, 0])
