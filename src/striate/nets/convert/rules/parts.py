"""Pools and up-sampling over four and more axes, which are made of several of torch's."""

from __future__ import annotations

from typing import Any

from torch import nn

from striate.layers import Separable
from striate.nets.convert.axis import settle
from striate.nets.convert.flow import Flow
from striate.nets.convert.kernel import read_windows
from striate.nets.convert.rewriting import copy_module
from striate.nets.convert.rules.borders import upsample
from striate.nets.convert.rules.rule import CallRule, ModuleRule
from striate.nets.convert.rules.windows import fit
from striate.nets.convert.site import Site


def apply_parts(site: Site, module: Separable) -> Flow:
    """Whatever its parts do, each to its own few axes."""
    parts: list[Any] = [getattr(module, f"part{number}") for number, _ in enumerate(module.parts, 1)]
    if isinstance(parts[0], nn.Upsample):
        return upsample(site, parts[0].mode, parts[0].align_corners)
    if not hasattr(parts[0], "kernel_size"):
        site.refuse(f"is made of {type(parts[0]).__name__}, which isn't known to slide")
    return _pool(site, module, parts)


def _pool(site: Site, module: Separable, parts: list[Any]) -> Flow:
    flow, places = site.take_map(), module.parts
    counts = [place.stop - place.start for place in places]
    own = [window for part, axes in zip(parts, counts, strict=True) for window in read_windows(part, axes)]
    windows = [fit(axis.cells, window) for axis, window in zip(flow.axes, own, strict=True)]
    axes = site.slide(flow, windows)
    settled = tuple(settle(axis, window) for axis, window in zip(flow.axes, windows, strict=True))

    def change(place: slice) -> nn.Module:
        size, stride = (tuple(getattr(window, name) for window in settled[place]) for name in ("size", "stride"))
        return copy_module(parts[places.index(place)], kernel_size=size, stride=stride)

    node = site.insert(flow, lambda: Separable(module.axes, change), settled)
    return Flow(node, flow.channels, axes, site.shape)


MODULES: dict[type[nn.Module], ModuleRule] = {Separable: apply_parts}
FUNCTIONS: dict[Any, CallRule] = {}
METHODS: dict[str, CallRule] = {}
