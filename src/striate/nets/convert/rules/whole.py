"""Pools that are told how many cells to give, and means over a whole map: they become pools of fixed windows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import prod
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import nn

from striate.arithmetic import Window
from striate.layers import GlobalAvgPool, GlobalMaxPool, make_pool, make_upsample
from striate.nets.convert.axis import repeat, settle
from striate.nets.convert.flow import Flow
from striate.nets.convert.rules.rule import CallRule, ModuleRule
from striate.nets.convert.site import Site

Kind = Literal["max", "average"]


def adapt(site: Site, kind: Kind, wanted: Any) -> Flow:
    """A pool that gives `wanted` cells: by equal windows, or by copies where there are more cells than before."""
    flow = site.take_map()
    numbers = [wanted] * len(flow.axes) if wanted is None or isinstance(wanted, int) else list(wanted)
    site.check_axes(flow, len(numbers))
    cells = [axis.cells if number is None else number for axis, number in zip(flow.axes, numbers, strict=True)]
    for here, there in zip(flow.cells, cells, strict=True):
        if here % there and there % here:
            site.refuse(
                f"pools {here} cells to {there}, by windows that differ",
                f"Choose an input with a multiple of {there} cells there",
            )
    sizes = [max(here // there, 1) for here, there in zip(flow.cells, cells, strict=True)]
    pooled = _pool(site, flow, kind, sizes)
    factors = [max(there // axis.cells, 1) for there, axis in zip(cells, pooled.axes, strict=True)]
    if max(factors) == 1:
        return pooled
    axes = tuple(repeat(axis, factor) for axis, factor in zip(pooled.axes, factors, strict=True))
    make = partial(make_upsample, len(factors), factors)
    node = site.insert(pooled, make, tuple(factors), f"{site.node.name}_copies")
    return Flow(node, flow.channels, axes, site.shape)


def _pool(site: Site, flow: Flow, kind: Kind, sizes: Sequence[int]) -> Flow:
    windows = [Window(size, size) for size in sizes]
    if max(sizes) == 1:
        return Flow(flow.node, flow.channels, flow.axes, site.shape)
    axes = site.slide(flow, windows)
    strides = [settle(axis, window).stride for axis, window in zip(flow.axes, windows, strict=True)]
    node = site.insert(flow, lambda: make_pool(len(sizes), kind, sizes, strides), (kind, *sizes, *strides))
    return Flow(node, flow.channels, axes, site.shape)


def reduce_call(kind: Kind) -> CallRule:
    """`x.mean((2, 3))`, `x.amax((2, 3))`: over all of an axis, or of several."""

    def write(site: Site) -> Flow:
        flow, dims = site.take(), site.get(1, "dim")
        given = [dims] if isinstance(dims, int) else list(dims or range(1 + len(flow.shape)))
        places = sorted(dim % (1 + len(flow.shape)) - 2 for dim in given)
        if site.node.kwargs.get("dtype") is not None or min(places) < 0 or len(flow.shape) < 2:
            site.refuse("runs over the batch or the channels" if len(flow.shape) > 1 else "runs over flat features")
        merged = flow.shape == (flow.channels, prod(flow.cells))
        if not (flow.is_map or merged):
            site.refuse("runs over axes that it doesn't share with the map")
        sizes = [axis.cells if merged or place in places else 1 for place, axis in enumerate(flow.axes)]
        return _pool(site, flow, kind, sizes)

    return write


def _name(kind: str) -> list[type[nn.Module]]:
    return [getattr(nn, f"Adaptive{kind}Pool{axes}d") for axes in (1, 2, 3)]


def _adapt_module(kind: Kind) -> ModuleRule:
    return lambda site, module: adapt(site, kind, module.output_size)


def _adapt_all(kind: Kind) -> ModuleRule:
    return lambda site, module: adapt(site, kind, 1)


def _adapt_call(kind: Kind) -> CallRule:
    return lambda site: adapt(site, kind, site.get(1, "output_size"))


MODULES: dict[type[nn.Module], ModuleRule] = {
    **dict.fromkeys(_name("Avg"), _adapt_module("average")),
    **dict.fromkeys(_name("Max"), _adapt_module("max")),
    GlobalAvgPool: _adapt_all("average"),
    GlobalMaxPool: _adapt_all("max"),
}
FUNCTIONS: dict[Any, CallRule] = {
    **{getattr(F, f"adaptive_avg_pool{axes}d"): _adapt_call("average") for axes in (1, 2, 3)},
    **{getattr(F, f"adaptive_max_pool{axes}d"): _adapt_call("max") for axes in (1, 2, 3)},
    torch.adaptive_avg_pool1d: _adapt_call("average"),
    torch.mean: reduce_call("average"),
    torch.amax: reduce_call("max"),
}
METHODS: dict[str, CallRule] = {"mean": reduce_call("average"), "amax": reduce_call("max")}
