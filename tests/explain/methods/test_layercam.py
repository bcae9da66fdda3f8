"""LayerCAM against loops over channels and cells."""

from __future__ import annotations

import pytest
import torch
from tests.explain.tiny import CLASSES, draw_inputs, make_body
from torch import nn

from striate.explain import explain_module


@pytest.mark.parametrize("target", [0, 3])
def test_each_cell_has_its_own_weight(target: int) -> None:
    torch.manual_seed(0)
    net = nn.Sequential(*list(make_body(2, 1))[:3], nn.Flatten(), nn.Linear(6 * 81, CLASSES)).eval()
    inputs = draw_inputs(2, batch=2)
    heat = explain_module(net, inputs, "layercam", target)
    weights = net.get_parameter("4.weight").detach()[target].reshape(6, 9, 9)
    for sample, values in zip(inputs, heat.values, strict=True):
        maps = net[:3](sample[None])[0].detach()
        for row in range(9):
            for column in range(9):
                cell = sum(max(float(weights[c, row, column]), 0) * float(maps[c, row, column]) for c in range(6))
                assert float(values[row, column]) == pytest.approx(max(cell, 0), abs=1e-5)
