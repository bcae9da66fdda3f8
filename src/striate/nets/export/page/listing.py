"""A module as a list of steps: each an operation, the tensors that it makes, and its arguments, all as plain values.

torch.export follows the module for one input and decomposes what it does into a small set of operations. What depends
on no input (a table of indices, a transposed weight) is worked out here and stored, so that the page needn't.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, fx
from torch.export import ExportedProgram
from torch.export.graph_signature import InputKind, OutputKind
from torch.utils._pytree import tree_map

from striate.errors import InputError
from striate.nets.export.mode import quiet
from striate.nets.export.page.operations import RUNTIME, name_operation, take_decompositions

MOST_CELLS = 1 << 16  # of a stored result that is larger than what it was made of
_SKIPPED = ("_assert_tensor_metadata", "_assert_scalar", "sym_constrain_range")


@dataclass(frozen=True)
class Ref:
    """A tensor among a step's arguments, by its number."""

    number: int


@dataclass(frozen=True)
class Step:
    """One operation: torch's own name of it, the number, type and shape of each tensor it makes, its arguments.

    An output that nothing reads has no number. `path` and `kind` say which module it belongs to.
    """

    target: Any
    outputs: tuple[tuple[int | None, str, tuple[int, ...]], ...]
    arguments: tuple[Any, ...]
    path: str = ""
    kind: str = ""

    @property
    def name(self) -> str:
        """The runtime's name of the operation."""
        return name_operation(self.target)


@dataclass
class Listing:
    """Steps in the order in which they run, stored tensors by number, the input, and the numbers of the outputs."""

    input: tuple[int, str, tuple[int, ...]]
    steps: list[Step] = field(default_factory=list)
    constants: dict[int, Tensor] = field(default_factory=dict)
    outputs: tuple[int, ...] = ()


def list_steps(program: ExportedProgram) -> Listing:
    """List what a program does with one input.

    Raises:  InputError, naming the layer, for an operation that the page's runtime lacks, and for several inputs.
    """
    with quiet():
        program = program.run_decompositions(take_decompositions())
    return _Lister(program).list()


