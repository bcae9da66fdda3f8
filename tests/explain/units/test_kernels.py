from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from tests.explain.convolving.test_sums import Deep
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.look import Look
from striate.explain.units.kernels import MOST_LAYERS, MOST_UNITS, view_kernels


def make(*layers: nn.Module) -> Any:
    torch.manual_seed(0)
    return nn.Sequential(*layers)


class Backwards(nn.Module):
    """Written in another order than it is run in."""

    def __init__(self) -> None:
        super().__init__()
        self.second = nn.Conv2d(3, 2, 3)
        self.first = nn.Conv2d(3, 3, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.second(self.first(x))  # type: ignore[no-any-return]


def test_the_first_layer_is_in_colour_and_deeper_ones_show_their_strongest_input() -> None:
    module = make(nn.Conv2d(3, 6, 5), nn.ReLU(), nn.Conv2d(6, 9, 3))
    first, second = view_kernels(Look(module, (3, 16, 16))).layers
    assert first.coloured
    assert not second.coloured
    assert torch.equal(first.values.float(), module[0].weight.detach())
    weight: Any = module[2].weight.detach()
    for place, unit in enumerate(second.units):
        sizes = [float(weight[unit, channel].square().sum().sqrt()) for channel in range(6)]
        assert second.source[place] == int(np.argmax(sizes))
        assert torch.equal(second.values[place, 0].float(), weight[unit, second.source[place]])
        assert abs(second.norms[place] - float(weight[unit].norm())) < 1e-6
    assert abs(second.scale - float(weight.abs().max())) < 1e-7


def test_first_is_what_runs_first() -> None:
    layers = view_kernels(Look(Backwards(), (3, 9, 9))).layers
    assert [layer.path for layer in layers] == ["first", "second"]
    assert [layer.coloured for layer in layers] == [True, False]
    (alone,) = view_kernels(Look(Backwards(), (3, 9, 9), layer="second")).layers
    assert not alone.coloured


def test_grouped_depthwise_and_transposed_units_name_the_channels_that_they_see() -> None:
    module = make(nn.Conv2d(8, 8, 3, groups=8), nn.Conv2d(8, 6, 3, groups=2), nn.ConvTranspose2d(6, 4, 2, groups=2))
    depthwise, grouped, transposed = view_kernels(Look(module, (8, 9, 9))).layers
    assert depthwise.source == tuple(range(8))
    assert all(source // 4 == unit // 3 for unit, source in zip(grouped.units, grouped.source, strict=True))
    for unit, source in zip(transposed.units, transposed.source, strict=True):
        assert source // 3 == unit // 2
        expected = module[2].weight[source, unit % 2].detach().double()
        assert torch.equal(transposed.values[unit, 0], expected)


def test_many_units_are_limited_to_the_strongest() -> None:
    module = make(nn.Conv2d(1, 70, 3))
    (layer,) = view_kernels(Look(module, (1, 9, 9))).layers
    norms = module[0].weight.flatten(1).norm(dim=1)
    assert layer.units == tuple(norms.argsort(descending=True)[:MOST_UNITS].tolist())
    assert layer.sorted
    (few,) = view_kernels(Look(module, (1, 9, 9), options={"most": 5})).layers
    assert len(few.units) == 5
    (one,) = view_kernels(Look(module, (1, 9, 9), layer="0", unit=7)).layers
    assert one.units == (7,)


def test_series_have_responses_in_hertz_where_the_rate_is_known() -> None:
    module = make(nn.Conv1d(1, 3, 16, stride=2), nn.Conv1d(3, 2, 4, dilation=2))
    tap = torch.arange(16)
    module[0].weight.data[1, 0] = torch.cos(2 * torch.pi * 1000 / 8000 * tap)
    first, second = view_kernels(Look(module, (1, 400), rate=8000)).layers
    assert first.frequencies is not None
    assert first.responses is not None
    assert abs(first.frequencies[first.responses[1].argmax()] - 1000) < 80
    assert (first.rate, second.rate) == (8000, None)
    assert second.frequencies is not None
    assert second.frequencies[-1] == 0.5


def test_single_cells_are_a_matrix() -> None:
    module = make(nn.Conv2d(5, 4, 1))
    (layer,) = view_kernels(Look(module, (5, 9, 9))).layers
    assert layer.matrix
    assert torch.equal(layer.values.float(), module[0].weight[:, :, 0, 0].detach())
    assert layer.source == tuple(range(5))


def test_volumes_and_other_layers() -> None:
    module = make(nn.Conv3d(3, 2, 3))
    (layer,) = view_kernels(Look(module, (3, 5, 5, 5))).layers
    assert layer.values.shape == (2, 3, 3, 3, 3)
    assert len(view_kernels(Look(Deep(), (3, 9, 9), layer="conv2")).layers) == 1  # nothing runs through at that size


def test_a_deep_network_shows_some_and_says_so() -> None:
    module = make(*(nn.Conv1d(1, 1, 3, padding=1) for _ in range(MOST_LAYERS + 4)))
    found = view_kernels(Look(module, (1, 9)))
    assert len(found.layers) == MOST_LAYERS
    assert f"first {MOST_LAYERS} of {MOST_LAYERS + 4}" in found.notes[0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"layer": "1"}, "found a ReLU"),
        ({"layer": "9"}, "found no `9`"),
        ({"unit": 6}, "unit: found 6"),
        ({"options": {"most": 0}}, "most is 0"),
    ],
)
def test_what_there_is_not(options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        view_kernels(Look(make(nn.Conv2d(3, 6, 5), nn.ReLU()), (3, 9, 9), **options))
    with pytest.raises(InputError, match="no convolution"):
        view_kernels(Look(nn.Linear(3, 3), (3,)))
