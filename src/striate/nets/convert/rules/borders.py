"""Cells added or cut at the ends of the axes, and finer grids: padding, cropping, up-sampling, shuffles of pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import torch.nn.functional as F
from torch import fx, nn

from striate.arithmetic import Pair, Window
from striate.errors import ShapeError
from striate.layers import Crop, PixelShuffleNd, make_upsample
from striate.nets.convert.axis import Axis, border, interpolate, repeat
from striate.nets.convert.flow import Flow
from striate.nets.convert.rules.rule import CallRule, ModuleRule
from striate.nets.convert.site import Site


def move_border(site: Site, pairs: Sequence[Pair]) -> Flow:
    """Padding, by whatever values; where a pair is negative, cells cut."""
    flow = site.take_map()
    site.check_axes(flow, len(pairs))
    try:
        axes = tuple(border(axis, *pair) for axis, pair in zip(flow.axes, pairs, strict=True))
    except ShapeError as problem:
        site.refuse(str(problem))
    if max(map(max, pairs)) > 0:
        site.note_border()
    return site.keep(flow, axes)


def pad(site: Site, module: Any) -> Flow:
    """A padding layer."""
    return move_border(site, _pair(module.padding))


def crop(site: Site, module: Crop) -> Flow:
    """Cells cut."""
    return move_border(site, [(-before, -after) for before, after in module.cells])


def pad_call(site: Site) -> Flow:
    """`F.pad`; the axes that it doesn't name stay."""
    axes = len(site.take_map().axes)
    pairs = _pair(site.get(1, "pad"))
    if any(map(any, pairs[: max(len(pairs) - axes, 0)])):
        site.refuse("pads channels or batch")
    return move_border(site, ([(0, 0)] * axes + pairs)[-axes:])


def _pair(numbers: Sequence[int]) -> list[Pair]:
    """The pairs in the axes' order: torch names the last axis first."""
    return [(numbers[place], numbers[place + 1]) for place in range(len(numbers) - 2, -1, -2)]


def upsample(site: Site, mode: str, corners: bool | None, *, antialias: bool = False) -> Flow:
    """Whole factors, by copies or on the lines between the cells' middles."""
    flow = site.take_map()
    wanted = site.shape[1:]
    if corners or antialias or any(there % here for here, there in zip(flow.cells, wanted, strict=True)):
        site.refuse("resizes by what isn't a whole factor between fixed middles", "Use whole factors, no align_corners")
    if mode not in ("nearest", "nearest-exact", "linear", "bilinear", "trilinear"):
        site.refuse(f"resizes by mode {mode}", "Use nearest or linear")
    factors = tuple(there // here for here, there in zip(flow.cells, wanted, strict=True))
    form: Callable[[Axis, int], Axis] = repeat if mode.startswith("nearest") else interpolate
    axes = tuple(form(axis, factor) for axis, factor in zip(flow.axes, factors, strict=True))
    if form is interpolate and max(factors) > 1:
        site.note_border()
    return Flow(_insert(site, flow, factors, mode, corners), flow.channels, axes, site.shape)


def _insert(site: Site, flow: Flow, factors: tuple[int, ...], mode: str, corners: bool | None) -> fx.Node:
    """The layer for these factors: torch's own for up to three axes."""

    def make() -> nn.Module:
        if len(factors) > 3:
            return make_upsample(len(factors), factors, "nearest" if mode == "nearest" else "linear")
        options = {} if corners is None else {"align_corners": corners}
        return nn.Upsample(scale_factor=tuple(map(float, factors)), mode=mode, **options)

    return site.insert(flow, make, (factors, mode))


def upsample_module(site: Site, module: nn.Upsample) -> Flow:
    """`nn.Upsample`, by factors or by the extents wanted."""
    return upsample(site, module.mode, module.align_corners)


def upsample_call(site: Site) -> Flow:
    """`F.interpolate`."""
    mode, corners = site.get(3, "mode", "nearest"), site.get(4, "align_corners")
    return upsample(site, mode, corners, antialias=site.get(6, "antialias", False))


def shuffle(site: Site, module: Any) -> Flow:
    """Channels become cells."""
    flow = site.take_map()
    factors = getattr(module, "factors", None) or (module.upscale_factor,) * 2
    axes = tuple(repeat(axis, factor) for axis, factor in zip(flow.axes, factors, strict=True))
    return site.keep(flow, axes, flow.channels // prod(factors))


def unshuffle(site: Site, module: nn.PixelUnshuffle) -> Flow:
    """Cells become channels."""
    flow, factor = site.take_map(), module.downscale_factor
    if 1 in (axis.cells // factor for axis in flow.axes):
        site.refuse("leaves a single cell", "Flatten the map in its place")
    return site.keep(flow, site.slide(flow, [Window(factor, factor)] * 2), flow.channels * factor**2)


PADS = ("ZeroPad", "ConstantPad", "ReflectionPad", "ReplicationPad", "CircularPad")
MODULES: dict[type[nn.Module], ModuleRule] = {
    **dict.fromkeys((getattr(nn, f"{kind}{axes}d") for kind in PADS for axes in (1, 2, 3)), pad),
    Crop: crop,
    nn.Upsample: upsample_module,
    nn.PixelShuffle: shuffle,
    PixelShuffleNd: shuffle,
    nn.PixelUnshuffle: unshuffle,
}
FUNCTIONS: dict[Any, CallRule] = {F.pad: pad_call, F.interpolate: upsample_call}
METHODS: dict[str, CallRule] = {}
