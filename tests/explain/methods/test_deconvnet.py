from __future__ import annotations

import pytest
import torch
from tests.explain.backward.test_projection import make_net, project_by_hand
from torch import nn

from striate.errors import InputError
from striate.explain.explaining import explain_module


def test_a_named_unit_is_projected_as_by_hand() -> None:
    net, x = make_net(2, 3), torch.randn(3, 3, 8, 8, dtype=torch.float64)
    heat = explain_module(net, x, "deconvnet", unit=4, layer="4")
    for row in range(3):
        by_hand = project_by_hand(net, x[row : row + 1], 4)[0].abs().amax(0)
        assert float((heat.values[row] - by_hand).abs().max()) < 1e-12
    assert (heat.unit, heat.layer, heat.patches) == (4, "4", None)
    assert heat.notes[0].startswith("of 4 was projected, input by input: unit 4 at ")


def test_without_a_unit_the_note_says_which() -> None:
    net, x = make_net(1, 1), torch.randn(2, 1, 8, dtype=torch.float64)
    heat = explain_module(net, x, "deconvnet", target=[0, 1])
    units = [int(part.split()[1]) for part in heat.notes[0].split(": ")[1].split("; ")]
    for row, unit in enumerate(units):
        one = explain_module(net, x[row : row + 1], "deconvnet", unit=unit)
        assert torch.allclose(one.values[0], heat.values[row])
    assert heat.target == (0, 1)


def test_patches_of_samples_stand_beside_it_with_their_projections() -> None:
    net, samples = make_net(2, 1), torch.randn(30, 1, 8, 8, dtype=torch.float64)
    heat = explain_module(net, samples[:5], "deconvnet", unit=1, layer="1", samples=samples, rows=2)
    assert heat.patches is not None
    assert heat.patches.inputs.shape == (9, 1, 3, 3)
    with torch.no_grad():
        tops = net[0](samples)[:, 1].flatten(1).amax(1)
    assert list(heat.patches.sample) == tops.argsort(descending=True)[:9].tolist()
    assert heat.patches.projections is not None
    kernel = net[0].weight.detach()[1, 0]
    inside = [number for number, start in enumerate(heat.patches.start) if all(0 <= at <= 5 for at in start)]
    assert inside
    for number in inside:
        assert torch.allclose(heat.patches.projections[number, 0], heat.patches.strength[number] * kernel)


def test_layers_of_lone_units_may_be_named_and_others_not() -> None:
    net, x = make_net(1, 1), torch.randn(2, 1, 8, dtype=torch.float64)
    assert explain_module(net, x, "deconvnet", layer="6", unit=0).layer == "6"
    with pytest.raises(InputError, match="found no `9`"):
        explain_module(net, x, "deconvnet", layer="9", unit=0)
    with pytest.raises(InputError, match="needed one from 0 to 2"):
        explain_module(net, x, "deconvnet", layer="6", unit=3)
    with pytest.raises(InputError, match="needed a ReLU"):
        explain_module(nn.Sequential(nn.Conv1d(1, 2, 3), nn.Tanh(), nn.Flatten(), nn.Linear(12, 2)), x, "deconvnet")
