"""What is taken away: a module, its inputs, and what shall stand beside the weights; traced once for all formats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram, ShapesCollection
from torch.utils._pytree import tree_leaves

from striate.errors import InputError
from striate.nets.export.examples import COMPARED, Examples, Feed
from striate.nets.export.exported import Ports
from striate.nets.export.failure import explain_export, explain_forward
from striate.nets.export.mode import eval_mode, quiet

BATCH = "N"


@dataclass(frozen=True)
class Subject:
    """A module to write; without examples its state alone can be written. `metadata` are texts by name.

    `about` holds plain values that a page tells or asks by; with `half` a page holds its weights in 16 bits.
    """

    module: nn.Module
    examples: Examples | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)
    half: bool = False

    def __post_init__(self) -> None:
        """Refuse a module without numbers.

        Raises:  InputError.
        """
        for name, value in self.module.state_dict().items():
            if isinstance(value, Tensor) and value.is_meta:
                found = f"{type(self.module).__name__}.{name}: found no numbers (it is on the meta device)"
                raise InputError(f"{found}, needed weights. Load them first")

    @cached_property
    def expected(self) -> list[tuple[Feed, list[NDArray[np.generic]]]]:
        """The module's own outputs at the batches that are compared, each with what it was fed.

        Raises:  InputError, in one line, where the module can't be run so.
        """
        return [(feed, self._run(feed)) for feed in map(self._demand().take, COMPARED)]

    @cached_property
    def program(self) -> ExportedProgram:
        """The module as torch.export's program, for any batch.

        Raises:  InputError, in one line, where torch.export can't follow the module.
        """
        arguments, keywords = self._demand().traced
        self.expected  # noqa: B018 - what the module itself refuses is said in its own words
        collection: Any = ShapesCollection  # torch leaves it untyped
        shapes, batch = collection(), Dim(BATCH)
        for tensor in (*arguments, *keywords.values()):
            shapes[tensor] = {0: batch}
        try:
            with quiet(), eval_mode(self.module):
                found = shapes.dynamic_shapes(self.module, arguments, keywords)
                program = torch.export.export(self.module, arguments, keywords, dynamic_shapes=found, strict=False)
        except Exception as problem:  # whatever the module's own code makes torch raise
            raise explain_export(problem, self.module) from None
        for node in program.graph.nodes:
            node.meta.pop("stack_trace", None)  # the paths of this machine's files are nobody else's business
        return program

    def list_ports(self) -> tuple[Ports, Ports]:
        """The program's inputs and outputs: shapes by name."""
        nodes = {node.name: node for node in self.program.graph.nodes if node.op == "placeholder"}
        signature = self.program.graph_signature
        inputs = [_write_shape(nodes[str(name)].meta["val"]) for name in signature.user_inputs]
        results = [node.meta["val"] for node in self.program.graph.output_node().args[0] if hasattr(node, "meta")]
        outputs = [_write_shape(value) for value in results if isinstance(value, Tensor)]
        names = [f"output{number}" for number, _ in enumerate(outputs, 1)]
        return (
            dict(zip(_name(list(map(str, signature.user_inputs)), "input"), inputs, strict=True)),
            dict(zip(_name(names, "output"), outputs, strict=True)),
        )

    def _demand(self) -> Examples:
        if self.examples is None:
            found = f"{type(self.module).__name__}: found no input, needed its shape without the batch"
            raise InputError(f"{found}. Give input=(3, 224, 224), or --input 3x224x224")
        return self.examples

    def _run(self, feed: Feed) -> list[NDArray[np.generic]]:
        try:
            with eval_mode(self.module):
                return run(self.module, feed)
        except Exception as problem:  # the user's own code
            raise explain_forward(problem, self.module, feed) from None


def run(module: nn.Module, feed: Feed) -> list[NDArray[np.generic]]:
    """What a module gives: every tensor of its output, in order. It gets copies, for it may write on them."""
    arguments, keywords = feed
    with torch.no_grad():
        results = module(*map(torch.clone, arguments), **{key: value.clone() for key, value in keywords.items()})
    return [to_array(leaf) for leaf in tree_leaves(results) if isinstance(leaf, Tensor)]


def to_array(tensor: Tensor) -> NDArray[np.generic]:
    """A tensor of any type and place as an array; bfloat16, which numpy lacks, as float32."""
    plain = tensor.detach().cpu()
    result: NDArray[np.generic] = (plain.float() if plain.dtype is torch.bfloat16 else plain).numpy()
    return result


def _name(names: list[str], alone: str) -> list[str]:
    return [alone] if len(names) == 1 else names


def _write_shape(tensor: Tensor) -> tuple[int | str, ...]:
    """Sizes as numbers, what follows from the batch as a text: `N`, or `2*N`."""
    sizes: list[int | str] = []
    found: tuple[Any, ...] = tuple(tensor.shape)
    for size in found:
        if isinstance(size, int):
            sizes.append(size)
            continue
        expression = size.node.expr
        symbols = {symbol: symbol.func(BATCH) for symbol in expression.free_symbols if str(symbol).startswith("s")}
        sizes.append(str(expression.xreplace(symbols)))
    return tuple(sizes)
