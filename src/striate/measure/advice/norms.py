"""Parameters that a batch norm undoes, as it takes the mean of each channel away: a bias before it, another norm."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from striate.measure.advice.flow import BATCH_NORMS, PRODUCTS, RESHAPES, Flow, name_layer, walk_back
from striate.measure.finding import Finding
from striate.measure.operation import Operation, Value
from striate.measure.sharing import COPIES, find_owners
from striate.measure.table import Table


def find_biases_before_norm(table: Table) -> Iterator[Finding]:
    """Biases whose every use a norm of the same channels takes away again.

    Source: Ioffe, Szegedy 2015, arXiv:1502.03167, sec. 3.2 ("the bias b can be ignored").
    """
    flow = Flow(table.trace)
    undone: dict[int, list[tuple[Operation, Operation]]] = {}
    for norm in flow.operations:
        made = _find_normed(flow, norm)
        bias = _find_bias(made) if made is not None else None
        if made is not None and bias is not None:
            undone.setdefault(id(bias), []).append((made, norm))
    for name, bias in table.trace.parameters.items():
        uses = undone.get(id(bias), [])
        if not uses or len(uses) != len(flow.find_readers(bias)):
            continue
        made, norm = uses[0]
        yield Finding(
            "bias-before-bn",
            made.path,
            f"its bias is taken away again by the norm that follows, {name_layer(norm)}",
            f"{prod(bias.shape):,} parameters, {name}",
            "Leave the bias out: bias=False",
            flow.propose(made, "bias", "no"),
        )


def find_norms_before_norm(table: Table) -> Iterator[Finding]:
    """Batch norms whose scale and shift the next batch norm undoes: of the two, one is enough."""
    flow = Flow(table.trace)
    for norm in flow.operations:
        first = _find_normed(flow, norm) if norm.name in BATCH_NORMS else None
        if first is None or first.name not in BATCH_NORMS:
            continue
        affine = [owner for place in (1, 2) for owner in _find_owners(first.get(place, ""))]
        yield Finding(
            "bn-after-bn",
            first.path,
            f"what it scales and shifts, {name_layer(norm)} scales and shifts anew",
            f"{sum(prod(owner.shape) for owner in affine):,} parameters without effect",
            "Take one of the two away",
            flow.propose(first, "remove"),
        )


def _find_normed(flow: Flow, norm: Operation) -> Operation | None:
    """The operation whose channels a norm centres one by one, if nothing else reads them."""
    if norm.name in BATCH_NORMS:
        if flow.trace.mode == "train" and not norm.get(5, "training"):
            return None  # frozen: it subtracts a constant, and what comes before may still shift
    elif norm.name != "native_group_norm" or norm.get(6, "group") != norm.get(4, "C"):
        return None
    value: Value = norm.arguments[0]
    for step in walk_back(value):
        source = next(step.inputs)
        if step.name not in RESHAPES | COPIES or not _keeps_channels(source, value):
            return None
        value = source
    made = value.maker
    return made if made is not None and flow.find_only_reader(value) is norm else None


def _keeps_channels(source: Value, value: Value) -> bool:
    """Whether a reshape leaves batch and channels alone, or counts them through as one (as instance norm does)."""
    before, after = source.shape, value.shape
    return len(before) > 1 < len(after) and (before[:2] == after[:2] or after[:2] == (1, before[0] * before[1]))


def _find_bias(operation: Operation) -> Value | None:
    """The parameter that an operation adds, one number to each channel."""
    if operation.name == "convolution":
        candidates = [operation.get(2, "bias")]
    elif operation.name in PRODUCTS:
        candidates = [operation.arguments[0]] if operation.name == "addmm" else []
    elif operation.name.removesuffix("_") == "add":
        candidates = [each for each in operation.arguments if _is_per_channel(each, operation.outputs[0])]
    else:
        return None
    owners = [owner for candidate in candidates for owner in _find_owners(candidate)]
    return owners[0] if len(owners) == 1 else None


def _find_owners(argument: object) -> tuple[Value, ...]:
    return find_owners(argument) if isinstance(argument, Value) else ()


def _is_per_channel(argument: object, output: Value) -> bool:
    if not isinstance(argument, Value) or not find_owners(argument):
        return False
    lined_up = (1,) * (len(output.shape) - len(argument.shape)) + argument.shape
    return all(extent == 1 or axis == 1 for axis, extent in enumerate(lined_up))
