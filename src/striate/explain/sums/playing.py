"""The operations of a trace done once more, one by one, on real numbers: so that every value on the way can be read.

The trace is the one that `measure` reads, so that a layer, a cell and a receptive field mean the same here and there.
What comes out at the end is held against what the module itself gives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.untouched import untouched
from striate.measure.operation import Operation, Value
from striate.measure.trace import Trace, find_tensors, trace

TOLERANCE = 1e-4
MOST_BYTES = 2 << 30
OVERLAY = "striate.overlay.default"


@dataclass(frozen=True, eq=False)
class Play:
    """A trace of one input, and the number in every cell of every value; `names` are the parameters' and buffers'."""

    trace: Trace
    numbers: Mapping[int, Tensor] = field(repr=False)

    def read(self, value: Value) -> Tensor:
        """What a value held at its moment.

        Raises:  InputError for a value that was never worked out.
        """
        found = self.numbers.get(id(value))
        if found is None:
            raise InputError(f"a value of {'x'.join(map(str, value.shape))}: its numbers aren't known")
        return found

    @property
    def input(self) -> Value:
        """What went in."""
        return self.trace.inputs[0]


def play(module: nn.Module, input: Tensor) -> Play:
    """Run a module on one input [1, channels, *extents] and keep every value; the module is left as it was, to the bit.

    Cost:    the module's pass twice, and the memory of all that it makes.
    Raises:  InputError for a module that can't be traced, that makes too much to keep, whose constants aren't known, or
             that gives other numbers when its operations are done one by one.
    """
    module = getattr(module, "_orig_mod", module)
    with untouched(module), torch.no_grad():
        made = trace(module, input)
        _check_room(made)
        outputs = [tensor.clone() for tensor in find_tensors(module(input.clone()))]
        machine = Machine()
        _enter(module, made, input, machine)
        for operation in made.operations:
            machine.run(operation)
        _compare(made, outputs, machine)
    return Play(made, machine.seen)


def _check_room(made: Trace) -> None:
    total = sum(value.bytes for operation in made.operations if not operation.is_view for value in operation.outputs)
    if total > MOST_BYTES:
        found = f"the network: it makes {total / 2**30:.1f} GiB of numbers on the way"
        raise InputError(f"{found}, of which {MOST_BYTES >> 30} can be kept. Give a smaller input")


class Machine:
    """Does operations on tensors that share memory as the trace's values did; `seen` keeps each as it was made."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.live: dict[int, Tensor] = {}
        self.seen: dict[int, Tensor] = {}
        self._sharing: dict[int, list[int]] = defaultdict(list)

    def put(self, value: Value, tensor: Tensor) -> None:
        """Let a value be a tensor."""
        self.live[id(value)] = self.seen[id(value)] = tensor
        self._sharing[_name_memory(tensor)].append(id(value))

    def run(self, operation: Operation, change: Callable[[Operation, Any], Any] | None = None) -> None:
        """Do an operation; `change` may put other arguments in the place of its own."""
        if operation.target == OVERLAY:
            self._lay_over(operation)
            return
        call = find_call(operation.target)
        arguments = self._fill(operation.arguments)
        keywords = {name: self._fill(argument) for name, argument in operation.keywords.items()}
        written = _list_written(call, arguments, keywords)
        for tensor in written:
            self._keep_apart(tensor)
        if change is not None:
            arguments, keywords = change(operation, (arguments, keywords))
        made = list(find_tensors(call(*arguments, **keywords)))
        for value, tensor in zip(operation.writes, written, strict=True):
            self.put(value, tensor)
        for value, tensor in zip(operation.outputs, made, strict=False):
            if id(value) not in self.live:
                self.put(value, tensor)

    def _lay_over(self, operation: Operation) -> None:
        """What a view holds after its memory was written to through another."""
        (made,), before = operation.outputs, self.live[id(operation.arguments[0][0])]
        self.put(made, before.as_strided(made.shape, made.strides, made.offset))

    def _fill(self, argument: Any) -> Any:
        if isinstance(argument, Value):
            if id(argument) not in self.live:
                raise InputError("the network: it holds a constant whose numbers aren't known. Make it a buffer of it")
            return self.live[id(argument)]
        if isinstance(argument, list | tuple):
            return [self._fill(each) for each in argument]
        return argument

    def _keep_apart(self, written: Tensor) -> None:
        """What was seen of a memory, before it is written to."""
        for key in self._sharing[_name_memory(written)]:
            if _name_memory(self.seen[key]) == _name_memory(written):
                self.seen[key] = self.seen[key].clone()


def find_call(target: str) -> Any:
    """The operation of that name in torch."""
    found: Any = torch.ops
    for part in target.split("."):
        found = getattr(found, part)
    return found


def _name_memory(tensor: Tensor) -> int:
    return int(tensor.untyped_storage()._cdata)


def _list_written(call: Any, arguments: list[Any], keywords: Mapping[str, Any]) -> list[Tensor]:
    """The tensors that an operation writes to."""
    found = []
    for place, argument in enumerate(call._schema.arguments):
        if argument.alias_info is None or not argument.alias_info.is_write:
            continue
        given = arguments[place] if place < len(arguments) else keywords.get(argument.name)
        parts = given if isinstance(given, list | tuple) else [given]
        found += [part for part in parts if isinstance(part, Tensor)]
    return found


def _enter(module: nn.Module, made: Trace, input: Tensor, machine: Machine) -> None:
    """What is there before the first operation."""
    held: dict[str, Tensor] = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    known = {id(value): value for operation in made.operations for value in operation.inputs if value.maker is None}
    known |= {id(value): value for value in (*made.parameters.values(), *made.inputs, *made.outputs)}
    machine.put(made.inputs[0], input.clone())
    for value in _list_known(known.values(), machine):
        tensor = held.get(value.name)
        if value.origin in ("parameter", "buffer") and tensor is not None:
            machine.put(value, tensor.detach().clone() if value.origin == "buffer" else tensor.detach())


def _list_known(values: Iterable[Value], machine: Machine) -> list[Value]:
    return [value for value in values if value.maker is None and id(value) not in machine.live]


def _compare(made: Trace, outputs: list[Tensor], machine: Machine) -> None:
    for value, tensor in zip(made.outputs, outputs, strict=True):
        found = machine.seen.get(id(value))
        if found is None or found.shape != tensor.shape or not _is_close(found, tensor):
            raise InputError(
                "the network: done one by one, its operations give other numbers than it does itself, so that they "
                "can't be shown. Take what it draws by chance, or keeps from one pass to the next, out of it"
            )


def _is_close(found: Tensor, wanted: Tensor) -> bool:
    one, other = found.double().nan_to_num(), wanted.double().nan_to_num()
    scale = float(other.abs().max()) if other.numel() else 0.0
    return bool(((one - other).abs() <= TOLERANCE * max(scale, 1e-12)).all())
