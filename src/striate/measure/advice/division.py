"""Inputs that an encoder and its decoder can't halve and double evenly: their levels then don't meet cell by cell."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import zip_longest
from math import lcm
from typing import TypeAlias

from striate.measure.advice.flow import Flow
from striate.measure.fields import View, read_fields
from striate.measure.finding import Finding
from striate.measure.operation import Operation, Value
from striate.measure.table import Table
from striate.measure.wording import write_each

JOINS = frozenset({"cat", "add", "mul", "stack"})
Steps: TypeAlias = tuple[Fraction | None, ...]
"""How far a value's cells lie apart on each axis of the input; None where they don't run along it."""


def find_indivisible_inputs(table: Table) -> Iterator[Finding]:
    """Networks that join an upsampled branch with one that was not, on an input that their strides don't divide.

    Upsampling that aligns corners wants one cell more than a multiple, and gets by with it.

    Source: Ronneberger, Fischer, Brox 2015, arXiv:1505.04597, sec. 2 (on choosing the input tile size).
    """
    found = _find_join(Flow(table.trace), read_fields(table.trace, local=True))
    if found is None:
        return
    join, strides, is_aligned = found
    extents = table.trace.inputs[0].shape[2:]
    rests = [extent % stride for extent, stride in zip(extents, strides, strict=True)]
    if not any(rests) or (is_aligned and all(rest == 1 for rest in rests)):
        return
    wanted = write_each([-(-extent // stride) * stride for extent, stride in zip(extents, strides, strict=True)])
    yield Finding(
        "indivisible-input",
        join.path,
        "the branches that meet here come from an input that their strides don't divide: their cells are shifted",
        f"{write_each(extents)} is no multiple of {write_each(strides)}; the next is {wanted}",
        f"Use an input of {wanted}, or pad it to that",
    )


def _find_join(flow: Flow, views: dict[int, View]) -> tuple[Operation, list[int], bool] | None:
    """The first join of upsampled cells with others, the strides before it, and whether corners were aligned."""
    risen: set[int] = set()
    strides, is_aligned = [1] * (len(flow.trace.inputs[0].shape) - 2), False
    for operation in flow.operations:
        inputs = [value for value in operation.inputs if id(value) in views]
        if not inputs:
            continue
        if operation.name.removesuffix("_") in JOINS and {id(value) in risen for value in inputs} == {True, False}:
            return operation, strides, is_aligned
        after = _list_steps(views, operation.outputs[0])
        rises = _rises(_list_steps(views, inputs[0]), after)
        is_aligned = is_aligned or (rises and operation.name.startswith("upsample") and operation.get(2, "") is True)
        if rises or any(id(value) in risen for value in inputs):
            risen |= {id(value) for value in (*operation.outputs, *operation.writes)}
        strides = [
            lcm(stride, int(step)) if step and step.denominator == 1 else stride
            for stride, step in zip_longest(strides, after)
        ]
    return None


def _list_steps(views: dict[int, View], value: Value) -> Steps:
    seen = views.get(id(value), ())
    return tuple(each.field.step if each.field is not None and each.dim is not None else None for each in seen)


def _rises(before: Steps, after: Steps) -> bool:
    """Whether cells lie nearer to each other afterwards."""
    return any(old and new and new < old for old, new in zip(before, after, strict=False))
