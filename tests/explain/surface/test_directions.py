from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from striate.explain.surface.directions import Moved, draw_direction, measure_filters
from striate.layers.local import LocalConv
from striate.layers.table import TableConv


def draw(module: nn.Module, seed: int = 0) -> dict[str, Tensor]:
    return draw_direction(module, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("conv", [nn.Conv1d(3, 4, 3), nn.Conv2d(4, 6, 3, groups=2), nn.Conv3d(1, 2, 2)])
def test_each_filter_is_as_long_as_the_weights(conv: nn.Module) -> None:
    weight, step = conv.get_parameter("weight").detach(), draw(conv)["weight"]
    for unit in range(len(weight)):
        assert float(step[unit].norm()) == pytest.approx(float(weight[unit].norm()), rel=1e-5)
        assert not torch.equal(step[unit], weight[unit])


@pytest.mark.parametrize("groups", [1, 2])
def test_a_filter_of_a_transposed_convolution_is_what_makes_an_output_channel(groups: int) -> None:
    conv = nn.ConvTranspose2d(4, 6, 3, groups=groups)
    step, width = draw(conv)["weight"], 6 // groups
    for output in range(6):
        rows = slice(output // width * (4 // groups), (output // width + 1) * (4 // groups))
        own, drawn = (float(each[rows, output % width].norm()) for each in (conv.weight.detach(), step))
        assert drawn == pytest.approx(own, rel=1e-5)


def test_a_filter_of_a_local_convolution_makes_one_cell() -> None:
    conv = LocalConv(2, 3, (6, 5), kernel_size=3)
    step = draw(conv)["weight"]
    for row, column, unit in [(0, 0, 0), (3, 2, 2), (1, 2, 1)]:
        own = float(conv.weight.detach()[row, column, unit].norm())
        assert float(step[row, column, unit].norm()) == pytest.approx(own, rel=1e-5)


def test_a_filter_of_a_table_convolution_spans_the_maps_that_it_reads() -> None:
    conv = TableConv(3, 4, [(0, 1), (1,)], kernel_size=(3, 3))
    step = draw(conv)["weight"]
    for rows in (slice(0, 2), slice(2, 4), slice(4, 5), slice(5, 6)):
        assert float(step[rows].norm()) == pytest.approx(float(conv.weight.detach()[rows].norm()), rel=1e-5)


def test_biases_and_norms_stay() -> None:
    module = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.LayerNorm((4, 4)), nn.Flatten(), nn.Linear(32, 3))
    assert list(draw(module)) == ["0.weight", "4.weight"]


def test_a_filter_of_nothing_stays_nothing() -> None:
    conv = nn.Conv1d(1, 2, 3)
    with torch.no_grad():
        conv.weight[0] = 0
    assert float(draw(conv)["weight"][0].abs().max()) == 0


def test_moving_computes_with_other_weights_and_writes_none() -> None:
    torch.manual_seed(0)
    module, other = nn.Sequential(nn.Conv1d(1, 2, 3), nn.ReLU()), nn.Sequential(nn.Conv1d(1, 2, 3), nn.ReLU())
    kept = {name: value.clone() for name, value in module.state_dict().items()}
    one, two = draw(module, 1), draw(module, 2)
    other.load_state_dict(kept)
    with torch.no_grad():
        other.get_parameter("0.weight").add_(0.5 * one["0.weight"] - 2 * two["0.weight"])
    x = torch.randn(2, 1, 9)
    assert torch.allclose(Moved(module, (one, two), (0.5, -2.0))(x), other(x), atol=1e-6)
    assert all(torch.equal(value, kept[name]) for name, value in module.state_dict().items())


def test_lengths_meet_the_weights() -> None:
    conv = nn.Conv2d(2, 3, 3)
    assert measure_filters(conv, conv.weight).shape == (3, 1, 1, 1)
