"""A fully connected layer that holds most of a network's parameters: it has a weight for every place of a map."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from striate.measure.advice.flow import PRODUCTS, Flow, find_dropout, find_weight, is_passing
from striate.measure.finding import Finding
from striate.measure.operation import Operation, Value
from striate.measure.table import Table
from striate.measure.wording import write_shape, write_share


def find_heavy_layers(table: Table) -> Iterator[Finding]:
    """Layers with over half of all parameters, that read a flattened map of convolutions.

    Source: Lin, Chen, Yan 2013, arXiv:1312.4400, sec. 3.2 (global average pooling in place of them).
    """
    flow = Flow(table.trace)
    begun = False
    for operation in flow.operations:
        begun = begun or operation.name == "convolution"
        weight = find_weight(operation) if begun and operation.name in PRODUCTS else None
        if weight is None or 2 * prod(weight.shape) <= table.parameters:
            continue
        flat = find_flatten(operation.arguments[-2])
        if flat is None:
            continue
        flatten, (_, *extents) = flat
        held = prod(weight.shape)
        yield Finding(
            "heavy-fc",
            operation.path,
            f"its weights, one for each of the {write_shape(extents)} places, are most of the network's parameters",
            f"{held:,} of {table.parameters:,}, {write_share(held, table.parameters)}; "
            f"after a gap {held // prod(extents):,} would do",
            "Average over the places before: gap, or a larger pool",
            flow.propose(flatten, "before", "gap"),
        )


def find_flatten(value: Value) -> tuple[Operation, tuple[int, ...]] | None:
    """The operation that made a map flat, and the map's shape; dropouts between are looked through."""
    while value.maker is not None:
        dropped = find_dropout(value.maker)
        source = dropped[0] if dropped is not None else next(value.maker.inputs)
        if dropped is None and not is_passing(value.maker):
            return None
        if len(source.shape) > 2 == len(value.shape):
            shape = source.shape[1:]
            return (value.maker, shape) if prod(shape[1:]) > 1 and prod(shape) == value.shape[1] else None
        value = source
    return None
