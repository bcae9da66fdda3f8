from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.look import Look
from striate.explain.units.maps import MOST_LAYERS, view_maps


class Net(nn.Module):
    """In place after each convolution, with functional calls between and a head."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 20, 3)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(20, 4, 3)
        self.gap = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv2(F.max_pool2d(self.relu1(self.conv1(x)), 2))
        return self.fc(self.gap(x).flatten(1))  # type: ignore[no-any-return]


@pytest.fixture
def look() -> Look:
    torch.manual_seed(0)
    net: Any = Net()
    net.conv1.bias.data[3], net.conv1.weight.data[3] = -5.0, 0.0
    return Look(net, (1, 12, 12), "net", torch.rand(2, 1, 12, 12), ("a.png", "b.png"))


def test_maps_are_the_layers_own_values(look: Look) -> None:
    found = view_maps(look)
    assert [layer.path for layer in found.layers] == ["conv1", "relu1", "conv2"]
    assert look.inputs is not None
    net: Net = look.module  # type: ignore[assignment]
    with torch.no_grad():
        first = F.conv2d(look.inputs[0], net.conv1.weight, net.conv1.bias)
        second = F.conv2d(F.max_pool2d(first.relu(), 2), net.conv2.weight, net.conv2.bias)
    for layer, expected in zip(found.layers, (first, first.relu(), second), strict=True):
        assert torch.allclose(layer.values, expected[list(layer.channels)], atol=1e-6)
        assert abs(layer.low - float(expected.min())) < 1e-6
        assert abs(layer.high - float(expected.max())) < 1e-6
    assert [layer.signed for layer in found.layers] == [True, False, True]
    assert (found.name, found.network) == ("a.png", "net")
    assert any("first of 2 inputs" in note for note in found.notes)


def test_dead_and_flat_maps_are_told_apart(look: Look) -> None:
    conv, relu, _ = view_maps(look).layers
    assert (conv.dead, conv.flat) == ((), (3,))
    assert 3 in relu.dead
    assert relu.flat == ()
    assert view_maps(Look(look.module, look.input, inputs=look.inputs, layer="relu1", unit=3)).layers[0].channels == (
        3,
    )


def test_the_maps_that_vary_most_are_shown_in_order(look: Look) -> None:
    first = view_maps(Look(look.module, look.input, inputs=look.inputs, options={"most": 5})).layers[0]
    every = view_maps(Look(look.module, look.input, inputs=look.inputs, options={"most": 99})).layers[0]
    assert every.channels == tuple(range(20))
    spread = [float(each.var()) for each in every.values]
    assert first.channels == tuple(sorted(sorted(range(20), key=lambda place: -spread[place])[:5]))


def test_nothing_is_left_behind(look: Look) -> None:
    look.module.train()
    view_maps(look)
    assert look.module.training
    assert not any(part._forward_hooks for part in look.module.modules())


def test_of_many_layers_the_convolutions_are_shown() -> None:
    layers = [nn.Conv1d(1, 1, 3, padding=1), nn.ReLU()] * 1
    net = nn.Sequential(*(part for _ in range(15) for part in (nn.Conv1d(1, 1, 3, padding=1), nn.ReLU())))
    found = view_maps(Look(net, (1, 9), inputs=torch.rand(1, 1, 9)))
    assert [layer.path for layer in found.layers] == [str(place) for place in range(0, 30, 2)]
    assert "30 layers the convolutions" in found.notes[0]
    deep = nn.Sequential(*(nn.Conv1d(1, 1, 3, padding=1) for _ in range(3 * MOST_LAYERS)))
    assert len(view_maps(Look(deep, (1, 9), inputs=torch.rand(1, 1, 9))).layers) == MOST_LAYERS
    assert len(view_maps(Look(nn.Sequential(*layers), (1, 9), inputs=torch.rand(1, 1, 9))).layers) == 2


@pytest.mark.parametrize(
    ("layer", "unit", "most", "said"),
    [
        ("fc", None, 9, "found no maps"),
        ("gap", None, 9, "found no maps"),
        ("conv9", None, 9, "found no `conv9`"),
        ("conv1", 20, 9, "unit: found 20"),
        (None, None, -1, "most is -1"),
    ],
)
def test_what_there_is_not(look: Look, layer: str | None, unit: int | None, most: int, said: str) -> None:
    with pytest.raises(InputError, match=said):
        view_maps(Look(look.module, look.input, inputs=look.inputs, layer=layer, unit=unit, options={"most": most}))


def test_an_input_is_needed(look: Look) -> None:
    with pytest.raises(InputError, match="found no input"):
        view_maps(Look(look.module, look.input))
