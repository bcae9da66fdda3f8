"""Every call that is known to slide. A new family of rules is a file, its test, and a line here."""

from __future__ import annotations

from typing import Any

from torch import fx, nn

from striate.nets.convert.flow import Flow, write_shape
from striate.nets.convert.rules import (
    borders,
    bound,
    channels,
    elementwise,
    joins,
    linear,
    parts,
    shapes,
    whole,
    windows,
)
from striate.nets.convert.rules.rule import CallRule, ModuleRule
from striate.nets.convert.site import Site

FAMILIES = (elementwise, channels, windows, whole, borders, parts, bound, linear, shapes, joins)
MODULES: dict[type[nn.Module], ModuleRule] = {
    kind: rule for family in FAMILIES for kind, rule in family.MODULES.items()
}
FUNCTIONS: dict[Any, CallRule] = {call: rule for family in FAMILIES for call, rule in family.FUNCTIONS.items()}
METHODS: dict[str, CallRule] = {name: rule for family in FAMILIES for name, rule in family.METHODS.items()}


def find_module_rule(module: nn.Module) -> ModuleRule | None:
    """The rule of a module of torch's own or of ours: of a class of somebody else's only the calls are known."""
    own = type(module).__module__.startswith(("torch.nn.", "striate.layers."))
    return next((MODULES[kind] for kind in type(module).__mro__ if kind in MODULES), None) if own else None


def write_call(site: Site, node: fx.Node, module: nn.Module | None) -> Any:
    """Write one call anew.

    Raises:  InputError where nothing is known of it.
    """
    made = _apply_rule(site, node, module)
    if isinstance(made, Flow) and not made.spells(made.shape):
        site.refuse(f"gives {write_shape(made.shape)}, other axes than the map's")
    return made


def _apply_rule(site: Site, node: fx.Node, module: nn.Module | None) -> Any:
    if module is not None:
        rule = find_module_rule(module)
        return rule(site, module) if rule else site.refuse("isn't known to slide")
    call = FUNCTIONS.get(node.target) if node.op == "call_function" else METHODS.get(str(node.target))
    return call(site) if call else site.refuse("isn't known to slide")
