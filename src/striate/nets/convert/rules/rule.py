"""How a call of a module, a function or a method slides: given its site, write it anew and say what it gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from torch import nn

from striate.nets.convert.flow import Flow
from striate.nets.convert.site import Site

ModuleRule: TypeAlias = Callable[[Site, Any], Flow]
CallRule: TypeAlias = Callable[[Site], Any]


def bind(site: Site, names: tuple[str, ...]) -> dict[str, Any]:
    """The plain arguments behind the input, by their names; those left out are left out.

    >>> from torch import fx
    >>> node = fx.Graph().call_function(max, (None, 2), {"padding": 1})
    >>> bind(Site(node, None), ("kernel_size", "stride", "padding"))
    {'kernel_size': 2, 'padding': 1}
    """
    given = dict(zip(names, site.settle(site.node.args[1:]), strict=False))
    return given | {key: site.settle(value) for key, value in site.node.kwargs.items() if key in names}


def as_module(rule: ModuleRule, kind: type[nn.Module], *names: str) -> CallRule:
    """A function that does what a module does, given the arguments of those names."""

    def write(site: Site) -> Flow:
        return rule(site, kind(**bind(site, names)))

    return write
