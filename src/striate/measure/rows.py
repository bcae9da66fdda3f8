"""From a trace to rows: which operations stand in the table, and what each of them is charged with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from math import prod

from striate.measure.alternatives import count_alternatives
from striate.measure.depth import count_depths
from striate.measure.fields import describe, read_fields
from striate.measure.operation import Operation, Value
from striate.measure.row import EXACT, Row
from striate.measure.rules.catalogue import find_rule
from striate.measure.sharing import COPIES, find_owners
from striate.measure.trace import Trace


@dataclass
class _Entry:
    """A row in the making: the operation that it counts, and the one whose output is the row's."""

    operation: Operation
    last: Operation
    parameters: int = 0
    multiplies: int = 0
    backward_multiplies: int = 0
    saved_bytes: int = 0
    reasons: list[str] = field(default_factory=list)


def make_rows(trace: Trace, *, backward: bool) -> tuple[Row, ...]:
    """Make the table's rows; every figure of the trace is charged to exactly one of them.

    `backward` tells whether the trace has a backward pass.
    """
    entries, homes = _choose(trace)
    unused = _charge_parameters(trace, homes)
    _charge_multiplies(trace, entries, homes)
    _charge_saved(trace, entries, homes)
    return (*_write_rows(trace, entries, backward=backward), *_write_unused(trace, unused))


def _choose(trace: Trace) -> tuple[list[_Entry], dict[int, _Entry]]:
    """Pick the operations that get a row, and tell for every operation whose row it belongs to.

    A module without children that computes once is one row: the views and casts around it are part of it.
    """
    calls: dict[int, list[Operation]] = defaultdict(list)
    for operation in trace.operations:
        if operation.phase == "forward" and operation.outputs and operation.depends and _reads_data(operation):
            calls[operation.call].append(operation)
    entries, homes = [], {}
    for number, operations in calls.items():
        computing = [operation for operation in operations if not (operation.is_view or operation.name in COPIES)]
        if len(computing) == 1 and number and not trace.calls[number].has_children:
            entry = _Entry(computing[0], operations[-1])
            entries.append(entry)
            homes.update({operation.index: entry for operation in operations})
            continue
        for operation in operations:
            entry = homes[operation.index] = _Entry(operation, operation)
            entries.append(entry)
    entries.sort(key=lambda entry: entry.operation.index)
    return entries, homes


def _reads_data(operation: Operation) -> bool:
    """Not a constant that only borrows a shape, nor another view of a parameter."""
    if (operation.is_view or operation.name in COPIES) and not any(
        _hangs_on_input(value) for value in operation.inputs
    ):
        return False
    rule = find_rule(operation)
    return rule is None or bool(rule.multiplies) or bool(rule.reach(operation, 0))


def _hangs_on_input(value: Value) -> bool:
    maker = value.maker
    if maker is None:
        return value.origin == "input"
    moves = maker.is_view or maker.name in COPIES
    return not moves or any(_hangs_on_input(source) for source in maker.inputs)


def _charge_parameters(trace: Trace, homes: dict[int, _Entry]) -> list[str]:
    """Charge each parameter to the first row that uses it; return those that no row uses."""
    left = {id(value): name for name, value in trace.parameters.items()}
    for operation in trace.operations:
        entry = homes.get(operation.index)
        if entry is None:
            continue
        for value in operation.inputs:
            for parameter in find_owners(value):
                if left.pop(id(parameter), None) is not None:
                    entry.parameters += prod(parameter.shape)
    return list(left.values())


def _charge_multiplies(trace: Trace, entries: list[_Entry], homes: dict[int, _Entry]) -> None:
    for operation in trace.operations:
        if operation.phase == "loss":
            continue
        rule = find_rule(operation)
        forward = operation.phase == "forward"
        entry = homes.get(operation.index) if forward else _find_cause(operation, entries, homes)
        if entry is None:
            continue
        reason = f"no rule for {operation.target.rpartition('.')[0]}" if rule is None else rule.reason
        if reason is not None and operation.depends:
            entry.reasons.append(reason)
        count = rule.multiplies(operation) if rule is not None and rule.multiplies is not None else 0
        if forward:
            entry.multiplies += count
        else:
            entry.backward_multiplies += count


def _find_cause(operation: Operation, entries: list[_Entry], homes: dict[int, _Entry]) -> _Entry | None:
    """The row whose gradient a backward operation is part of; what is computed anew is its module's last row's."""
    if operation.cause is not None:
        return homes.get(operation.cause) or next((e for e in entries if e.operation.index > operation.cause), None)
    alike = (entry for entry in reversed(entries) if operation.path and entry.operation.path == operation.path)
    return next(alike, None)


def _charge_saved(trace: Trace, entries: list[_Entry], homes: dict[int, _Entry]) -> None:
    """Charge what is kept for the backward pass to the row that made it, each memory once."""
    later = iter(entries)
    following = next(later, None)
    nearest: list[_Entry | None] = []
    for operation in trace.operations:
        while following is not None and following.last.index < operation.index:
            following = next(later, None)
        nearest.append(homes.get(operation.index) or following)
    for allocation in trace.ledger.allocations:
        if not allocation.saved or allocation.operation is None:
            continue
        entry = nearest[allocation.operation]
        if entry is not None and trace.operations[allocation.operation].phase == "forward":
            entry.saved_bytes += allocation.bytes


def _write_rows(trace: Trace, entries: list[_Entry], *, backward: bool) -> Iterator[Row]:
    views, depths = read_fields(trace), count_depths(trace)
    extents = trace.inputs[0].shape[2:]
    used = {id(value) for operation in trace.operations if operation.phase == "forward" for value in operation.inputs}
    used |= {id(value) for value in trace.outputs}
    for entry in entries:
        operation, output = entry.operation, entry.last.outputs[0]
        rule = find_rule(operation)
        kind = rule.kind if rule is not None else operation.name.removesuffix("_")
        alone = entry.operation is not entry.last
        made = [output] if alone else [output, *(value for value in operation.outputs[1:] if id(value) in used)]
        yield Row(
            index=operation.index,
            last=entry.last.index,
            name=operation.path,
            kind=kind if isinstance(kind, str) else kind(operation),
            output=_drop_batch(output.shape, trace.batch),
            parameters=entry.parameters,
            multiplies=entry.multiplies,
            backward_multiplies=entry.backward_multiplies if backward else None,
            output_bytes=sum(value.bytes for value in made),
            saved_bytes=entry.saved_bytes if backward else None,
            field=describe(views.get(id(output)), extents),
            status=f"partial: {', '.join(dict.fromkeys(entry.reasons))}" if entry.reasons else EXACT,
            depth=depths.get(id(output), 0),
            is_view=operation.is_view,
            **asdict(alternatives) if (alternatives := count_alternatives(operation)) else {},
        )


def _drop_batch(shape: tuple[int, ...], batch: int) -> tuple[int, ...]:
    return shape[1:] if shape and shape[0] == batch else shape


def _write_unused(trace: Trace, names: list[str]) -> Iterator[Row]:
    """One row for each module whose parameters nothing used, so that the rows' sum is the total."""
    owners: dict[str, int] = defaultdict(int)
    for name in names:
        owners[name.rpartition(".")[0]] += prod(trace.parameters[name].shape)
    for owner, count in owners.items():
        yield Row(-1, owner, "unused", (), count, 0, 0, 0, 0, None)
