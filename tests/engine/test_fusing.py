from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.draw import Residual, Wilful, count, season
from torch import Tensor, nn

import striate
from striate.engine import fold_norms
from striate.engine.fusing import FusedConvolution, can_fuse, fuse_convolutions

pytestmark = pytest.mark.skipif(not can_fuse(), reason="torch without oneDNN")


def compare(module: nn.Module, batch: Tensor) -> nn.Module:
    """Hold a folded, fused copy against the module, twice: the second call takes weights laid out by the first."""
    module.eval()
    fused = fuse_convolutions(fold_norms(module))
    with torch.no_grad():
        expected = module(batch.clone())
        for _ in range(2):
            found = fused(batch)
            assert (found - expected).abs().max() <= 1e-5 * expected.abs().max() + 1e-6
    return fused


ACTIVATIONS = [nn.ReLU(), nn.SiLU(), nn.Sigmoid(), nn.Tanh(), nn.Hardswish(), nn.ELU(), nn.GELU(), nn.LeakyReLU(0.3)]


@given(
    activation=st.sampled_from(ACTIVATIONS),
    groups=st.sampled_from([1, 2, 4]),
    stride=st.integers(1, 2),
    dilation=st.integers(1, 2),
    bias=st.booleans(),
    last=st.booleans(),
)
def test_a_convolution_with_its_activation(
    activation: nn.Module, groups: int, stride: int, dilation: int, bias: bool, last: bool
) -> None:
    layer = nn.Conv2d(4, 8, 3, stride, 1, dilation, groups, bias)
    batch = torch.randn(2, 4, 9, 7)
    fused = compare(nn.Sequential(layer, activation), batch.to(memory_format=torch.channels_last) if last else batch)
    assert count(fused, FusedConvolution) == 1


@pytest.mark.parametrize("inplace", [False, True])
@pytest.mark.parametrize("late", [False, True])
def test_the_sum_of_branches_is_written_over_only_where_nobody_needs_it(inplace: bool, late: bool) -> None:
    fused = compare(season(Residual(inplace=inplace, late=late)), torch.randn(2, 3, 6, 6))
    convolutions = [part for part in fused.modules() if isinstance(part, FusedConvolution)]
    assert [part.activation for part in convolutions] == ["relu"] * 3
    assert [part.overwrites for part in convolutions] == [False, False, not late]


def test_other_shapes_give_the_same_as_a_network_that_saw_them_first() -> None:
    module = season(striate.build("resnet18", input=(3, 32, 32), classes=5))
    batches = [torch.randn(rows, 3, 32, 32) for rows in (4, 1, 3, 2)]
    one = fuse_convolutions(fold_norms(module))
    with torch.no_grad():
        for batch in batches:
            found = one(batch)
            assert torch.equal(found, fuse_convolutions(fold_norms(module))(batch))
            assert torch.allclose(found, module(batch), rtol=1e-3, atol=1e-3 * float(found.abs().max()))


@pytest.mark.parametrize(
    "text",
    [
        "add[conv3-8, relu | conv1-8 | conv3-8], relu, conv3-4",
        "add[conv3-8 | conv1-8], add[conv3-8 | ], relu, dropout p=0.5, conv1-4",
        "cat[conv3-8, relu | ], mul[conv1-11 | conv1-11, sigmoid], conv3-2 pad=2:0",
        "conv3-4 mode=reflect, relu, deconv2-4/2, relu, depthwise3, silu",
    ],
)
def test_networks_of_the_notation(text: str) -> None:
    compare(striate.build(text, input=(3, 8, 8)), torch.randn(2, 3, 8, 8))


@pytest.mark.parametrize("shape", [(3, 16), (3, 6, 6, 6)])
def test_other_axes_stay_as_they_are(shape: tuple[int, ...]) -> None:
    fused = compare(season(striate.build("conv3-4, bn, relu", input=shape)), torch.randn(2, *shape))
    assert count(fused, FusedConvolution) == 0


class Broadcast(nn.Module):
    """A sum in which one branch is spread over the other: no part of a convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(3, 4, 6)

    def forward(self, batch: Tensor) -> Tensor:
        return torch.relu(self.two(batch) + self.one(batch))


class Scalar(nn.Module):
    """Sums that are not of two branches."""

    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Conv2d(3, 4, 3)

    def forward(self, batch: Tensor) -> Tensor:
        first = self.one(batch) + 1.5
        doubled = self.one(batch)
        result: Tensor = torch.add(first, self.one(batch), alpha=2) + (doubled + doubled)
        return result


@pytest.mark.parametrize("module", [Scalar(), Wilful(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 1), nn.ReLU())])
def test_odd_modules_keep_their_results(module: nn.Module) -> None:
    compare(module, torch.randn(2, 3, 6, 6))


def test_a_sum_that_broadcasts() -> None:
    compare(Broadcast(), torch.randn(2, 3, 6, 6))


class Ahead(nn.Module):
    """A branch that is read once more after the sum began: it may not be written over before."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.three = (nn.Conv2d(channels, 4, 3, padding=1) for channels in (3, 4, 4))

    def forward(self, batch: Tensor) -> Tensor:
        start = self.one(batch)
        total = self.two(start) + start
        result: Tensor = self.three(start) + total
        return result


def test_a_branch_that_is_still_read_is_kept() -> None:
    compare(Ahead(), torch.randn(2, 3, 6, 6))


def test_the_input_is_never_written_over() -> None:
    batch = torch.randn(2, 3, 6, 6)
    before = batch.clone()
    fused = compare(nn.Sequential(nn.Identity(), Residual(3)), batch)
    assert torch.equal(batch, before)
    assert count(fused, FusedConvolution) == 3
