"""Kernels too large, where a stack of small ones sees as much for less, or too small for the filters they carry."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from striate.arithmetic import Window, count_convolution_multiplies, count_convolution_parameters, stack_kernels
from striate.measure.advice.flow import BATCH_NORMS, Flow
from striate.measure.finding import Finding, Fix
from striate.measure.operation import Operation
from striate.measure.rules.convolution import find_windows
from striate.measure.table import Table
from striate.measure.wording import write_shape

SMALL = 3
WORDS = {"relu": "relu", "hardtanh": "relu6", "gelu": "gelu", "silu": "silu", "tanh": "tanh", "sigmoid": "sigmoid"}


def find_large_kernels(table: Table) -> Iterator[Finding]:
    """Kernels larger than 3 where 3x3 ones, stacked with as many output channels, see as much and multiply less.

    Only stride 1 without dilation or groups: a depthwise kernel is cheap at any size, and a strided one is no stack.

    Source: Simonyan, Zisserman 2014, arXiv:1409.1556, sec. 2.3.
    """
    flow = Flow(table.trace)
    for operation in flow.operations:
        layers = _count_layers(operation)
        if not layers:
            continue
        one, stacked = _count_one(operation), _count_stacked(operation, layers)
        if stacked[0] >= one[0]:
            continue
        sizes = operation.get(1, "weight").shape[2:]
        small = write_shape([min(size, SMALL) for size in sizes])
        yield Finding(
            "large-kernel",
            operation.path,
            f"{layers} kernels of {small} in a row see as much as one of {write_shape(sizes)} and multiply less",
            f"{one[0]:,} multiplies and {one[1]:,} weights against {stacked[0]:,} and {stacked[1]:,}",
            f"Stack {layers} of {small}, each with its activation",
            _propose_stack(flow, operation, layers),
        )


def _count_layers(operation: Operation) -> int:
    """How many small kernels see as much as the operation's; 0 where there is no such stack."""
    if operation.name != "convolution" or operation.get(6, "transposed") or operation.get(8, "groups") > 1:
        return 0
    windows = [window for window in find_windows(operation) if window.size > 1]
    sizes = {window.size for window in windows}
    if len(sizes) != 1 or any(window.stride > 1 or window.dilation > 1 for window in windows):
        return 0
    size = sizes.pop()
    return stack_kernels(size, SMALL) if size > SMALL and size % 2 else 0


def _count_one(operation: Operation) -> tuple[int, int]:
    return _count(operation, operation.get(0, "input").shape[1], operation.get(1, "weight").shape[2:])


def _count_stacked(operation: Operation, layers: int) -> tuple[int, int]:
    """The first kernel changes the channels; the others keep them. Each as if it were padded to the same extents."""
    sizes = tuple(min(size, SMALL) for size in operation.get(1, "weight").shape[2:])
    first = _count(operation, operation.get(0, "input").shape[1], sizes)
    others = _count(operation, operation.outputs[0].shape[1], sizes)
    return first[0] + (layers - 1) * others[0], first[1] + (layers - 1) * others[1]


def _count(operation: Operation, inputs: int, sizes: tuple[int, ...]) -> tuple[int, int]:
    """Multiplies and weights of a kernel with the operation's output."""
    batch, outputs, *extents = operation.outputs[0].shape
    multiplies = count_convolution_multiplies(inputs, outputs, sizes, tuple(extents), 1, batch)
    return multiplies, count_convolution_parameters(inputs, outputs, sizes, bias=False)


def _propose_stack(flow: Flow, operation: Operation, layers: int) -> tuple[Fix, ...]:
    """Small kernels before, each with the norm and the activation that follow the large one, which shrinks."""
    windows, following = find_windows(operation), _find_following(flow, operation)
    if not _is_same(windows) or following is None:
        return ()
    sizes = write_shape([min(window.size, SMALL) for window in windows])
    sizes = str(SMALL) if all(window.size > 1 for window in windows) else sizes
    row = ", ".join([f"conv{sizes}-{operation.outputs[0].shape[1]}", *following] * (layers - 1))
    return (*flow.propose(operation, "size", sizes), *flow.propose(operation, "before", row))


def _is_same(windows: tuple[Window, ...]) -> bool:
    return all(window.before == window.after == window.size // 2 for window in windows)


def _find_following(flow: Flow, operation: Operation) -> list[str] | None:
    """The notation's words for the norm and the activation that read an operation; None without an activation."""
    words, reader = [], flow.find_only_reader(operation.outputs[0])
    if reader is not None and reader.name in BATCH_NORMS:
        words, reader = ["bn"], flow.find_only_reader(reader.outputs[0])
    word = WORDS.get(reader.name.removesuffix("_")) if reader is not None else None
    return [*words, word] if word is not None else None


def find_dependent_filters(table: Table) -> Iterator[Finding]:
    """Convolutions with more filters than their kernel has inputs: some are sums of the others before they are bent.

    Kernels of one cell are left out: widening is what they are for.
    """
    flow = Flow(table.trace)
    for operation in flow.operations:
        if operation.name != "convolution" or operation.get(6, "transposed"):
            continue
        outputs, inputs, *sizes = operation.get(1, "weight").shape
        groups = operation.get(8, "groups")
        filters, independent = outputs // groups, inputs * prod(sizes)
        if prod(sizes) == 1 or filters <= independent:
            continue
        yield Finding(
            "dependent-filters",
            operation.path,
            "it has more filters than its kernel has inputs: before the activation, some only mix the others",
            f"{filters} filters over {write_shape(sizes)} cells of {inputs} channel{'s' if inputs > 1 else ''}: "
            f"{independent} at most are independent" + (", in each group" if groups > 1 else ""),
            f"Use {independent * groups} filters or fewer, or a kernel of {_find_size(filters, inputs, len(sizes))}",
        )


def _find_size(filters: int, inputs: int, axes: int) -> str:
    """The smallest odd kernel that has as many inputs as there are filters."""
    size = next(size for size in range(3, filters + 3, 2) if inputs * size**axes >= filters)
    return write_shape([size] * axes)
