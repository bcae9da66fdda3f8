"""Two linear layers in a row, nothing between them that bends: together they are one linear layer."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from striate.arithmetic import Window, count_convolution_parameters, count_linear_parameters
from striate.measure.advice.flow import Flow, find_weight, name_layer
from striate.measure.finding import Finding
from striate.measure.operation import Operation, Value
from striate.measure.rules.convolution import find_windows
from striate.measure.table import Table
from striate.measure.wording import write_shape


def find_linear_pairs(table: Table) -> Iterator[Finding]:
    """Convolutions, or fully connected layers, whose only reader is another one.

    Pairs that save by being two are meant so and left out: depthwise and grouped ones, kernels along different axes,
    and bottlenecks (fewer channels between than at either end: a matrix of low rank).

    Source: Goodfellow, Bengio, Courville 2016, "Deep Learning", sec. 6.1; for what is left out: Denton et al. 2014,
            arXiv:1404.0736.
    """
    flow = Flow(table.trace)
    for first in flow.operations:
        second = flow.find_only_reader(first.outputs[0]) if find_weight(first) is not None else None
        if second is None or second.name != first.name or find_weight(second) is None:
            continue
        merged = _merge_convolutions(first, second) if first.name == "convolution" else _merge_products(first, second)
        if merged is None:
            continue
        what, parameters = merged
        both = _count_parameters(first) + _count_parameters(second)
        yield Finding(
            "linear-after-linear",
            first.path,
            f"no activation stands between it and {name_layer(second)}: the two do no more than one linear layer",
            f"{both:,} parameters; {what} has {parameters:,}",
            "Put an activation between them, or use one layer",
            flow.propose(first, "after", "relu"),
        )


def _count_parameters(operation: Operation) -> int:
    bias = operation.get(2, "bias") if operation.name == "convolution" else operation.arguments[0]
    weight = find_weight(operation)
    biases = bias.shape if isinstance(bias, Value) and len(bias.shape) == 1 else (0,)
    return prod(weight.shape if weight else (0,)) + prod(biases)


def _merge_convolutions(first: Operation, second: Operation) -> tuple[str, int] | None:
    """The one convolution that the two make, borders aside, and its parameters; None where two are meant."""
    if any(each.get(6, "transposed") or each.get(8, "groups") > 1 for each in (first, second)):
        return None
    inputs, between, outputs = first.get(0, "").shape[1], first.outputs[0].shape[1], second.outputs[0].shape[1]
    windows = list(zip(find_windows(first), find_windows(second), strict=True))
    firsts, seconds = prod(one.size for one, _ in windows), prod(two.size for _, two in windows)
    is_bottleneck = min(firsts, seconds) == 1 and between < min(firsts * inputs, seconds * outputs)
    crossed = any(one.size > two.size for one, two in windows) and any(one.size < two.size for one, two in windows)
    if is_bottleneck or crossed:
        return None
    taps = tuple(_count_taps(one, two) for one, two in windows)
    parameters = count_convolution_parameters(inputs, outputs, taps)
    return f"one convolution of {write_shape(taps)} from {inputs} to {outputs} channels", parameters


def _count_taps(one: Window, two: Window) -> int:
    """How many cells of the first one's input a cell of the second one's output reads."""
    steps = range(0, two.size * two.dilation, two.dilation)
    return len({tap * one.dilation + step * one.stride for tap in range(one.size) for step in steps})


def _merge_products(first: Operation, second: Operation) -> tuple[str, int] | None:
    inputs, between = first.arguments[-2].shape[-1], first.outputs[0].shape[-1]
    outputs = second.outputs[0].shape[-1]
    if between < min(inputs, outputs) or second.arguments[-2].shape[-1] != between:
        return None
    return f"one layer of {outputs:,} units", count_linear_parameters(inputs, outputs)
