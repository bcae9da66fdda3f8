"""Activations without effect: a relu on what is never negative, a softmax before a loss that takes one itself."""

from __future__ import annotations

from collections.abc import Iterator
from math import e, log, prod

from striate.measure.advice.flow import Flow, find_origin, is_passing
from striate.measure.finding import Finding
from striate.measure.operation import Operation
from striate.measure.table import Table
from striate.measure.wording import write_shape

POSITIVE = frozenset({"relu", "sigmoid", "_softmax", "exp", "abs", "softplus", "hardsigmoid", "bernoulli"})
# What they make of inputs that are never negative is never negative.
KEEPING = frozenset(
    {"add", "mul", "div", "cat", "stack", "mean", "native_dropout"}
    | {f"max_pool{axes}d_with_indices" for axes in (2, 3)}
    | {f"{kind}avg_pool{axes}d" for kind in ("", "_adaptive_") for axes in (2, 3)}
    | {f"adaptive_max_pool{axes}d" for axes in (2, 3)}
    | {f"upsample_{kind}" for kind in ("nearest1d", "nearest2d", "nearest3d", "linear1d", "bilinear2d", "trilinear3d")}
)


def find_idle_activations(table: Table) -> Iterator[Finding]:
    """Relus that change no value: what reaches them is never below 0, or was cut off alike just before."""
    flow = Flow(table.trace)
    positive: set[int] = set()
    for operation in flow.operations:
        if _is_positive(operation, positive):
            positive |= {id(value) for value in (*operation.outputs, *operation.writes)}
        if not _is_idle(operation, positive):
            continue
        shape = operation.outputs[0].shape[1:]
        yield Finding(
            "idle-activation",
            operation.path,
            f"it changes nothing: {_explain(operation)}",
            f"{prod(shape):,} values of each sample ({write_shape(shape)}) stay as they are",
            "Take it away",
            flow.propose(operation, "remove"),
        )


def _is_positive(operation: Operation, positive: set[int]) -> bool:
    """Whether an operation's outputs are never negative, for sure."""
    name = operation.name.removesuffix("_")
    if name in POSITIVE or (name == "hardtanh" and operation.get(1, "min_val", -1) >= 0):
        return True
    if name not in KEEPING and not is_passing(operation):
        return False
    given = (*operation.arguments, operation.keywords.get("alpha", 1))
    numbers = [each for each in given if isinstance(each, int | float)]
    inputs = list(operation.inputs)
    return min(numbers) >= 0 and bool(inputs) and all(id(value) in positive for value in inputs)


def _explain(operation: Operation) -> str:
    if operation.name.startswith("relu"):
        return "no value that reaches it is below 0"
    return "what reaches it was cut off at the same limits before"


def _is_idle(operation: Operation, positive: set[int]) -> bool:
    name = operation.name.removesuffix("_")
    if name == "relu":
        return id(operation.arguments[0]) in positive
    if name != "hardtanh":
        return False
    before = find_origin(operation.arguments[0]).maker
    while before is not None and before.name.startswith("max_pool"):
        before = find_origin(before.arguments[0]).maker
    if before is None or before.name.removesuffix("_") != name:
        return False
    return before.arguments[1:] == operation.arguments[1:]


def find_softmax_before_loss(table: Table) -> Iterator[Finding]:
    """A softmax over the classes as the last layer: cross-entropy takes the softmax of its input itself.

    Of probabilities between 0 and 1 it can't fall below log(1 + (n-1)/e) for n classes, however right they are.
    """
    flow = Flow(table.trace)
    for value in table.trace.outputs:
        softmax = find_origin(value).maker
        if softmax is None or softmax.name != "_softmax":
            continue
        shape, dim = softmax.outputs[0].shape, int(softmax.get(1, "dim"))
        if dim % len(shape) != 1 or shape[1] < 2:
            continue
        yield Finding(
            "softmax-before-loss",
            softmax.path,
            "cross-entropy takes the softmax itself: trained with it, this network would be taught through two",
            f"the loss of {shape[1]} classes then never falls below {log(1 + (shape[1] - 1) / e):.3f}",
            "Take it away for training; apply it to the scores where probabilities are wanted",
            flow.propose(softmax, "remove"),
        )
