"""What a convolution saves: the cost of the same layer fully connected, and with weights of its own at every place."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from striate.arithmetic import count_connected_multiplies, count_connected_parameters
from striate.measure.operation import Operation, Value


@dataclass(frozen=True)
class Alternatives:
    """The same layer without sparsity, and without sharing (which takes as many multiplies as with it)."""

    connected_parameters: int
    connected_multiplies: int
    unshared_parameters: int


def count_alternatives(operation: Operation) -> Alternatives | None:
    """Count them for a convolution, transposed or not; None for any other operation.

    Source: Goodfellow, Bengio, Courville 2016, "Deep Learning", sec. 9.2 (sparse connections) and 9.5 (unshared).

    >>> from torch import nn
    >>> from striate.measure.trace import trace
    >>> count_alternatives(trace(nn.Conv2d(3, 8, 3, padding=1), (3, 32, 32)).operations[0])
    Alternatives(connected_parameters=25174016, connected_multiplies=25165824, unshared_parameters=229376)
    """
    if operation.name not in ("convolution", "_convolution"):
        return None
    source, weight, bias = (operation.get(place, "") for place in range(3))
    output, transposed = operation.outputs[0], bool(operation.get(6, "transposed"))
    input_cells, output_cells = prod(source.shape[1:]), prod(output.shape[1:])
    places = prod((source if transposed else output).shape[2:])
    biases = output_cells if isinstance(bias, Value) else 0
    return Alternatives(
        count_connected_parameters(input_cells, output_cells, bool(biases)),
        count_connected_multiplies(input_cells, output_cells, source.shape[0]),
        places * prod(weight.shape) + biases,
    )
