"""Convolutions and pools: a window of their own that slides along each axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from striate.arithmetic import Window, chain_extents
from striate.errors import ShapeError
from striate.layers.padded import PaddedConv
from striate.layers.table import TableConv
from striate.nets.convert.axis import settle
from striate.nets.convert.flow import Flow
from striate.nets.convert.kernel import read_windows
from striate.nets.convert.rewriting import copy_module
from striate.nets.convert.rules.rule import CallRule, ModuleRule, as_module
from striate.nets.convert.site import Site, is_constant


def convolve(site: Site, module: Any) -> Flow:
    """A convolution, transposed or not."""
    return apply_windows(site, module, read_windows(module), module.out_channels)


def pool(site: Site, module: Any) -> Flow:
    """A pool; a single window without padding gets the extents that there are."""
    flow = site.take_map()
    if getattr(module, "return_indices", False):
        site.refuse("gives the places of its maxima too, which differ in each window")
    site.check_axes(flow, _count_axes(module))
    own = read_windows(module, len(flow.axes))
    windows = [fit(axis.cells, window) for axis, window in zip(flow.axes, own, strict=True)]
    return apply_windows(site, module, windows, flow.channels)


def _count_axes(module: nn.Module) -> int:
    """A pool's axes stand in its name: its numbers may be one for all of them."""
    return int(type(module).__name__[-2])


def apply_windows(site: Site, module: Any, windows: Sequence[Window], channels: int) -> Flow:
    """The module with its strides settled; its own call where nothing has to change."""
    flow = site.take_map()
    axes = site.slide(flow, windows)
    settled = tuple(settle(axis, window) for axis, window in zip(flow.axes, windows, strict=True))
    if site.node.op == "call_module" and settled == read_windows(module, len(axes)):
        return site.keep(flow, axes, channels)
    size, stride = tuple(window.size for window in settled), tuple(window.stride for window in settled)
    node = site.insert(flow, lambda: copy_module(module, kernel_size=size, stride=stride), (size, stride))
    return Flow(node, channels, axes, site.shape)


def fit(cells: int, window: Window) -> Window:
    """A single window without padding, cut to the cells that there are."""
    try:
        single = chain_extents([window], cells)[-1] == 1
    except ShapeError:  # said where it slides
        return window
    covers = window.size >= cells and window.dilation == 1 and not window.before
    return Window(cells, window.stride, after=window.after, ceil=window.ceil) if single and covers else window


def convolve_call(site: Site) -> Flow:
    """`F.conv2d` and its kin, with a kernel of the module's own."""
    flow, weight = site.take_map(), site.get(1, "weight")
    if not is_constant(weight):
        site.refuse("has a kernel that hangs on the input")
    out_channels, _, *size = weight.meta["value"].shape
    kind = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[len(size) - 1]
    numbers = {name: site.get(place, name, 1) for place, name in ((3, "stride"), (5, "dilation"))}
    with torch.device("meta"):
        windows = read_windows(kind(1, 1, tuple(size), padding=site.get(4, "padding", 0), **numbers))
    kept = site.keep(flow, site.slide(flow, windows), out_channels)
    settled = tuple(settle(axis, window).stride for axis, window in zip(flow.axes, windows, strict=True))
    if len(kept.node.args) > 3:
        kept.node.update_arg(3, settled)
    else:
        kept.node.update_kwarg("stride", settled)
    return kept


CONVOLUTIONS = [getattr(nn, f"{kind}{axes}d") for kind in ("Conv", "ConvTranspose") for axes in (1, 2, 3)]
MAX = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
AVERAGE = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override")

MODULES: dict[type[nn.Module], ModuleRule] = {
    **dict.fromkeys([*CONVOLUTIONS, PaddedConv, TableConv], convolve),
    **dict.fromkeys((getattr(nn, f"{kind}Pool{axes}d") for kind in ("Max", "Avg") for axes in (1, 2, 3)), pool),
}
FUNCTIONS: dict[Any, CallRule] = {
    **{getattr(torch, f"conv{axes}d"): convolve_call for axes in (1, 2, 3)},
    **{
        getattr(space, f"max_pool{axes}d"): as_module(pool, getattr(nn, f"MaxPool{axes}d"), *MAX)
        for space in (F, torch)
        for axes in (1, 2, 3)
    },
    F.avg_pool1d: as_module(pool, nn.AvgPool1d, *AVERAGE[:5]),
    F.avg_pool2d: as_module(pool, nn.AvgPool2d, *AVERAGE),
    F.avg_pool3d: as_module(pool, nn.AvgPool3d, *AVERAGE),
}
METHODS: dict[str, CallRule] = {}
