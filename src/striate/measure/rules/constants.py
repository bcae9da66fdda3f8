"""Tensors made of nothing: constants, ranges, random numbers. They read no tensor, whatever shape they borrow."""

from __future__ import annotations

from striate.measure.operation import Operation
from striate.measure.reach import Sources
from striate.measure.rules.rule import Rule, spread


def read_nothing(operation: Operation, output: int = 0) -> Sources:
    """No cell of any input."""
    return []


def read_number(operation: Operation, output: int = 0) -> Sources:
    """The number that all cells are filled with, where it is a tensor; what stood there before is lost."""
    shape = operation.outputs[output].shape
    return [(value, spread(value, shape)) for value in list(operation.inputs)[1:]]


def read_source(operation: Operation, output: int = 0) -> Sources:
    """Cell by cell, what is copied in, broadcast; what stood there before is lost."""
    source, shape = operation.get(1, "src"), operation.outputs[output].shape
    return [(source, spread(source, shape))]


def _was_empty(operation: Operation) -> bool:
    """Whether there was nothing before the memory got its size: what was there would stay."""
    return 0 in operation.get(0, "self").shape


EMPTY = "empty empty_like empty_strided empty_permuted new_empty new_empty_strided"
FILLED = "zeros zeros_like new_zeros ones ones_like new_ones full full_like new_full zero scalar_tensor"
RANGES = "arange range linspace logspace eye tril_indices triu_indices"
WINDOWS = "hann_window hamming_window blackman_window bartlett_window kaiser_window"
RESIZED = "resize_ resize_as_"
RANDOM = "rand rand_like randn randn_like randint randint_like randperm"
DRAWN = "normal_ uniform_ bernoulli_ random_ exponential_ cauchy_ log_normal_ geometric_"

RULES = {
    **dict.fromkeys(f"{EMPTY} {FILLED} {RANGES} {WINDOWS}".split(), Rule("constant", read_nothing)),
    **dict.fromkeys(f"{RANDOM} {DRAWN}".split(), Rule("random", read_nothing)),
    **dict.fromkeys(RESIZED.split(), Rule("constant", read_nothing, holds=_was_empty)),
    "fill": Rule("constant", read_number),
    "copy": Rule("copy", read_source),
}
