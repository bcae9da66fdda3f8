"""The table: its totals, its rows by name, and what a cell sees."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch
from tests.nets.test_oracles import ORACLES, ZOO_NAMES, read_oracles
from torch import nn

from striate.errors import InputError
from striate.measure.measurement import measure
from striate.nets import find_net
from striate.nets.build import make_module

NET = nn.Sequential(
    nn.Sequential(nn.Conv2d(1, 2, 3, stride=2, padding=1), nn.ReLU()),
    nn.ConvTranspose2d(2, 1, 4, stride=2, padding=1),
    nn.AdaptiveAvgPool2d(1),
)


@pytest.mark.skipif(not ORACLES, reason="needs STRIATE_ORACLES")
@pytest.mark.parametrize("name", ZOO_NAMES)
def test_parameters_and_multiplies_are_the_oracles(name: str) -> None:
    oracle = read_oracles()[name]
    module = make_module(find_net(ZOO_NAMES[name]), (3, 224, 224), 1000, device="meta")
    table = measure(module, (3, 224, 224), backward=False)
    assert table.parameters == oracle["parameters"]
    assert table.multiplies == oracle["multiplies_conv_fc_batch1"]


@pytest.mark.parametrize(
    ("name", "depth"),
    [
        ("resnet18", 18),
        ("resnet50", 50),
        ("vgg11", 11),
        ("lenet5", 5),
        ("vgg19-bn", 19),
        ("densenet121", 121),
        ("resnet56-cifar", 56),
        ("resnet20-cifar-plain", 20),
    ],
)
def test_depth_is_what_the_name_says(name: str, depth: int) -> None:
    shape = (1, 28, 28) if name == "lenet5" else (3, 64, 64)
    assert measure(make_module(find_net(name), shape, 10, device="meta"), shape, backward=False).depth == depth


def test_rows_are_found_by_name_by_container_and_by_place() -> None:
    table = measure(NET, (1, 16, 16))
    assert table.find_row("0.0").kind == "conv"
    assert table.find_row("0").kind == "relu"
    assert table.find_row(1).kind == "relu"
    assert table.find_row("").kind == "gap"
    for wrong in ("3", 9):
        with pytest.raises(InputError, match="row"):
            table.find_row(wrong)


def test_field_at_is_the_gradients_support() -> None:
    table = measure(NET, (1, 16, 16))
    twin = NET[:2].double()
    x = torch.ones(1, 1, 16, 16, dtype=torch.float64, requires_grad=True)
    with torch.no_grad():
        for parameter in twin.parameters():
            parameter.fill_(0.5)
    output = twin(x)
    for cell in ((0, 0), (15, 15), (7, 8)):
        (gradient,) = torch.autograd.grad(output[0, 0][cell], x, retain_graph=True)
        assert (table.field_at("1", cell).mask == (gradient[0, 0] != 0).numpy()).all()
    NET.float()


def test_shares_of_the_middle_cell() -> None:
    table = measure(nn.Sequential(*(nn.Conv2d(1, 1, 3, dilation=2, padding=2) for _ in range(2))), (1, 18, 18))
    sight = table.look("1")
    assert sight.covered == Fraction(81, 324)
    assert sight.touched == Fraction(25, 81)
    assert measure(NET, (1, 16, 16)).look("2").covered == 1


def test_the_rule_is_there_with_the_total() -> None:
    table = measure(NET, (1, 16, 16))
    assert "padding as multiplied" in table.rule
    assert list(table) == list(table.rows)


def test_inference_is_told_apart() -> None:
    class Side(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.main, self.side = nn.Linear(4, 4), nn.Linear(4, 3)

        def forward(self, x: torch.Tensor) -> object:
            return (self.main(x), self.side(x)) if self.training else self.main(x)

    table = measure(Side(), (4,))
    assert (table.multiplies, table.inference_multiplies) == (28, 16)
