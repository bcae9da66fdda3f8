"""The dispatch mode that writes down every tensor operation, what flows into it, and which module asked for it."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensor
from torch.utils._python_dispatch import TorchDispatchMode

from striate.measure.ledger import Ledger
from striate.measure.operation import Call, Operation, Origin, Phase, Value
from striate.measure.remembered import detach, run

DEVICE = torch.ops.prim.device.default
COMPOSITE = torch._C.DispatchKey.CompositeImplicitAutograd
DEVICES = (torch._C.DispatchKey.CPU, torch._C.DispatchKey.CUDA, torch._C.DispatchKey.MPS)
DETACH = torch.ops.aten.detach.default
SILENT = {DEVICE, DETACH, torch.ops.aten.sym_size.default}
MARK = "striate"  # under this key an autograd node remembers the forward operation that it belongs to
Geometry = tuple[int, tuple[int, ...], tuple[int, ...], torch.dtype]


@dataclass(eq=False, slots=True)
class _Memory:
    """One storage as the data flow sees it: the latest value of each view, and what was written into it."""

    entries: dict[Geometry, tuple[Value, int]] = field(default_factory=dict)
    writes: list[Value] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Kind:
    """What is known of an operation whatever its arguments: its name, and which arguments it writes to."""

    target: str
    is_pointwise: bool
    written: tuple[tuple[int, str], ...]


@functools.cache
def _describe(func: Any) -> _Kind:
    written = tuple(
        (position, argument.name)
        for position, argument in enumerate(func._schema.arguments)
        if argument.alias_info is not None and argument.alias_info.is_write
    )
    return _Kind(str(func), torch.Tag.pointwise in func.tags or _has_pointwise_twin(func), written)


def _has_pointwise_twin(func: Any) -> bool:
    """Some operations in place lack the tag that their plain twins have."""
    name = func._schema.name.partition("::")[2]
    packet = getattr(torch.ops.aten, name.removesuffix("_"), None) if name.endswith("_") else None
    twin = getattr(packet, func._overloadname, None)
    return twin is not None and torch.Tag.pointwise in twin.tags


class Recorder(TorchDispatchMode):
    """Records operations; enter it inside a fake mode. `phase` is set from outside, between the passes."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """No: what guards a mode against torch.compile loads the compiler, a second that nothing here needs."""
        return False

    def __init__(self, ledger: Ledger, scratch: Callable[[Operation], int]) -> None:
        """Begin; `scratch` tells the bytes that an operation takes and gives back."""
        super().__init__()  # type: ignore[no-untyped-call]
        self.ledger, self.scratch = ledger, scratch
        self.operations: list[Operation] = []
        self.calls: list[Call] = [Call(0, "", "", None, True)]
        self.phase: Phase = "forward"
        self.trouble: str | None = None
        self._running: list[int] = [0]
        self._memories: dict[int, _Memory] = {}
        self._unmarked: list[tuple[weakref.ref[Tensor], int]] = []
        self._is_marking = False

    # -- modules

    def wrap(self, path: str, module: nn.Module) -> Callable[..., Any]:
        """Make the `forward` that tells when its module runs."""
        original, has_children = module.forward, bool(module._modules)

        @functools.wraps(original)
        def forward(*arguments: Any, **keywords: Any) -> Any:
            call = Call(len(self.calls), path, type(module).__name__, self._running[-1], has_children)
            self.calls.append(call)
            self._running.append(call.index)
            try:
                return original(*arguments, **keywords)
            except Exception:
                self.trouble = path if self.trouble is None else self.trouble
                raise
            finally:
                self._running.pop()

        return forward

    # -- values

    def enter(self, tensor: Tensor, origin: Origin, name: str) -> Value:
        """Name a tensor that is there before the run: a parameter, a buffer, an input."""
        value = self._make_value(tensor, origin, name, None)
        self._keep(tensor, value)
        return value

    def find(self, tensor: Tensor) -> Value:
        """The value that a tensor holds now."""
        memory = self._memories.setdefault(self.ledger.note(tensor).number, _Memory())
        entry = memory.entries.get(_measure_geometry(tensor))
        if entry is not None and entry[1] == len(memory.writes):
            return entry[0]
        if entry is None and not memory.entries:
            return self.enter(tensor, "constant", "")
        return self._merge(tensor, memory, entry)

    def _merge(self, tensor: Tensor, memory: _Memory, entry: tuple[Value, int] | None) -> Value:
        """Its memory was written through another view: what it holds comes from there too."""
        before, since = entry if entry is not None else (next(iter(memory.entries.values()))[0], 0)
        sources = (before, *memory.writes[since:])
        operation = self._append("striate.overlay.default", (sources,), {}, is_view=True)
        operation.outputs = (self._make_value(tensor, "operation", "", operation),)
        operation.depends = any(_depends(source) for source in sources)
        self._keep(tensor, operation.outputs[0])
        return operation.outputs[0]

    def _make_value(self, tensor: Tensor, origin: Origin, name: str, maker: Operation | None) -> Value:
        offset, shape, strides, dtype = _measure_geometry(tensor)
        number = self.ledger.note(tensor).number
        return Value(shape, strides, _name_type(dtype), dtype.itemsize, number, offset, origin, name, maker)

    def _keep(self, tensor: Tensor, value: Value) -> None:
        memory = self._memories.setdefault(value.storage, _Memory())
        memory.entries[_measure_geometry(tensor)] = (value, len(memory.writes))

    # -- operations

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None) -> Any:
        """Run one operation and write it down."""
        kwargs = kwargs or {}
        if func is DEVICE and isinstance(args[0], FakeTensor):
            return args[0].fake_device  # asked for at every access to a stand-in: answered here, where it is cheap
        if func is DETACH and type(args[0]) is FakeTensor:
            return detach(args[0])
        if func in SILENT or self._is_marking:
            return func(*args, **kwargs)
        if _is_composite(func):
            with self:  # on tensors made in inference mode torch leaves operations unsplit at this point: done here
                return func._op_dk(COMPOSITE, *args, **kwargs)
        self.mark()
        kind = _describe(func)
        arguments = tuple(self._read(argument) for argument in args)
        keywords = {key: self._read(argument) for key, argument in kwargs.items()}
        result = run(func, args, kwargs)
        self._write_down(kind, arguments, keywords, args, kwargs, result)
        return result

    def _read(self, argument: Any) -> Any:
        if isinstance(argument, Tensor):
            return self.find(argument)
        if isinstance(argument, list | tuple):
            return [self._read(item) for item in argument]
        return argument

    def _write_down(
        self, kind: _Kind, arguments: tuple[Any, ...], keywords: dict[str, Any], args: Any, kwargs: Any, result: Any
    ) -> None:
        operation = self._append(kind.target, arguments, keywords, is_pointwise=kind.is_pointwise)
        inputs = list(operation.inputs)
        operation.depends = any(_depends(value) for value in inputs)
        before = {value.storage for value in inputs}
        written = [args[place] if place < len(args) else kwargs.get(name) for place, name in kind.written]
        for tensor in written:
            for part in tensor if isinstance(tensor, list | tuple) else (tensor,):
                if isinstance(part, Tensor):
                    operation.writes += (self._overwrite(part, operation),)
        made = list(_find_tensors(result))
        if operation.writes:
            written_to = {value.storage for value in operation.writes}
            operation.outputs = (
                tuple(
                    self.find(tensor)
                    if self.ledger.note(tensor).number in written_to
                    else self._produce(tensor, operation)
                    for tensor in made
                )
                or operation.writes
            )
        else:
            operation.outputs = tuple(self._produce(tensor, operation) for tensor in made)
            operation.is_view = bool(made) and all(value.storage in before for value in operation.outputs)
        self.ledger.spike(self.scratch(operation), operation.index)
        if self.phase == "forward":
            self._unmarked.extend((weakref.ref(tensor), operation.index) for tensor in made)

    def _append(self, target: str, arguments: tuple[Any, ...], keywords: dict[str, Any], **flags: bool) -> Operation:
        call = self.calls[self._running[-1]]
        operation = Operation(len(self.operations), target, arguments, keywords, (), call.path, call.index, self.phase)
        operation.is_view = flags.get("is_view", False)
        operation.is_pointwise = flags.get("is_pointwise", False)
        if self.phase == "backward":
            node = torch._C._current_autograd_node()
            operation.cause = _read_metadata(node).get(MARK) if node is not None else None
        self.operations.append(operation)
        return operation

    def _produce(self, tensor: Tensor, operation: Operation) -> Value:
        self.ledger.note(tensor, operation=operation.index)
        value = self._make_value(tensor, "operation", "", operation)
        self._keep(tensor, value)
        return value

    def _overwrite(self, tensor: Tensor, operation: Operation) -> Value:
        value = self._make_value(tensor, "operation", "", operation)
        self._memories[value.storage].writes.append(value)
        self._keep(tensor, value)
        return value

    # -- autograd

    def mark(self) -> None:
        """Tell the autograd nodes made since the last operation whose they are; they exist only after it returned.

        Asked for the node of a view whose base was written to, torch makes it anew, by operations of its own.
        """
        if self._is_marking:
            return
        self._is_marking = True
        for reference, index in self._unmarked:
            tensor = reference()
            if tensor is not None and self.operations[index].writes and tensor._base is not None:
                tensor = tensor._base  # the view's own node would be made anew, under a lock that is held already
            if tensor is not None and tensor.grad_fn is not None:
                _read_metadata(tensor.grad_fn).setdefault(MARK, index)
        self._unmarked.clear()
        self._is_marking = False

    def pack(self, tensor: Tensor) -> Tensor:
        """Note that autograd keeps a tensor for the backward pass."""
        self.ledger.note(tensor).saved = True
        return tensor


@functools.cache
def _is_composite(func: Any) -> bool:
    """Whether torch always splits an operation into others: it has no kernel of its own for any device.

    Read from torch's own table; `has_kernel_for_dispatch_key` would count the decompositions of its compiler too.
    """
    find = torch._C._dispatch_has_kernel_for_dispatch_key
    name = func.name()
    return bool(func.namespace == "aten" and find(name, COMPOSITE) and not any(find(name, key) for key in DEVICES))


def _find_tensors(result: Any) -> Iterator[Tensor]:
    """Every tensor that an operation returned, those inside lists too."""
    if isinstance(result, Tensor):
        yield result
    elif isinstance(result, list | tuple):
        for item in result:
            yield from _find_tensors(item)


def _read_metadata(node: Any) -> dict[str, int]:
    """The notes that anyone may keep with an autograd node; torch's type hints call it a method."""
    notes: dict[str, int] = node.metadata
    return notes


def _measure_geometry(tensor: Tensor) -> Geometry:
    return int(tensor.storage_offset()), tuple(tensor.shape), tensor.stride(), tensor.dtype


@functools.cache
def _name_type(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _depends(value: Value) -> bool:
    """Whether a value hangs on the input or on a parameter."""
    return value.maker.depends if value.maker is not None else value.origin in ("input", "parameter")