class _Lister:
    """One walk over the graph: `known` are tensors that depend on no input, `numbers` the others'."""

    def __init__(self, program: ExportedProgram) -> None:
        self.program = program
        self.known: dict[fx.Node, Any] = {}
        self.numbers: dict[fx.Node, Any] = {}
        self.stored: dict[Any, int] = {}
        self.count = 0
        self.listing: Listing

    def list(self) -> Listing:
        self._read_inputs()
        for node in self.program.graph.nodes:
            if node.op == "call_function":
                self._read_call(node)
        specs = self.program.graph_signature.output_specs
        made = self.program.graph.output_node().args[0]
        pairs = zip(specs, made, strict=True)
        wanted = [node for spec, node in pairs if spec.kind is OutputKind.USER_OUTPUT and isinstance(node, fx.Node)]
        self.listing.outputs = tuple(self._refer(node).number for node in wanted)
        return self.listing

    def _read_inputs(self) -> None:
        state: Mapping[str, Any] = {**self.program.constants, **self.program.state_dict}
        specs = {spec.arg.name: spec for spec in self.program.graph_signature.input_specs}
        live = []
        for node in self.program.graph.find_nodes(op="placeholder"):
            spec = specs[node.name]
            if spec.kind is InputKind.USER_INPUT:
                live.append(node)
            else:
                self.known[node] = state[str(spec.target)].detach()
        if len(live) != 1:
            found = f"found {len(live)} inputs, needed one that a page can ask for"
            raise InputError(f"{found}. Export a graph, as .onnx")
        self.numbers[live[0]] = self._count()
        self.listing = Listing((self.numbers[live[0]], *_describe(live[0].meta["val"])))

    def _read_call(self, node: fx.Node) -> None:
        if node.target is operator.getitem:
            return self._pick(node)
        name = name_operation(node.target)
        if name in _SKIPPED:
            return None
        if self._work_out(node, name):
            return None
        if name not in RUNTIME:
            path, kind = find_place(node)
            where = f"{path} ({kind})" if path else kind or "the network"
            found = f"{where}: found `aten.{name}`, needed an operation that a page's script has"
            raise InputError(f"{found}. Export a graph, as .onnx or .pt2")
        self._add(node)
        return None

    def _pick(self, node: fx.Node) -> None:
        source, place = node.args
        assert isinstance(source, fx.Node)
        for results in (self.known, self.numbers):
            if source in results:
                results[node] = results[source][place]

    def _work_out(self, node: fx.Node, name: str) -> bool:
        """Compute what depends on no input, unless it would swell the file."""
        if any(each not in self.known for each in node.all_input_nodes):
            return False
        given = [self.known[each] for each in node.all_input_nodes]
        known = self.known.__getitem__
        with torch.no_grad():
            empty = name in ("empty", "empty_like", "new_empty", "empty_strided")
            value = node.meta["val"]
            if empty:
                self.known[node] = torch.zeros(value.shape, dtype=value.dtype)
                return True
            cells = max([MOST_CELLS, *(each.numel() for each in given if isinstance(each, Tensor))])
            if isinstance(value, Tensor) and value.numel() > cells:
                return False
            arguments, keywords = fx.map_arg((node.args, dict(node.kwargs)), known)
            keywords = {key: each for key, each in keywords.items() if key not in ("device", "pin_memory")}
            target: Any = node.target
            self.known[node] = target(*arguments, **keywords)
        return True

    def _add(self, node: fx.Node) -> None:
        value = node.meta["val"]
        several = isinstance(value, tuple | list)
        used = {user.args[1] for user in node.users} if several else {0}
        numbers = [self._count() if place in used else None for place in range(len(value) if several else 1)]
        self.numbers[node] = numbers if several else numbers[0]
        made = zip(numbers, value if several else [value], strict=True)
        outputs = tuple((number, *_describe(each)) for number, each in made)
        arguments = tuple(self._write(each) for each in _bind(node))
        self.listing.steps.append(Step(node.target, outputs, arguments, *find_place(node)))

    def _refer(self, node: fx.Node) -> Ref:
        if node in self.numbers:
            return Ref(self.numbers[node])
        tensor = self.known[node].detach()  # which lives on in `known`, so that no other comes to lie where it lies
        key = (tensor.data_ptr(), tensor.shape, tensor.stride(), tensor.dtype)
        if key not in self.stored:
            self.stored[key] = self._count()
            self.listing.constants[self.stored[key]] = tensor.cpu().contiguous()
        return Ref(self.stored[key])

    def _write(self, value: Any) -> Any:
        """An argument as a plain value; where it lies and in which order of memory is the page's own business."""
        if isinstance(value, fx.Node):
            return self._refer(value)
        if isinstance(value, list | tuple):
            return [self._write(each) for each in value]
        if isinstance(value, torch.dtype):
            return str(value).removeprefix("torch.")
        return value if isinstance(value, int | float | str | bool) else None

    def _count(self) -> int:
        self.count += 1
        return self.count - 1


def find_place(node: fx.Node) -> tuple[str, str]:
    """The path and the type's name of the innermost module that a node belongs to."""
    stack = list((node.meta.get("nn_module_stack") or {}).values())
    if not stack:
        return "", ""
    path, kind = stack[-1]
    name = kind if isinstance(kind, str) else getattr(kind, "__name__", "")
    return str(path).split("@")[0], str(name).rsplit(".", 1)[-1]


def _bind(node: fx.Node) -> list[Any]:
    """All arguments in the order of the operation's schema, the defaults too."""
    target: Any = node.target
    given = list(node.args)
    names = target._schema.arguments
    return [
        given[place] if place < len(given) else node.kwargs.get(each.name, each.default_value)
        for place, each in enumerate(names)
    ]


def _describe(value: Any) -> tuple[str, tuple[int, ...]]:
    """What the page holds a tensor as, and its shape."""
    kind = "bool" if value.dtype is torch.bool else "float32" if value.dtype.is_floating_point else "int64"
    return kind, tuple(int(size) for size in value.shape)


def map_arguments(value: Any, replace: Any) -> Any:
    """The same nest of lists with every `Ref` replaced."""
    return tree_map(lambda each: replace(each) if isinstance(each, Ref) else each, value)
