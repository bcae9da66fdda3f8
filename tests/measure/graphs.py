"""Random networks for the tests of sight: any layers, branches and dimensions, as a module with positive weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from hypothesis import strategies as st
from torch import Tensor, nn

CONV = (F.conv1d, F.conv2d, F.conv3d)
DECONV = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)
MAX = (F.max_pool1d, F.max_pool2d, F.max_pool3d)
AVERAGE = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)
ADAPTIVE: tuple[Callable[..., Tensor], ...] = (F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d)
LINEAR = ("linear", "bilinear", "trilinear")
Step = tuple[str, tuple[int, ...], tuple["Chain", ...]]
MOST = {1: 72, 2: 18, 3: 9}
CHANNELS = 2


@dataclass(frozen=True)
class Chain:
    """Steps in sequence; a step is its word, its numbers and its branches."""

    steps: tuple[Step, ...] = field(default=())


class Graph(nn.Module):
    """Runs a chain; with `smooth`, max pools average, so that their gradient reaches all that they could read."""

    def __init__(self, chain: Chain, smooth: bool, most: dict[int, int] = MOST) -> None:
        super().__init__()
        self.chain, self.smooth, self.most = chain, smooth, most
        self.weight = nn.Parameter(torch.ones(1, dtype=torch.float64))

    def forward(self, x: Tensor) -> Tensor:
        return self.run(self.chain, x)

    def run(self, chain: Chain, x: Tensor) -> Tensor:
        for word, numbers, branches in chain.steps:
            x = STEPS[word](self, x, numbers, branches)
        return x


def _draw_weights(*shape: int) -> Tensor:
    return torch.full(shape, 0.7, dtype=torch.float64)


def _conv(graph: Graph, x: Tensor, numbers: tuple[int, ...], branches: tuple[Chain, ...]) -> Tensor:
    size, stride, dilation, before, after, groups = numbers
    axes = x.dim() - 2
    x = F.pad(x, (before, after) * axes)
    if min(x.shape[2:]) < dilation * (size - 1) + 1:
        return x
    weight = _draw_weights(CHANNELS, CHANNELS // groups, *(size,) * axes)
    return CONV[axes - 1](x, weight * graph.weight, stride=stride, dilation=dilation, groups=groups)


def _deconv(graph: Graph, x: Tensor, numbers: tuple[int, ...], branches: tuple[Chain, ...]) -> Tensor:
    size, stride, crop, more = numbers
    axes = x.dim() - 2
    if (min(x.shape[2:]) - 1) * stride - 2 * crop + size < 1 or max(x.shape[2:]) * stride > graph.most[axes]:
        return x
    weight = _draw_weights(CHANNELS, CHANNELS, *(size,) * axes)
    return DECONV[axes - 1](x, weight, stride=stride, padding=crop, output_padding=min(more, stride - 1))


def _pool(graph: Graph, x: Tensor, numbers: tuple[int, ...], branches: tuple[Chain, ...]) -> Tensor:
    size, stride, pad, ceil, average = numbers
    axes, pad = x.dim() - 2, min(pad, size // 2)
    if min(x.shape[2:]) + 2 * pad < size or (axes == 3 and min(x.shape[2:]) < size):  # torch's rule for 3-D averages
        return x
    pool: Callable[..., Tensor] = (AVERAGE if average or graph.smooth else MAX)[axes - 1]
    return pool(x, size, stride=stride, padding=pad, ceil_mode=bool(ceil))


def _adaptive(graph: Graph, x: Tensor, numbers: tuple[int, ...], branches: tuple[Chain, ...]) -> Tensor:
    axes = x.dim() - 2
    return ADAPTIVE[axes - 1](x, tuple(min(number, graph.most[axes]) for number in numbers[:axes]))


def _nearest(graph: Graph, x: Tensor, numbers: tuple[int, ...], branches: tuple[Chain, ...]) -> Tensor:
    wanted = tuple(min(number, graph.most[x.dim() - 2]) for number in numbers[: x.dim() - 2])
    return F.interpolate(x, size=wanted, mode="nearest")


def _linear(graph: Graph, x: Tensor, numbers: tuple[int, ...], branches: tuple[Chain, ...]) -> Tensor:
    axes = x.dim() - 2
    wanted = tuple(min(number, graph.most[axes]) for number in numbers[:axes])
    return F.interpolate(x, size=wanted, mode=LINEAR[axes - 1], align_corners=bool(numbers[3]))


def _fit(parts: list[Tensor]) -> list[Tensor]:
    """Crop branches to their smallest extents."""
    least = [min(part.shape[axis] for part in parts) for axis in range(2, parts[0].dim())]
    for axis, extent in enumerate(least):
        parts = [part.narrow(2 + axis, 0, extent) for part in parts]
    return parts


def _add(graph: Graph, x: Tensor, numbers: tuple[int, ...], branches: tuple[Chain, ...]) -> Tensor:
    first, *others = _fit([graph.run(branch, x) for branch in branches])
    return sum(others, first)


def _cat(graph: Graph, x: Tensor, numbers: tuple[int, ...], branches: tuple[Chain, ...]) -> Tensor:
    joined = torch.cat(_fit([graph.run(branch, x) for branch in branches]), 1)
    if numbers[0] > CHANNELS:  # all channels together
        return CONV[x.dim() - 3](joined, _draw_weights(CHANNELS, joined.shape[1], *(1,) * (x.dim() - 2)))
    return joined[:, numbers[0] : numbers[0] + CHANNELS]


def _relu(graph: Graph, x: Tensor, numbers: tuple[int, ...], branches: tuple[Chain, ...]) -> Tensor:
    return x.relu()


def _double(graph: Graph, x: Tensor, numbers: tuple[int, ...], branches: tuple[Chain, ...]) -> Tensor:
    if max(x.shape[2:]) * 2 > graph.most[x.dim() - 2]:
        return x
    return F.interpolate(x, scale_factor=2.0, mode=LINEAR[x.dim() - 3] if numbers[0] else "nearest")


STEPS: dict[str, Callable[[Graph, Tensor, tuple[int, ...], tuple[Chain, ...]], Tensor]] = {
    "conv": _conv,
    "deconv": _deconv,
    "pool": _pool,
    "adaptive": _adaptive,
    "nearest": _nearest,
    "linear": _linear,
    "add": _add,
    "cat": _cat,
    "relu": _relu,
    "double": _double,
}


def _step(word: str, *numbers: st.SearchStrategy[int]) -> st.SearchStrategy[Step]:
    return st.tuples(st.just(word), st.tuples(*numbers), st.just(()))


SIZES = st.integers(1, 20)
LAYERS = st.one_of(
    _step(
        "conv",
        st.integers(1, 4),
        st.integers(1, 3),
        st.integers(1, 3),
        *[st.integers(0, 3)] * 2,
        st.sampled_from([1, 2]),
    ),
    _step("conv", st.integers(2, 3), st.integers(1, 2), st.integers(1, 2), *[st.integers(0, 2)] * 2, st.just(1)),
    _step("deconv", st.integers(1, 4), st.integers(1, 3), st.integers(0, 2), st.integers(0, 1)),
    _step("pool", st.integers(1, 3), st.integers(1, 3), st.integers(0, 1), *[st.integers(0, 1)] * 2),
    _step("adaptive", *[SIZES] * 3),
    _step("nearest", *[SIZES] * 3),
    _step("linear", *[SIZES] * 3, st.integers(0, 1)),
    _step("double", st.integers(0, 1)),
    _step("relu"),
)


def _branch(inner: st.SearchStrategy[Chain], first: int = 0) -> st.SearchStrategy[Step]:
    branches = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.tuples(st.sampled_from(["add", "cat"]), st.tuples(st.integers(first, max(first, 3))), branches)


SHORT = st.lists(LAYERS, max_size=2).map(lambda steps: Chain(tuple(steps)))
SLIDING = LAYERS.filter(lambda step: step[0] in ("conv", "deconv", "pool", "relu", "double"))
CHAINS = st.lists(st.one_of(LAYERS, LAYERS, _branch(SHORT)), min_size=1, max_size=5).map(
    lambda steps: Chain(tuple(steps))
)
SLIDES = st.lists(
    st.one_of(SLIDING, SLIDING, _branch(st.lists(SLIDING, max_size=2).map(lambda steps: Chain(tuple(steps))), 9)),
    min_size=1,
    max_size=4,
).map(lambda steps: Chain(tuple(steps)))
