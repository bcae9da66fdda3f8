from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.look import Look
from striate.explain.motion.invariance import Curves, Invariance, compute_invariance

CONVS: dict[int, Any] = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
GAPS: dict[int, Any] = {1: nn.AdaptiveAvgPool1d, 2: nn.AdaptiveAvgPool2d, 3: nn.AdaptiveAvgPool3d}


def make_net(axes: int, padding: str, *middle: nn.Module, stride: int = 2) -> nn.Module:
    torch.manual_seed(0)
    one = CONVS[axes](2, 3, 3, padding=1, padding_mode=padding)
    two = CONVS[axes](3, 4, 3, stride=stride, padding=1, padding_mode=padding)
    return nn.Sequential(one, nn.ReLU(), *middle, two, nn.ReLU(), GAPS[axes](1), nn.Flatten(), nn.Linear(4, 3)).double()


def draw(*extents: int, count: int = 3) -> Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(count, 2, *extents, dtype=torch.float64, generator=generator)


def measure(module: nn.Module, inputs: Tensor, **options: Any) -> Invariance:
    return compute_invariance(Look(module, tuple(inputs.shape[1:]), inputs=inputs, options=options))


def find(found: Invariance, change: str) -> Curves:
    return next(curves for curves in found.curves if curves.change == change)


@pytest.mark.parametrize("extents", [(16,), (12, 12), (8, 8, 8)])
def test_circular_convolutions_follow_shifts_by_the_stride_and_gap_ignores_them(extents: tuple[int, ...]) -> None:
    found = measure(make_net(len(extents), "circular"), draw(*extents), wrap=True, shifts=(1, 2, 4))
    assert found.layers == ("0", "1", "2", "3", "output")
    for axis in range(len(extents)):
        curves = find(found, f"shift along axis {axis}")
        follows, ignores = curves.equivariance.numpy(), curves.invariance.numpy()
        assert np.all(follows[:2] < 1e-6)  # before the stride, any shift
        assert np.all(follows[2:4, 1:] < 1e-6)
        assert np.all(follows[2:4, 0] > 0.1)  # half a step
        assert np.all(ignores[4, 1:] < 1e-6)
        assert np.all(ignores[:4] > 0.1)
        assert np.isnan(follows[4]).all()


def test_zero_padding_is_felt_at_the_border() -> None:
    padded, open_ = make_net(2, "zeros", stride=1), make_net(2, "zeros", stride=1)
    for part in open_.children():
        if isinstance(part, nn.Conv2d):
            part.padding = (0, 0)
    curve = find(measure(padded, draw(10, 10), shifts=(2,)), "shift along axis 0").equivariance
    assert float(curve[0, 0]) > 1e-3
    curve = find(measure(open_, draw(10, 10), shifts=(2,)), "shift along axis 0").equivariance
    assert float(curve[0, 0]) < 1e-12


def test_a_pool_follows_shifts_by_its_own_step_and_others_in_part() -> None:
    found = measure(make_net(1, "circular", nn.MaxPool1d(2), stride=1), draw(16), wrap=True, shifts=(1, 2))
    curves = find(found, "shift along axis 0")
    pool = found.layers.index("2")
    assert float(curves.equivariance[pool, 1]) < 1e-6
    assert 0.05 < float(curves.equivariance[pool, 0]) < 1
    before, behind = curves.invariance[pool - 1], curves.invariance[pool]
    assert float(behind[0]) < float(before[0])  # it keeps a part of what was


def test_cell_by_cell_networks_follow_flips_and_quarter_turns() -> None:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(2, 3, 1), nn.ReLU(), nn.Conv2d(3, 2, 1)).double()
    found = measure(module, draw(6, 6), angles=(90, 180, 45))
    assert np.all(find(found, "flip").equivariance.numpy() < 1e-12)
    turned = find(found, "rotation").equivariance.numpy()
    assert np.all(turned[:, :2] < 1e-12)
    assert np.all(turned[0, 2] < 1e-12)  # interpolation commutes with what is linear but not with what is rectified
    assert turned[1, 2] > 0.01


