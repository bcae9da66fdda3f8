from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.backward.projection import find_peaks, flatten, project, unravel

CONVS: tuple[type[nn.Module], ...] = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
POOLS: tuple[type[nn.Module], ...] = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)
TURNED = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)
UNPOOL = (F.max_unpool1d, F.max_unpool2d, F.max_unpool3d)


def make_net(axes: int, channels: int) -> Any:
    torch.manual_seed(axes + channels)
    conv, pool = CONVS[axes - 1], POOLS[axes - 1]
    low = (conv(channels, 4, 3, padding=1), nn.ReLU(inplace=True), pool(2, return_indices=False))
    high = (conv(4, 5, 3, padding=1), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(5 * 4**axes, 3))
    return nn.Sequential(*low, *high).double().eval()


def project_by_hand(net: Any, sample: Tensor, unit: int) -> Tensor:
    """Unpool, rectify, filter: the stack of Zeiler and Fergus, for the unit's strongest cell after the second ReLU."""
    axes = sample.ndim - 2
    first, second, pool = net[0], net[3], net[2]
    with torch.no_grad():
        fed = first(sample)
        pool.return_indices = True
        low, switches = pool(fed.relu())
        pool.return_indices = False
        high = second(low).relu()
        only = torch.zeros_like(high)
        cell = (0, unit, *unravel(int(high[0, unit].argmax()), high.shape[2:]))
        only[cell] = high[cell]
        down = TURNED[axes - 1](only.relu(), second.weight, padding=1)
        down = UNPOOL[axes - 1](down, switches, (2,) * axes, output_size=list(fed.shape[2:]))
        return TURNED[axes - 1](down.relu(), first.weight, padding=1)


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("channels", [1, 3])
def test_projection_is_the_stack_of_unpooling_rectifying_and_filtering(axes: int, channels: int) -> None:
    net = make_net(axes, channels)
    x = torch.randn(3, channels, *[8] * axes, dtype=torch.float64)
    found = project(net, x, "4", unit=2)
    for row in range(3):
        by_hand = project_by_hand(net, x[row : row + 1], 2)[0]
        assert float((found.values[row] - by_hand).abs().max()) < 1e-12
    assert found.unit == (2, 2, 2)
    assert float(found.values.abs().max()) > 0


def test_what_follows_in_place_does_not_change_what_was_seen() -> None:
    net = make_net(2, 1)
    x = torch.randn(2, 1, 8, 8, dtype=torch.float64)
    with torch.no_grad():
        fed = net[3](net[2](net[1](net[0](x))))
    found = project(net, x, "3", unit=1)
    assert found.strength == pytest.approx(fed[:, 1].flatten(1).amax(1).tolist())


def test_without_a_unit_it_is_the_one_that_speaks_most_for_the_target() -> None:
    net = make_net(2, 1)
    x, target = torch.randn(4, 1, 8, 8, dtype=torch.float64), torch.tensor([0, 1, 2, 1])
    found = project(net, x, "4", target=target)
    with torch.no_grad():
        maps = net[4](net[3](net[2](net[1](net[0](x)))))
        shares = [(net[6].weight[target[row]].view(5, 4, 4) * maps[row]).sum((1, 2)) for row in range(4)]
    assert found.unit == tuple(int(share.argmax()) for share in shares)
    again = project(net, x[:1], "4", unit=found.unit[0])
    assert torch.allclose(again.values[0], found.values[0])


def test_other_cells_and_silent_units() -> None:
    net = make_net(2, 1)
    with torch.no_grad():
        net[3].bias[0] = -100
    x = torch.randn(2, 1, 8, 8, dtype=torch.float64)
    silent = project(net, x, "3", unit=0)
    assert max(silent.strength) < 0
    assert not silent.values.any()
    named = project(net, x, "1", unit=1, cells=((0, 0), (7, 6)))
    assert named.cell == ((0, 0), (7, 6))
    assert not named.values[0, :, 2:].any()
    assert not named.values[1, :, :6].any()


def test_the_first_layer_needs_no_relu_below_it_but_the_network_one_somewhere() -> None:
    x = torch.randn(1, 1, 8, 8, dtype=torch.float64)
    net = make_net(2, 1)
    found = project(net, x, "0", unit=3)
    row, column = found.cell[0]
    with torch.no_grad():
        padded = F.pad(torch.zeros_like(x[0, 0]), (1, 1, 1, 1))
        padded[row : row + 3, column : column + 3] = found.strength[0] * net[0].weight[3, 0]
    assert torch.allclose(found.values[0, 0], padded[1:-1, 1:-1])
    with pytest.raises(InputError, match="needed a ReLU"):
        project(nn.Sequential(nn.Conv2d(1, 2, 3)).double(), x, "0", unit=0)


def test_units_that_are_not_there_raise() -> None:
    net, x = make_net(1, 1), torch.randn(1, 1, 8, dtype=torch.float64)
    with pytest.raises(InputError, match="unit: found 5, needed one from 0 to 4 in layer 4"):
        project(net, x, "4", unit=5)
    with pytest.raises(InputError, match="Name a unit"):
        project(net, x, "4")
    lone = project(net, x, "6", unit=1)
    assert lone.cell == ((0,),)


def test_peaks_and_places_against_loops() -> None:
    values = torch.randint(0, 3, (20, 12), generator=torch.Generator().manual_seed(0)).double()
    for row, place in zip(values.tolist(), find_peaks(values).tolist(), strict=True):
        assert place == row.index(max(row))
    cells = [(a, b, c) for a in range(2) for b in range(3) for c in range(4)]
    assert [flatten(cell, (2, 3, 4)) for cell in cells] == list(range(24))
    assert [unravel(place, (2, 3, 4)) for place in range(24)] == cells
