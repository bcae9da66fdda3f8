"""Depth: how many layers stand on one another, those counted that multiply by parameters of their own."""

from __future__ import annotations

from striate.measure.operation import Operation
from striate.measure.rules.catalogue import find_rule
from striate.measure.sharing import find_owners
from striate.measure.trace import Trace


def count_depths(trace: Trace) -> dict[int, int]:
    """Count for each value (by its `id`) the weighted layers on the longest way from the input to it.

    Convolutions and fully connected layers count, normalisations don't: as in the names ResNet-18 and VGG-16.

    Source: He et al. 2015, arXiv:1512.03385, table 1.
    """
    depths: dict[int, int] = {}
    for operation in trace.operations:
        if operation.phase != "forward" or not operation.depends:
            continue
        deepest = max((depths.get(id(value), 0) for value in operation.inputs), default=0)
        deepest += multiplies_by_parameters(operation)
        for value in (*operation.outputs, *operation.writes):
            depths[id(value)] = max(deepest, depths.get(id(value), 0))
    return depths


def multiplies_by_parameters(operation: Operation) -> bool:
    """Whether an operation multiplies, and one of the factors is a parameter."""
    rule = find_rule(operation)
    return bool(rule and rule.multiplies) and any(find_owners(value) for value in operation.inputs)
