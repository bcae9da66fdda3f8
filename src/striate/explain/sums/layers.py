"""The layers of a trace as people speak of them: modules without parts, and what others compute beside their parts."""

from __future__ import annotations

from dataclasses import dataclass, field

from striate.measure.operation import Operation, Value
from striate.measure.rules.catalogue import find_rule
from striate.measure.sharing import COPIES
from striate.measure.trace import Trace

KINDS = {
    "LocalConv": "local", "ResponseNorm": "lrn", "LocalResponseNorm": "lrn", "KMaxPool": "kmaxpool", "Unpool": "unpool",
    "Maxout": "maxout", "RememberingMaxPool": "maxpool", "PaddedMaxPool": "maxpool", "PaddedAvgPool": "avgpool",
    "ChannelNorm": "ln", "CellEmbedding": "embed", "Embedding": "embed", "CellBias": "bias",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer: its name, its kind in the notation's word where there is one, what it gives and which call it was.

    `operation` gives `value`, `core` is the one that computes it, `shape` that of the output without the batch.
    """

    index: int
    name: str
    kind: str
    value: Value = field(repr=False)
    operation: Operation = field(repr=False)
    core: Operation = field(repr=False)
    call: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Channels and extents."""
        return self.value.shape[1:]


def list_layers(made: Trace) -> tuple[Layer, ...]:
    """The layers of a trace that hang on its input, in order; a module that is called again is another layer.

    >>> from torch import nn
    >>> from striate.measure.trace import trace
    >>> made = trace(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU()), (1, 8, 8))
    >>> [(layer.name, layer.kind) for layer in list_layers(made)]
    [('0', 'conv'), ('1', 'relu')]
    """
    reached = {id(made.inputs[0])}
    calls: dict[int, list[Operation]] = {}
    for operation in made.operations:
        if any(id(value) in reached for value in operation.inputs) or any(
            id(value) in reached for value in operation.writes
        ):
            reached |= {id(value) for value in (*operation.outputs, *operation.writes)}
            calls.setdefault(operation.call, []).append(operation)
    readers = _list_readers(made)
    found: list[tuple[Operation, Operation]] = []
    for number, operations in calls.items():
        if number and not made.calls[number].has_children:
            found.append((_choose(operations), _find_last(operations, readers)))
        else:
            found += [(each, _pass_squeezes(each, readers)) for each in operations if _computes(each)]
    found = [pair for pair in found if _make_value(pair[1]).shape[:1] == (made.batch,)]
    found.sort(key=lambda pair: pair[1].index)
    names = _number([operation.path or operation.name.removesuffix("_") for operation, _ in found])
    return tuple(
        Layer(place, name, _name_kind(made, calls[last.call], core), _make_value(last), last, core, last.call)
        for place, ((core, last), name) in enumerate(zip(found, names, strict=True))
    )


def _make_value(operation: Operation) -> Value:
    return (operation.outputs or operation.writes)[0]


def _number(names: list[str]) -> list[str]:
    """A name that comes again gets a number: `conv`, `conv#2`."""
    counts: dict[str, int] = {}
    numbered = []
    for name in names:
        counts[name] = counts.get(name, 0) + 1
        numbered.append(name if counts[name] == 1 else f"{name}#{counts[name]}")
    return numbered


def _list_readers(made: Trace) -> dict[int, list[Operation | None]]:
    """Which operations read a value; None where it is one of the outputs."""
    readers: dict[int, list[Operation | None]] = {id(value): [None] for value in made.outputs}
    for operation in made.operations:
        for value in operation.inputs:
            readers.setdefault(id(value), []).append(operation)
    return readers


def _find_last(operations: list[Operation], readers: dict[int, list[Operation | None]]) -> Operation:
    """The operation of a module's whose result leaves it, else its last one."""
    call = operations[0].call
    for operation in reversed(operations):
        if any(each is None or each.call != call for each in readers.get(id(_make_value(operation)), ())):
            return operation
    return operations[-1]


def _pass_squeezes(operation: Operation, readers: dict[int, list[Operation | None]]) -> Operation:
    """Go on to the view that takes an axis of one cell off again, which pools over one axis add."""
    after = readers.get(id(_make_value(operation)), [])
    following = after[0] if len(after) == 1 else None
    return (
        following
        if following is not None and following.name == "squeeze" and following.call == operation.call
        else operation
    )


def _computes(operation: Operation) -> bool:
    return not operation.is_view and operation.name not in COPIES and bool(operation.outputs)


def _choose(operations: list[Operation]) -> Operation:
    """The operation that a module without parts is named after: the one that multiplies most, else the first."""
    computing = [each for each in operations if _computes(each)] or operations
    return max(computing, key=lambda each: (_count(each), -each.index))


def _count(operation: Operation) -> int:
    rule = find_rule(operation)
    return rule.multiplies(operation) if rule is not None and rule.multiplies is not None else 0


def _name_kind(made: Trace, operations: list[Operation], computing: Operation) -> str:
    """The word of what computes; of a module that does several things, none of which multiplies, its class's name."""
    call = made.calls[computing.call]
    alone = bool(call.index) and not call.has_children
    if alone and (known := KINDS.get(call.kind) or KINDS.get(call.kind[:-2])):  # PaddedMaxPool2d is one of three
        return known
    several = alone and sum(map(_computes, operations)) > 1
    return call.kind.lower() if several and not _count(computing) else _describe(computing)


def _describe(operation: Operation) -> str:
    rule = find_rule(operation)
    kind = rule.kind if rule is not None else operation.name.removesuffix("_")
    return kind if isinstance(kind, str) else kind(operation)
