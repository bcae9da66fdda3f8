from __future__ import annotations

import pytest
import torch
from torch import nn

from striate.explain.units.moments import MOST_CELLS, MOST_SEEN, MOST_UNITS, shrink, view_unit_kernels, view_unit_maps


def average_slowly(values: torch.Tensor, most: int) -> torch.Tensor:
    """Cell by cell: the mean of the block of cells that stands for each."""
    factors = [-(-extent // most) for extent in values.shape[1:]]
    extents = [-(-extent // factor) for extent, factor in zip(values.shape[1:], factors, strict=True)]
    found = torch.empty(len(values), *extents)
    for at in torch.cartesian_prod(*(torch.arange(extent) for extent in extents)).reshape(-1, len(extents)).tolist():
        block = tuple(slice(place * factor, (place + 1) * factor) for place, factor in zip(at, factors, strict=True))
        found[(slice(None), *at)] = values[(slice(None), *block)].flatten(1).mean(1)
    return found


@pytest.mark.parametrize("extents", [(1030,), (70, 9), (65, 2, 3)])
def test_a_large_map_is_brought_down_to_means_of_blocks(extents: tuple[int, ...]) -> None:
    values = torch.randn(2, *extents, generator=torch.Generator().manual_seed(0))
    found, factors = shrink(values)
    most = MOST_CELLS * (8 if len(extents) == 1 else 1)
    assert max(found.shape[1:]) <= most
    assert factors == tuple(-(-extent // most) for extent in extents)
    # a mean of means is the mean of all where the last block along at most one axis is short
    torch.testing.assert_close(found, average_slowly(values, most))


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_kernels_are_the_weights_of_the_first_units_and_channels(axes: int) -> None:
    kind = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[axes - 1]
    first, second = kind(3, 20, 3), kind(20, 4, 1)
    found = view_unit_kernels(nn.Sequential(first, nn.ReLU(), second), (3, *[9] * axes))
    assert [each.path for each in found] == ["0", "2"]
    assert [each.coloured for each in found] == [axes == 2, False]
    assert torch.equal(found[0].values, first.weight.detach()[:MOST_UNITS])
    assert torch.equal(found[1].values, second.weight.detach()[:, :MOST_SEEN])
    assert (found[0].count, found[1].channels) == (20, 20)


def test_of_a_network_without_convolutions_the_first_layer_is_laid_out_as_the_input() -> None:
    layer = nn.Linear(2 * 3 * 4, 5)
    found = view_unit_kernels(nn.Sequential(nn.Flatten(), layer, nn.ReLU(), nn.Linear(5, 2)), (2, 3, 4))
    assert [each.path for each in found] == ["1"]
    for unit in range(5):
        assert torch.equal(found[0].values[unit], layer.weight.detach()[unit].view(2, 3, 4))
    assert view_unit_kernels(nn.Sequential(nn.Flatten(), nn.Linear(30, 2)), (2, 3, 4)) == ()


def test_maps_are_what_each_layer_puts_out_and_the_module_is_as_it_was() -> None:
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Conv2d(1, 20, 3), nn.BatchNorm2d(20), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(720, 3)
    )
    before = {name: value.clone() for name, value in module.state_dict().items()}
    inputs = torch.randn(1, 1, 8, 8)
    found = view_unit_maps(module, inputs)
    module.eval()
    value = inputs
    with torch.no_grad():
        for each, part in zip(found, (module[0], module[1], nn.ReLU()), strict=True):
            value = part(value)
            torch.testing.assert_close(each.values, value[0, :MOST_UNITS])
            assert each.count == 20
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())
