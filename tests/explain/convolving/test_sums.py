from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from tests.explain.convolving.test_banks import LAYERS
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.convolving.sums import sum_units


class Deep(nn.Module):
    """In place, reused, and with a head that takes one size alone."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 20, 3)
        self.act = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(20, 5, 3, stride=2, padding=1)
        self.fc = nn.Linear(5 * 16, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.act(self.conv2(self.act(self.conv1(x)))).flatten(1))  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", LAYERS)
def test_the_parts_make_the_modules_own_output(name: str) -> None:
    layer, shape = LAYERS[name]
    layer = layer.double()
    inputs = torch.randn(shape, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    found = sum_units(nn.Sequential(layer), "0", inputs)
    output = layer(inputs[None])[0]
    for unit in found.units:
        rest = 0 if unit.rest is None else unit.rest
        assert torch.equal(unit.output, output[unit.unit])
        assert torch.allclose(unit.parts.sum(0) + rest + unit.bias, output[unit.unit], atol=1e-10)


def test_each_part_is_the_channel_slid_over_by_its_kernel() -> None:
    torch.manual_seed(0)
    module, inputs = Deep().double().train(), torch.randn(3, 11, 13, dtype=torch.float64)
    module.requires_grad_(False)
    found = sum_units(module, "conv2", inputs, 3, name="x")
    (unit,) = found.units
    given = torch.relu(module.conv1(inputs[None]))[0]
    assert torch.allclose(found.inputs, given)
    assert len(unit.channels) == 12
    strongest = module.conv2.weight[3].flatten(1).norm(dim=1).argsort(descending=True)[:12]
    assert set(unit.channels) == set(strongest.tolist())
    padded = F.pad(given, (1, 1, 1, 1))
    for place, channel in enumerate(unit.channels):
        kernel = module.conv2.weight[3, channel]
        assert torch.equal(unit.kernels[place], kernel.detach())
        for row, column in ((0, 0), (2, 3), (4, 5)):
            window = padded[channel, 2 * row : 2 * row + 3, 2 * column : 2 * column + 3]
            assert abs(float((window * kernel).sum() - unit.parts[place, row, column])) < 1e-10
    others = [channel for channel in range(20) if channel not in unit.channels]
    rest = F.conv2d(given[None, others], module.conv2.weight[3:4, others], stride=2, padding=1)[0, 0]
    assert unit.rest is not None
    assert torch.allclose(unit.rest, rest, atol=1e-10)
    assert torch.allclose(unit.bias, module.conv2.bias[3].expand_as(unit.bias))  # type: ignore[index]
    assert module.training


def test_several_units_show_three_channels_each_and_say_how_many_there_are() -> None:
    found = sum_units(Deep(), "conv1", torch.zeros(3, 9, 9))
    assert [unit.unit for unit in found.units] == list(range(8))
    assert found.count == 20
    assert "first 8 of 20" in found.notes[0]
    assert all(unit.rest is None for unit in found.units)
    assert all(len(unit.channels) == 3 for unit in sum_units(Deep(), "conv2", torch.zeros(3, 9, 9)).units)


def test_a_unit_that_sees_nothing_has_no_part() -> None:
    layer = nn.Conv1d(2, 2, 3)
    layer.weight.data[1] = 0
    unit = sum_units(nn.Sequential(layer), "0", torch.randn(2, 9), 1).units[0]
    assert (unit.channels, unit.parts.shape, unit.rest) == ((), (0, 7), None)
    assert torch.equal(unit.output, unit.bias)


def test_what_cannot_be_taken_apart_is_refused() -> None:
    with pytest.raises(InputError, match="needed a convolution"):
        sum_units(Deep(), "fc", torch.zeros(3, 9, 9))
    with pytest.raises(InputError, match="unit: found 5"):
        sum_units(Deep(), "conv2", torch.zeros(3, 9, 9), 5)
    with pytest.raises(InputError, match="doesn't come as far"):
        sum_units(Deep(), "conv2", torch.zeros(1, 9, 9))
    unused = nn.Sequential(nn.Conv1d(1, 1, 1))
    unused.spare = nn.Conv1d(1, 1, 1)
    unused.forward = lambda x: unused[0](x)  # type: ignore[method-assign]
    with pytest.raises(InputError, match="doesn't come by"):
        sum_units(unused, "spare", torch.zeros(1, 9))
