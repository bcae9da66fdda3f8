"""Recurrent layers that arrive as one operation: oneDNN's LSTM for a layer, CUDA's gates for a step."""

from __future__ import annotations

from math import prod
from typing import Any

from striate.arithmetic import Window, count_linear_multiplies
from striate.measure.operation import Operation, Value
from striate.measure.reach import Axis, Listed, Same, Slide, Sources, Whole
from striate.measure.rules.rule import Rule, read_everything

MODES = ("rnn", "rnn", "lstm", "gru")  # as torch numbers them; the first two differ in their nonlinearity


def find_weights(operation: Operation) -> list[Value]:
    """The matrices among the weights: input to gates, hidden to gates, projection, for each layer and direction.

    oneDNN takes both of its layer's one by one, and where there are no biases, matrices in their places too.
    """
    given: Any = operation.arguments[1:3] if operation.name.startswith("mkldnn") else operation.arguments[1]
    return [weight for weight in given if len(weight.shape) == 2]


def count_multiplies(operation: Operation) -> int:
    """Every matrix maps one vector for each step and sample; the gates' products, value by value, are free.

    Source: Hochreiter & Schmidhuber 1997; Cho et al. 2014, arXiv:1406.1078; Sak et al. 2014, arXiv:1402.1128.

    >>> import torch
    >>> from striate.measure.trace import trace
    >>> made = trace(torch.nn.LSTM(3, 5, batch_first=True), (10, 3), batch=2)
    >>> [count_multiplies(operation) for operation in made.operations if operation.name == "mkldnn_rnn_layer"]
    [3200]
    """
    tokens = prod(operation.arguments[0].shape[:-1])
    return sum(count_linear_multiplies(weight.shape[1], weight.shape[0], tokens) for weight in find_weights(operation))


def count_backward_multiplies(operation: Operation) -> int:
    """Twice the forward pass: the library makes the gradients of all inputs and of all weights, wanted or not.

    Source: Werbos 1990, "Backpropagation through time": each matrix once transposed, once as a sum of outer products.
    """
    return 2 * count_multiplies(operation)


def name_mode(operation: Operation) -> str:
    """The word for the kind of recurrence, by its number."""
    return MODES[operation.get(9, "mode")]


def slide_steps(dim: int, steps: int, *, reverse: bool = False) -> Slide:
    """A step reads itself and all before it; all after it, where time runs backward."""
    return Slide(dim, Window(steps, before=0 if reverse else steps - 1, after=steps - 1 if reverse else 0))


def read_weights(values: Any) -> Sources:
    """Weights, and whatever else every cell may read."""
    return [(value, tuple(Whole() for _ in value.shape)) for value in values if isinstance(value, Value)]


def read_layer(operation: Operation, output: int = 0) -> Sources:
    """One layer, one direction: a step reads those up to its own; the last states read all.

    The first cell state comes in value by value, and mixes from the second step on. The fourth output is the library's.
    """
    source, hidden, cell, reverse = (operation.arguments[place] for place in (0, 5, 6, 7))
    if output > 2:
        return []
    weights = read_weights(operation.arguments[1:5])
    if output:
        mixed = Whole() if source.shape[0] > 1 else Same(1)
        return [(source, (Whole(), Same(0), Whole())), (hidden, (Same(0), Whole())), (cell, (Same(0), mixed)), *weights]
    return [
        (source, (slide_steps(0, source.shape[0], reverse=reverse), Same(1), Whole())),
        (hidden, (Same(1), Whole())),
        (cell, (Same(1), Same(2))),
        (cell, (Same(1), _list_mixed(cell.shape[1], source.shape[0], reverse=reverse))),
        *weights,
    ]


def _list_mixed(channels: int, steps: int, *, reverse: bool) -> Listed:
    """All channels of the first cell state, from the second step on."""
    every, later = tuple(range(channels)), steps - 1
    return Listed(0, ((every,) * later + ((),)) if reverse else (((),) + (every,) * later))


def read_gates(operation: Operation, output: int = 0) -> Sources:
    """The gates of one step, already multiplied: channel j reads value j of every gate, and of the state.

    What comes after the states is kept for the backward pass, and counts as reading all of its sample.
    """
    gates, state = operation.arguments[:2], operation.arguments[2]
    channels, shape = state.shape[1], operation.outputs[output].shape
    kept = shape[1] != channels
    each: Axis = (
        Whole() if kept else Listed(1, tuple(tuple(range(j, gates[0].shape[1], channels)) for j in range(channels)))
    )
    sources: Sources = [(gate, (Same(0), each)) for gate in gates]
    sources.append((state, (Same(0), Whole() if kept else Same(1))))
    return sources + [(bias, (each,)) for bias in operation.arguments[3:] if isinstance(bias, Value)]


RULES = {
    "mkldnn_rnn_layer": Rule(name_mode, read_layer, count_multiplies),
    "mkldnn_rnn_layer_backward": Rule("gradient", read_everything, count_backward_multiplies),
    "_thnn_fused_lstm_cell": Rule("lstm", read_gates),
    "_thnn_fused_gru_cell": Rule("gru", read_gates),
    "_thnn_fused_lstm_cell_backward_impl": Rule("gradient", read_everything),
    "_thnn_fused_gru_cell_backward": Rule("gradient", read_everything),
}
