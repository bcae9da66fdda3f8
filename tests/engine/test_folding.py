from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.draw import Odd, Residual, Wilful, count, season
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils.parametrizations import weight_norm

import striate
from striate.engine import fold_norms
from striate.layers import make_convolution, make_transposed

NORMS = {1: nn.BatchNorm1d, 2: nn.BatchNorm2d, 3: nn.BatchNorm3d}


def agree(module: nn.Module, folded: nn.Module, batch: Tensor) -> bool:
    with torch.no_grad():
        return torch.allclose(module(batch), folded(batch), rtol=1e-4, atol=1e-5)


@given(
    axes=st.integers(1, 3),
    groups=st.sampled_from([1, 2]),
    stride=st.integers(1, 2),
    bias=st.booleans(),
    transposed=st.booleans(),
    ends=st.tuples(st.integers(0, 2), st.integers(0, 2)),
    affine=st.booleans(),
)
def test_every_convolution_takes_the_norm_behind_it(
    axes: int, groups: int, stride: int, bias: bool, transposed: bool, ends: tuple[int, int], affine: bool
) -> None:
    options: dict[str, Any] = {"stride": stride, "groups": groups, "bias": bias}
    options["crops" if transposed else "pads"] = [ends] * axes
    layer = (make_transposed if transposed else make_convolution)(axes, 4, 6, 3, **options)
    module = season(nn.Sequential(layer, NORMS[axes](6, affine=affine), nn.ReLU()))
    folded = fold_norms(module)
    assert count(folded, _BatchNorm) == 0
    assert agree(module, folded, torch.randn(2, 4, *[6] * axes))


def test_four_axes_and_a_fill_beside_zero() -> None:
    module = season(striate.build("conv3-4 pad=1x2x0x1, bn, relu", input=(1, 5, 4, 3, 5)))
    assert count(fold_norms(module), _BatchNorm) == 0
    assert agree(module, fold_norms(module), torch.randn(2, 1, 5, 4, 3, 5))
    filled = season(nn.Sequential(make_convolution(2, 1, 3, 3, pads=[(1, 2)] * 2, fill=0.7), nn.BatchNorm2d(3)))
    assert count(fold_norms(filled), _BatchNorm) == 0
    assert agree(filled, fold_norms(filled), torch.randn(2, 1, 6, 6))


def test_linear_layers_on_rows() -> None:
    module = season(nn.Sequential(nn.Linear(5, 4), nn.BatchNorm1d(4), nn.ReLU()))
    assert count(fold_norms(module), _BatchNorm) == 0
    assert agree(module, fold_norms(module), torch.randn(7, 5))


def test_the_module_stays_as_it_was() -> None:
    module = season(Residual()).train()
    state = {name: value.clone() for name, value in module.state_dict().items()}
    folded = fold_norms(module)
    assert not folded.training
    assert all(part.training for part in module.modules())
    assert state.keys() == module.state_dict().keys()
    assert all(torch.equal(state[name], value) for name, value in module.state_dict().items())


@pytest.mark.parametrize("name", ["resnet18", "unet", "lenet5"])
def test_networks_of_the_zoo_lose_every_norm_behind_a_convolution(name: str) -> None:
    module = season(striate.build(name, input=(1, 64, 64) if name != "lenet5" else (1, 28, 28), classes=3))
    folded = fold_norms(module)
    assert count(folded, _BatchNorm) == 0
    batch = torch.randn(2, 1, 64, 64) if name != "lenet5" else torch.randn(2, 1, 28, 28)
    with torch.no_grad():
        expected, found = module(batch), folded(batch)
    assert (expected - found).abs().max() <= 1e-5 * expected.abs().max()


class Twice(nn.Module):
    """A convolution that is called twice, once with a norm behind it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 3, 3, padding=1), nn.BatchNorm2d(3)

    def forward(self, batch: Tensor) -> Tensor:
        result: Tensor = self.norm(self.conv(self.conv(batch)))
        return result


class Seen(nn.Module):
    """A convolution whose result is used beside the norm too."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 3, 3, padding=1), nn.BatchNorm2d(3)

    def forward(self, batch: Tensor) -> Tensor:
        raw = self.conv(batch)
        result: Tensor = self.norm(raw) + raw
        return result


def make_hooked() -> nn.Module:
    module = nn.Sequential(nn.Conv2d(3, 3, 3), nn.BatchNorm2d(3))
    module[0].register_forward_hook(lambda part, given, result: result * 2)
    return module


class Standardised(nn.Conv2d):
    """A user's own convolution, which scales its weights itself."""

    def forward(self, batch: Tensor) -> Tensor:
        result: Tensor = self._conv_forward(batch, self.weight / self.weight.std(), self.bias)
        return result


@pytest.mark.parametrize(
    "module",
    [
        Twice(),
        Seen(),
        make_hooked(),
        nn.Sequential(nn.BatchNorm2d(3), nn.Conv2d(3, 3, 3)),
        nn.Sequential(nn.Conv2d(3, 3, 3), nn.ReLU(), nn.BatchNorm2d(3)),
        nn.Sequential(nn.Conv2d(3, 3, 3), nn.BatchNorm2d(3, track_running_stats=False)),
        nn.Sequential(weight_norm(nn.Conv2d(3, 3, 3)), nn.BatchNorm2d(3)),
        nn.Sequential(Standardised(3, 3, 3), nn.BatchNorm2d(3)),
    ],
    ids=["twice", "seen", "hooked", "before", "behind relu", "batch's own figures", "parametrized", "own class"],
)
def test_what_cannot_be_folded_stays(module: nn.Module) -> None:
    season(module)
    folded = fold_norms(module)
    assert count(folded, _BatchNorm) == 1
    assert agree(module, folded, torch.randn(2, 3, 5, 5))


def make_row() -> list[nn.Module]:
    return [nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU()]


@pytest.mark.parametrize(
    "module",
    [Wilful(*make_row()), nn.Sequential(*make_row(), Odd()), Wilful(*make_row(), Odd()), Wilful(Wilful(*make_row()))],
    ids=["part", "row", "row in part", "nested"],
)
def test_parts_of_what_cannot_be_followed_are_folded(module: nn.Module) -> None:
    season(module)
    assert count(fold_norms(module), _BatchNorm) == 0
    assert agree(module, fold_norms(module), torch.randn(2, 3, 5, 5))


def test_a_part_under_two_names_is_left_alone() -> None:
    shared = nn.Sequential(*make_row())
    module = season(nn.Sequential(Wilful(shared), nn.Conv2d(4, 3, 1), Wilful(shared)))
    folded = fold_norms(module)
    assert agree(module, folded, torch.randn(2, 3, 5, 5))


def test_tied_weights_stay_as_they_are_elsewhere() -> None:
    first, second = nn.Conv2d(3, 3, 3), nn.Conv2d(3, 3, 3)
    second.weight = first.weight
    module = season(nn.Sequential(first, nn.BatchNorm2d(3), second))
    assert agree(module, fold_norms(module), torch.randn(2, 3, 7, 7))


def test_a_copy_of_the_folded_module_is_a_module() -> None:
    folded = fold_norms(season(Residual()))
    assert agree(folded, copy.deepcopy(folded), torch.randn(2, 3, 5, 5))