@pytest.mark.parametrize("cells", [1, 2, 3])
def test_figures_are_those_of_rolled_arrays(cells: int) -> None:
    module, inputs = make_net(2, "zeros", stride=1), draw(9, 8)
    maps: nn.Module = module[:2]  # type: ignore[index]
    with torch.no_grad():
        still = maps(inputs).numpy()
        rolled = torch.from_numpy(np.roll(inputs.numpy(), cells, 3))
        moved, scores, other = maps(rolled).numpy(), module(rolled).numpy(), module(inputs).numpy()
    found = measure(module, inputs, wrap=True, shifts=(cells,), rows=2)
    curves = find(found, "shift along axis 1")
    carried = np.roll(still, cells, 3)
    assert float(curves.equivariance[1, 0]) == pytest.approx(
        np.linalg.norm(moved - carried) / np.linalg.norm(carried), rel=1e-9
    )
    assert float(curves.invariance[1, 0]) == pytest.approx(
        np.linalg.norm(moved - still) / np.linalg.norm(still), rel=1e-9
    )
    last = math.sqrt(sum(float(((a - b) ** 2).sum()) for a, b in zip(scores, other, strict=True)))
    assert float(curves.invariance[-1, 0]) == pytest.approx(last / np.linalg.norm(other), rel=1e-9)
    apart = np.linalg.norm(other - np.roll(other, 1, 0)) / np.linalg.norm(other)
    assert found.others[-1] == pytest.approx(apart, rel=1e-9)


def test_a_scaling_is_compared_where_both_are_seen() -> None:
    module = nn.Sequential(nn.Conv1d(2, 1, 1, bias=False)).double()
    found = measure(module, draw(9), scales=(0.5, 2.0))
    assert np.all(find(found, "scale").equivariance.numpy() < 1e-12)
    assert np.all(find(found, "scale").invariance.numpy() > 0.1)


def test_a_dead_layer_is_as_it_was_and_a_lone_sample_has_no_other() -> None:
    module = nn.Sequential(nn.Conv1d(2, 1, 1, bias=False), nn.ReLU()).double()
    with torch.no_grad():
        module.get_parameter("0.weight").zero_()
    found = measure(module, draw(8, count=1), shifts=(1,))
    assert find(found, "shift along axis 0").invariance.tolist() == [[0.0], [0.0], [0.0]]
    assert all(math.isnan(each) for each in found.others)


def test_a_layer_may_be_named_and_samples_fetched() -> None:
    inputs, heard = draw(8, count=5), []
    look = Look(
        make_net(1, "zeros"),
        (2, 8),
        layer="2",
        fetch=lambda count: (inputs[:count], torch.zeros(count, dtype=torch.int64)),
        options={"samples": 4, "shifts": (1,), "scales": (0.5,)},
        on_progress=lambda done, total: heard.append((done, total)),
    )
    found = compute_invariance(look)
    assert found.layers == ("2", "output")
    assert found.samples == 4
    assert heard == [(1, 3), (2, 3), (3, 3)]
    assert [curves.change for curves in found.curves] == ["shift along axis 0", "scale", "flip"]


def test_wrong_questions_are_refused() -> None:
    module = make_net(1, "zeros")
    with pytest.raises(InputError, match="found no inputs"):
        compute_invariance(Look(module, (2, 8)))
    with pytest.raises(InputError, match="a scale of 0 or below"):
        measure(module, draw(8), scales=(0.0,))
    with pytest.raises(InputError, match="without spatial axes"):
        compute_invariance(Look(nn.Linear(4, 2), (4,), inputs=torch.zeros(2, 4)))
    with pytest.raises(InputError, match="found no `there`"):
        compute_invariance(Look(module, (2, 8), inputs=draw(8), layer="there"))
