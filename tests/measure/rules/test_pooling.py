"""Pools against the gradient's support; maximum pools by convolutions of ones over windows that hang over the end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measure.rules.support import Call, check_known, check_reach, draw, find_kinds
from torch import Tensor, nn

from striate.measure.trace import trace

CONVOLUTIONS: tuple[Any, ...] = (F.conv1d, F.conv2d, F.conv3d)
MAXIMUM: tuple[Any, ...] = (F.max_pool1d, F.max_pool2d, F.max_pool3d)
AVERAGE: tuple[Any, ...] = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)
ADAPTIVE: tuple[Any, ...] = (F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d)
ADAPTIVE_MAXIMUM: tuple[Any, ...] = (F.adaptive_max_pool1d, F.adaptive_max_pool2d, F.adaptive_max_pool3d)
UNPOOL: tuple[Any, ...] = (F.max_unpool1d, F.max_unpool2d, F.max_unpool3d)
EXTENTS = (7, 6, 5)


def sum_windows(axes: int, size: int, stride: int, pad: int, dilation: int, ceil: bool) -> Any:
    """What a maximum pool reads, summed."""

    def run(x: Tensor) -> Tensor:
        extents = MAXIMUM[axes - 1](x, size, stride, pad, dilation, ceil).shape[-axes:]
        padded = F.pad(x, [pad, pad + size * dilation + stride] * axes).reshape(
            -1, 1, *(extent + 2 * pad + size * dilation + stride for extent in x.shape[-axes:])
        )
        ones = torch.ones((1, 1) + (size,) * axes, dtype=x.dtype)
        sums: Tensor = CONVOLUTIONS[axes - 1](padded, ones, stride=stride, dilation=dilation)
        for axis, extent in enumerate(extents):
            sums = sums.narrow(axis - axes, 0, extent)
        return sums.reshape(*x.shape[:-axes], *extents)

    return run


@settings(max_examples=25, deadline=None)
@given(
    axes=st.integers(1, 3),
    size=st.integers(1, 3),
    stride=st.integers(1, 4),
    padded=st.booleans(),
    dilation=st.integers(1, 2),
    ceil=st.booleans(),
    batched=st.booleans(),
)
def test_maximum_pools(
    axes: int, size: int, stride: int, padded: bool, dilation: int, ceil: bool, batched: bool
) -> None:
    options = (size, stride, size // 2 if padded else 0, dilation, ceil)
    shape = (*((1, 2) if batched else (2,)), *EXTENTS[:axes])
    pool = MAXIMUM[axes - 1]
    check_reach(lambda x: pool(x, *options), shape, twin=sum_windows(axes, *options), most=40)


@settings(max_examples=25, deadline=None)
@given(
    axes=st.integers(1, 3),
    size=st.integers(1, 4),
    stride=st.integers(1, 4) | st.none(),
    padded=st.booleans(),
    ceil=st.booleans(),
    counted=st.booleans(),
    batched=st.booleans(),
)
def test_average_pools(
    axes: int, size: int, stride: int | None, padded: bool, ceil: bool, counted: bool, batched: bool
) -> None:
    pool, shape = AVERAGE[axes - 1], (*((1, 2) if batched else (2,)), *EXTENTS[:axes])
    check_reach(lambda x: pool(x, size, stride, size // 2 if padded else 0, ceil, counted), shape, most=40)


@pytest.mark.parametrize(
    "pool",
    [
        nn.AvgPool2d((3, 1), stride=(2, 1), padding=(1, 0)),
        nn.AvgPool2d((2, 3), ceil_mode=True, divisor_override=5),
        nn.AvgPool3d((1, 2, 3), stride=(1, 2, 1)),
        nn.LPPool1d(2, 3, stride=2),
        nn.LPPool2d(3, (2, 3), ceil_mode=True),
        nn.LPPool3d(2, 2),
    ],
)
def test_windows_that_differ_from_axis_to_axis(pool: nn.Module) -> None:
    axes = int(type(pool).__name__[-2])
    check_reach(pool, (2, 2, *EXTENTS[:axes]))


def test_indices_read_what_their_maxima_do() -> None:
    traced = trace(Call(lambda x: MAXIMUM[1](x, 2, return_indices=True)), (1, 4, 6))
    values, indices = traced.outputs
    for cell in np.ndindex(values.shape):
        assert np.array_equal(draw(traced, values, cell), draw(traced, indices, cell))


@settings(max_examples=25, deadline=None)
@given(
    extents=st.lists(st.integers(1, 8), min_size=1, max_size=3),
    wanted=st.lists(st.integers(1, 9), min_size=3, max_size=3),
    batched=st.booleans(),
)
def test_adaptive_pools(extents: list[int], wanted: list[int], batched: bool) -> None:
    axes, shape = len(extents), (*((1, 2) if batched else (2,)), *extents)
    for pool in (ADAPTIVE[axes - 1], ADAPTIVE_MAXIMUM[axes - 1]):
        check_reach(
            lambda x, pool=pool: pool(x, wanted[:axes]),
            shape,
            twin=lambda x: ADAPTIVE[axes - 1](x, wanted[:axes]),
            most=30,
        )


@pytest.mark.parametrize(
    ("extents", "size", "wanted"), [((9, 7), 2, (4, 3)), ((8, 5), (3, 1), (1, 5)), ((6, 7), 2, (5, 4))]
)
def test_fractional_pools_read_what_some_samples_make_them_read(
    extents: tuple[int, int], size: Any, wanted: tuple[int, int]
) -> None:
    torch.manual_seed(0)
    _, indices = F.fractional_max_pool2d(torch.rand(1, 20_000, *extents), size, wanted, return_indices=True)
    traced = trace(Call(lambda x: F.fractional_max_pool2d(x, size, wanted)), (2, *extents))
    for cell in np.ndindex(wanted):
        chosen = np.zeros(extents, bool)
        chosen.flat[indices[0, :, *cell].numpy()] = True
        assert np.array_equal(draw(traced, traced.outputs[0], (0, 1, *cell))[0, 1], chosen)


def test_fractional_pools_read_samples_of_their_own_channel() -> None:
    def pool(x: Tensor, samples: Tensor) -> Tensor:
        return F.fractional_max_pool3d(x, 2, 2, _random_samples=samples)

    for shape, samples in (((2, 3, 4, 5, 6), (2, 3, 3)), ((3, 4, 5, 6), (1, 3, 3))):
        traced = trace(Call(pool), [torch.rand(shape), torch.rand(samples)])
        seen = draw(traced, traced.outputs[0], tuple(extent - 1 for extent in traced.outputs[0].shape), 1)
        assert seen.sum() == 3
        assert seen[-1, -1].all()


@pytest.mark.parametrize(
    ("axes", "options"),
    [
        (1, (2,)),
        (1, (3, 2, 1)),
        (2, (2,)),
        (2, (3, 2, 1)),
        (2, ((3, 2), (2, 1))),
        (3, (2,)),
        (3, ((1, 2, 3), (1, 2, 2))),
    ],
)
def test_unpooling_reads_the_cells_whose_window_holds_its_place(axes: int, options: Any) -> None:
    """Any pooled cell is somewhere the one that is put back, given enough random channels."""
    pool, unpool = MAXIMUM[axes - 1], UNPOOL[axes - 1]
    extents = (6, 5, 4)[:axes]

    def undo(x: Tensor, y: Tensor) -> Tensor:
        put: Tensor = unpool(y, pool(x, *options, return_indices=True)[1], *options, output_size=extents)
        return put

    torch.manual_seed(0)
    pooled = pool(torch.rand(1, 1, *extents), *options).shape[2:]
    numbers = torch.arange(1.0, 1 + np.prod(pooled)).reshape(pooled).expand(1, 4_000, *pooled)
    undone = undo(torch.rand(1, 4_000, *extents), numbers)
    traced = trace(Call(undo), [torch.rand(1, 2, *extents), torch.rand(1, 2, *pooled)])
    for cell in np.ndindex(*extents):
        chosen = np.zeros(pooled, bool)
        found = set(undone[(0, slice(None), *cell)].int().tolist()) - {0}
        chosen.flat[[number - 1 for number in found]] = True
        seen = draw(traced, traced.outputs[0], (0, 1, *cell), 1)
        assert np.array_equal(seen[0, 1], chosen)
        assert not seen[0, 0].any()


def test_unpooling_by_indices_from_elsewhere_reads_the_whole_channel() -> None:
    traced = trace(Call(lambda x, at: UNPOOL[1](x, at.long(), 2)), [(2, 2, 3), (2, 2, 3)])
    seen = draw(traced, traced.outputs[0], (0, 1, 3, 2))
    assert seen[0, 1].all()
    assert not seen[0, 0].any()


@pytest.mark.parametrize(
    ("pool", "word"),
    [
        (nn.MaxPool2d(2), "maxpool"),
        (nn.AvgPool3d(2), "avgpool"),
        (nn.AdaptiveAvgPool2d((1, 3)), "avgpool"),
        (nn.AdaptiveAvgPool2d(1), "gap"),
        (nn.AdaptiveAvgPool3d(1), "gap"),
        (nn.AdaptiveMaxPool3d(1), "gmp"),
        (nn.AdaptiveMaxPool2d(2), "maxpool"),
    ],
)
def test_words(pool: nn.Module, word: str) -> None:
    assert find_kinds(pool, (2, *EXTENTS[: int(type(pool).__name__[-2])])) == [word]


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_all_are_known_forward_and_backward(axes: int) -> None:
    for name in ("MaxPool", "AvgPool", "AdaptiveAvgPool", "AdaptiveMaxPool"):
        check_known(getattr(nn, f"{name}{axes}d")(2), (2, *EXTENTS[:axes]))
        check_known(getattr(nn, f"{name}{axes}d")(1), (2, *EXTENTS[:axes]))
    pool, unpool = (getattr(nn, name)(2) for name in (f"MaxPool{axes}d", f"MaxUnpool{axes}d"))
    pool.return_indices = True
    check_known(Call(lambda x: unpool(*pool(x))), (2, *EXTENTS[:axes]))
    if axes > 1:
        check_known(getattr(nn, f"FractionalMaxPool{axes}d")(2, output_ratio=0.5), (2, *EXTENTS[:axes]))
