"""Every operation that has a rule, by its name in torch. A new family of rules is a file, its test, and a line here."""

from __future__ import annotations

from striate.measure.operation import Operation
from striate.measure.rules import (
    attention,
    constants,
    convolution,
    distance,
    fourier,
    indexing,
    joining,
    loss,
    matrix,
    norm,
    overlay,
    padding,
    patches,
    pointwise,
    pooling,
    recurrent,
    reduction,
    reshaping,
    resizing,
    selecting,
    stacked,
    steps,
    transformer,
)
from striate.measure.rules.rule import Rule, read_alike

FAMILIES = (
    convolution,
    pointwise,
    reshaping,
    patches,
    selecting,
    joining,
    indexing,
    constants,
    fourier,
    overlay,
    steps,
    pooling,
    resizing,
    norm,
    padding,
    reduction,
    loss,
    matrix,
    distance,
    attention,
    transformer,
    recurrent,
    stacked,
)
RULES: dict[str, Rule] = {name: rule for family in FAMILIES for name, rule in family.RULES.items()}


def find_rule(operation: Operation) -> Rule | None:
    """The rule of an operation, or of the twin that doesn't work in place; None if it is unknown.

    An operation without a rule that torch itself declares pointwise is free, and reads cell by cell. A rule that
    doesn't hold for an operation is none; but in the backward pass, where only the count matters, it is.
    """
    rule = RULES.get(operation.name) or RULES.get(operation.name.removesuffix("_"))
    if rule is None and operation.is_pointwise:
        return Rule(operation.name.removesuffix("_"), read_alike)
    if rule is not None and rule.holds is not None and operation.phase == "forward" and not rule.holds(operation):
        return None
    return rule
