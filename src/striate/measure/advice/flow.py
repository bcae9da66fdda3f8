"""A trace as a graph: who reads a value, what made it, views and copies looked through; and fixes for its layers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from striate.measure.finding import Fix
from striate.measure.operation import Operation, Value
from striate.measure.sharing import COPIES, find_owners
from striate.measure.trace import Trace

BATCH_NORMS = frozenset({"native_batch_norm", "cudnn_batch_norm"})
PRODUCTS = frozenset({"addmm", "mm"})
RESHAPES = frozenset({"view", "_unsafe_view", "_reshape_alias", "reshape", "unsqueeze", "squeeze", "flatten"})


class Flow:
    """The forward pass of a trace; `operations` are those that hang on the input or on a parameter."""

    def __init__(self, trace: Trace) -> None:
        """Note for each value who reads it."""
        self.trace = trace
        self.operations = [each for each in trace.operations if each.phase == "forward" and each.depends]
        self._readers: dict[int, list[Operation]] = defaultdict(list)
        self._left = {id(value) for value in trace.outputs}
        for operation in self.operations:
            for value in operation.inputs:
                self._readers[id(value)].append(operation)

    def find_readers(self, value: Value) -> list[Operation]:
        """The operations that compute with a value, or with a view or copy of it."""
        found = []
        for operation in self._readers[id(value)]:
            if is_passing(operation):
                found += [reader for output in operation.outputs for reader in self.find_readers(output)]
            else:
                found.append(operation)
        return found

    def leaves(self, value: Value) -> bool:
        """Whether a value, or a view or copy of it, is an output of the network."""
        passing = (operation for operation in self._readers[id(value)] if is_passing(operation))
        return id(value) in self._left or any(self.leaves(output) for each in passing for output in each.outputs)

    def find_only_reader(self, value: Value) -> Operation | None:
        """The one operation that computes with a value; None if there are others, or the value leaves the network."""
        readers = self.find_readers(value)
        return readers[0] if len(readers) == 1 and not self.leaves(value) else None

    def propose(self, operation: Operation, option: str, value: str = "") -> tuple[Fix, ...]:
        """Make the fix for the layer that an operation is; none where it is but a part of a larger module."""
        is_layer = bool(operation.path) and not self.trace.calls[operation.call].has_children
        return (Fix(operation.path, option, value),) if is_layer else ()


def is_passing(operation: Operation) -> bool:
    """Whether an operation only hands its input on: a view, a copy, a cast."""
    return operation.is_view or operation.name in COPIES or operation.name == "as_strided_"


def find_origin(value: Value) -> Value:
    """What a value is a view or a copy of, as far back as it goes."""
    while value.maker is not None and is_passing(value.maker):
        source = next(value.maker.inputs, None)
        if source is None:
            break
        value = source
    return value


def walk_back(value: Value) -> Iterator[Operation]:
    """The views and copies that made a value from its origin, the last one first."""
    while value.maker is not None and is_passing(value.maker):
        yield value.maker
        source = next(value.maker.inputs, None)
        if source is None:
            break
        value = source


def name_layer(operation: Operation) -> str:
    """Name an operation in a sentence: its module, or the operation where it belongs to the network itself."""
    return operation.path or operation.name.removesuffix("_")


def find_weight(operation: Operation) -> Value | None:
    """The parameter that a convolution or a fully connected layer multiplies by; None for any other operation."""
    if operation.name == "convolution":
        factor = operation.get(1, "weight")
    elif operation.name in PRODUCTS:
        factor = operation.arguments[-1]
    else:
        return None
    owners = find_owners(factor)
    return owners[0] if owners else None


def find_dropout(operation: Operation) -> tuple[Value, float] | None:
    """What a dropout in training drops from, and its probability; None for any other operation."""
    if operation.name == "native_dropout":
        return operation.arguments[0], float(operation.arguments[1])
    if operation.name.removesuffix("_") != "mul" or len(operation.arguments) != 2:
        return None
    kept, mask = operation.arguments
    scale = mask.maker if isinstance(mask, Value) else None
    if scale is None or scale.name != "div_" or not isinstance(scale.arguments[0], Value):
        return None
    draw = scale.arguments[0].maker
    return (kept, 1 - float(scale.arguments[1])) if draw is not None and draw.name == "bernoulli_" else None
