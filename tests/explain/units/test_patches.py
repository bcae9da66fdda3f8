from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from striate.errors import InputError
from striate.explain.units.patches import cut_out, find_field, find_patches, place_box, project_patches
from striate.measure import measure

CONVS: tuple[type[nn.Module], ...] = (nn.Conv1d, nn.Conv2d, nn.Conv3d)


def make_net(axes: int, channels: int = 2) -> Any:
    torch.manual_seed(axes)
    conv = CONVS[axes - 1]
    low = (conv(channels, 4, 3, padding=1, stride=2), nn.ReLU(inplace=True))
    return nn.Sequential(*low, conv(4, 5, 3, padding=1), nn.ReLU(inplace=True), nn.Flatten(), nn.LazyLinear(3))


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_the_strongest_of_each_sample_in_order_by_a_loop(axes: int) -> None:
    net = make_net(axes).double()
    samples = torch.randn(23, 2, *[12] * axes, dtype=torch.float64)
    units, heard = [3, 0], []
    found = find_patches(net, samples, "3", units, count=6, rows=5, on_progress=lambda *both: heard.append(both))
    assert heard == [(5, 23), (10, 23), (15, 23), (20, 23), (23, 23)]
    for unit, patches in zip(units, found, strict=True):
        peaks = []
        for number in range(23):
            with torch.no_grad():
                own = net[:4](samples[number : number + 1])[0, unit]
            best = max(own.flatten().tolist())
            cell = next(tuple(at) for at in torch.ones_like(own).nonzero().tolist() if float(own[tuple(at)]) == best)
            peaks.append((best, number, cell))
        peaks.sort(key=lambda peak: (-peak[0], peak[1]))
        assert list(patches.strength) == pytest.approx([peak[0] for peak in peaks[:6]])
        assert list(zip(patches.sample, patches.cell, strict=True)) == [peak[1:] for peak in peaks[:6]]


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_a_patch_is_what_the_unit_sees_and_nothing_else_matters(axes: int) -> None:
    net = make_net(axes).double()
    samples = torch.randn(7, 2, *[16] * axes, dtype=torch.float64)
    (patches,) = find_patches(net, samples, "3", [1], count=7)
    table = measure(net, tuple(samples.shape[1:]), backward=False)
    assert patches.inputs.shape[2:] == (7,) * axes
    for patch, number, cell, start, strength in zip(
        patches.inputs, patches.sample, patches.cell, patches.start, patches.strength, strict=True
    ):
        for seen, first in zip(table.field_at("3", cell), start, strict=True):
            assert (seen.start, seen.stop) == (max(first, 0), min(first + 7, 16))
        alone = torch.zeros_like(samples[:1])
        inside: Any = tuple(slice(max(first, 0), first + 7) for first in start)
        within: Any = tuple(slice(max(-first, 0), min(7, 16 - first)) for first in start)
        alone[(0, slice(None), *inside)] = patch[(slice(None), *within)]
        outside = patch.clone()
        outside[(slice(None), *within)] = 0
        assert not outside.any(), "the padding is 0"
        with torch.no_grad():
            assert net[:4](alone)[(0, 1, *cell)].item() == pytest.approx(strength)
        assert torch.equal(alone[(0, slice(None), *inside)], samples[(number, slice(None), *inside)])


def test_equal_samples_and_cells_go_by_the_first() -> None:
    net: Any = nn.Sequential(nn.Conv1d(1, 1, 1), nn.ReLU(), nn.Flatten(), nn.Linear(5, 2))
    samples = torch.tensor([0.0, 1.0, 0.0, 1.0, 1.0])[:, None, None].repeat(1, 1, 5)
    with torch.no_grad():
        net[0].weight.fill_(1)
    (patches,) = find_patches(net, samples, "1", [0], count=4, rows=2)
    assert patches.sample == (1, 3, 4, 0)
    assert patches.cell == ((0,),) * 4


def test_a_field_as_wide_as_the_input_is_the_input() -> None:
    net = make_net(2)
    samples = torch.randn(4, 2, 5, 5)
    (patches,) = find_patches(net, samples, "5", [0], count=9)
    assert torch.equal(patches.inputs, samples[list(patches.sample)])
    assert patches.start == ((0, 0),) * 4
    assert find_field(net, (2, 5, 5), "5") is None
    assert place_box(find_field(net, (2, 5, 5), "3"), (1, 1), (5, 5)) == ((0, 0), (5, 5))


def test_projections_lie_within_what_the_unit_sees() -> None:
    net = make_net(2).double()
    samples = torch.randn(6, 2, 16, 16, dtype=torch.float64)
    (patches,) = find_patches(net, samples, "3", [2], count=6)
    made = project_patches(net, samples, "3", 2, patches, rows=4)
    assert made.projections is not None
    assert made.projections.shape == made.inputs.shape
    assert float(made.projections.abs().max()) > 0
    for projection, start in zip(made.projections, made.start, strict=True):
        for axis, first in enumerate(start):
            if first < 0:
                assert not projection.narrow(axis + 1, 0, -first).any()


def test_boxes_may_lie_anywhere() -> None:
    values = torch.arange(12).reshape(1, 3, 4)
    assert cut_out(values, (1, 2), (2, 4)).tolist() == [[[6, 7, 0, 0], [10, 11, 0, 0]]]
    assert not cut_out(values, (5, -9), (2, 3)).any()


def test_what_is_not_there_raises() -> None:
    net = make_net(1)
    with pytest.raises(InputError, match="found none"):
        find_patches(net, torch.zeros(0, 2, 12), "3", [0])
    with pytest.raises(InputError, match="unit: found 5"):
        find_patches(net, torch.zeros(2, 2, 12), "3", [0, 5])
