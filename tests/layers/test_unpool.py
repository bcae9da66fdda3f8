from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.layers.waysout import check_ways_out
from torch import Tensor, nn

from striate.layers import Carried, CarryingNet, CarryingRow, RememberingMaxPool, Unpool
from striate.layers.unpool import find_maxima, put_back

Window = tuple[int, int, int, int]


def find_slowly(x: Tensor, windows: Sequence[Window], counts: Sequence[int]) -> list[tuple[tuple[int, ...], list[int]]]:
    """For every window of one map: its place, and the first of its largest cells; padding is never among them."""
    found = []
    for place in itertools.product(*map(range, counts)):
        ranges = []
        for start, (size, step, before, _), extent in zip(place, windows, x.shape, strict=True):
            first = start * step - before
            ranges.append([cell for cell in range(first, first + size) if 0 <= cell < extent])
        cells = list(itertools.product(*ranges))
        best = max(cells, key=lambda cell: (x[cell].item(), [-number for number in cell]))
        found.append((place, list(best)))
    return found


def unpool_slowly(x: Tensor, values: Tensor, windows: Sequence[Window]) -> Tensor:
    output = torch.zeros_like(x)
    for batch, channel in itertools.product(*map(range, x.shape[:2])):
        for place, cell in find_slowly(x[batch, channel], windows, values.shape[2:]):
            output[(batch, channel, *cell)] += values[(batch, channel, *place)]
    return output


windows = st.tuples(st.integers(1, 3), st.integers(1, 3)).flatmap(
    lambda pair: st.tuples(st.just(pair[0]), st.just(pair[1]), *[st.integers(0, pair[0] - 1)] * 2)
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(windows, st.integers(3, 5)), min_size=1, max_size=4), st.booleans(), st.integers(0, 99))
def test_values_return_to_where_the_maxima_were(axes: list[tuple[Window, int]], ceil: bool, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    ways, extents = tuple(way for way, _ in axes), [extent for _, extent in axes]
    x = torch.randint(-2, 3, (1, 2, *extents), generator=generator).double()  # many equal maxima
    output, cells = find_maxima(x, ways, ceil)
    values = torch.randn(output.shape, generator=generator, dtype=torch.float64)
    torch.testing.assert_close(put_back(values, cells, x.shape, ways), unpool_slowly(x, values, ways))
    for batch, channel in itertools.product(*map(range, x.shape[:2])):
        for place, cell in find_slowly(x[batch, channel], ways, output.shape[2:]):
            assert output[(batch, channel, *place)] == x[(batch, channel, *cell)]


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_as_torch_unpools(axes: int) -> None:
    extents = (7, 6, 5)[:axes]
    x = torch.randn(2, 3, *extents)
    pool = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)[axes - 1](2, return_indices=True)
    undo = (nn.MaxUnpool1d, nn.MaxUnpool2d, nn.MaxUnpool3d)[axes - 1](2)
    carried = Carried()
    ours = RememberingMaxPool((2,) * axes, (2,) * axes, ((0, 0),) * axes)
    output, indices = pool(x)
    assert torch.equal(ours(x, carried), output)
    assert torch.equal(Unpool()(output, carried), undo(output, indices, output_size=extents))
    assert not carried.places


def make_there_and_back(axes: int, size: int, stride: int, pad: tuple[int, int], *, ceil: bool = False) -> CarryingNet:
    pool = RememberingMaxPool((size,) * axes, (stride,) * axes, (pad,) * axes, ceil)
    return CarryingNet(pool, nn.Tanh(), Unpool())


WAYS = [(1, 3, 2, (0, 1), True), (2, 2, 2, (0, 0), False), (2, 3, 2, (1, 1), False), (3, 2, 2, (0, 0), True)]


@pytest.mark.parametrize(("axes", "size", "stride", "pad", "ceil"), [*WAYS, (4, 2, 2, (0, 0), False)])
def test_it_can_be_taken_away(axes: int, size: int, stride: int, pad: tuple[int, int], ceil: bool) -> None:
    check_ways_out(
        make_there_and_back(axes, size, stride, pad, ceil=ceil),
        torch.randn(2, 2, *((7, 6, 5) if axes < 4 else (3, 2, 2, 4))[:axes]),
    )


@pytest.mark.parametrize("axes", [1, 2, 3, 4])
def test_gradients(axes: int) -> None:
    extents = [4 if axes < 4 else 3] * axes
    x = torch.randperm(math.prod(extents)).double().reshape(1, 1, *extents).div_(9).requires_grad_()  # no equal maxima
    assert torch.autograd.gradcheck(make_there_and_back(axes, 3, 2, (1, 0)), (x,))


def test_the_latest_pool_is_undone_first() -> None:
    pools = [RememberingMaxPool((size,), (size,), ((0, 0),)) for size in (2, 3)]
    net = CarryingNet(pools[0], CarryingRow(pools[1], Unpool()), Unpool())
    x = torch.randn(1, 1, 13)
    kept = net(x)
    assert kept.shape == x.shape
    mask = kept != 0
    assert mask.sum() == 2  # 13 cells -> 6 -> 2 maxima
    assert torch.equal(kept[mask], x[mask])
