"""Operations that work cell by cell: activations, arithmetic, dropout, and the gradients of these. All are free.

Most need no rule: what torch declares pointwise is read so (`catalogue.find_rule`). Here are those that torch doesn't
tag, those that have another word in the notation, and those that read otherwise.
"""

from __future__ import annotations

from striate.arithmetic import Window
from striate.measure.operation import Operation, Value
from striate.measure.reach import Slide, Sources
from striate.measure.rules.constants import read_nothing
from striate.measure.rules.rule import Rule, read_alike, read_everything
from striate.measure.rules.selecting import find_dim, replace_axis

ARITHMETIC = {"add": "add", "sub": "sub", "rsub": "sub", "mul": "mul", "div": "div"}
LONGEST_NOISE = 5  # alpha dropout scales and shifts its coin tosses in four steps


def name_hardtanh(operation: Operation) -> str:
    """`relu6` between 0 and 6."""
    return "relu6" if (operation.get(1, "min_val", -1), operation.get(2, "max_val", 1)) == (0, 6) else "hardtanh"


def read_gated(operation: Operation, output: int = 0) -> Sources:
    """Cell o and the cell at its place in the second half of an axis.

    Source: Dauphin et al. 2017, arXiv:1612.08083, equation 1.
    """
    value, dim = operation.get(0, "self"), find_dim(operation, default=-1)
    return replace_axis(value, dim, Slide(dim, Window(2, dilation=max(value.shape[dim] // 2, 1))))


def is_noise(value: Value, steps: int = LONGEST_NOISE) -> bool:
    """Whether a value is dropout's coin tosses, or arithmetic on them alone, of that many steps at most."""
    maker = value.maker
    if maker is None or maker.name == "bernoulli_":
        return maker is not None
    plain = steps > 0 and maker.name.removesuffix("_") in ARITHMETIC
    return plain and all(is_noise(source, steps - 1) for source in maker.inputs)


def name_arithmetic(operation: Operation) -> str:
    """`dropout` where coin tosses take part; else the operation's own name."""
    word = operation.name.removesuffix("_")
    return "dropout" if any(is_noise(value) for value in operation.inputs) else ARITHMETIC[word]


def read_arithmetic(operation: Operation, output: int = 0) -> Sources:
    """Cell by cell; arithmetic on coin tosses reads nothing that comes from the input."""
    return (
        read_nothing(operation) if all(is_noise(value) for value in operation.inputs) else read_alike(operation, output)
    )


PLAIN = {
    "hardswish": "hardswish",
    "_prelu_kernel": "prelu",
    "rrelu_with_noise": "rrelu",
    "log_sigmoid_forward": "logsigmoid",
    "native_dropout": "dropout",
    "bernoulli": "bernoulli",
    "complex": "complex",
    "polar": "complex",
}

GRADIENTS = """
elu_backward gelu_backward glu_backward hardshrink_backward hardsigmoid_backward hardswish_backward
hardtanh_backward leaky_relu_backward log_sigmoid_backward logit_backward mish_backward native_dropout_backward
_prelu_kernel_backward rrelu_with_noise_backward sigmoid_backward silu_backward softplus_backward softshrink_backward
tanh_backward threshold_backward
select_backward slice_backward unfold_backward diagonal_backward masked_scatter_backward
embedding_dense_backward _embedding_bag_backward
_embedding_bag_dense_backward _embedding_bag_per_sample_weights_backward
"""

# Torch tags some overloads of these alone.
TAGGED_IN_PART = "abs copysign eq ge gelu gt heaviside le lt masked_fill mish ne threshold xlogy"

RULES = {
    **{name: Rule(name, read_alike) for name in TAGGED_IN_PART.split()},
    **{name: Rule(kind, read_alike) for name, kind in PLAIN.items()},
    **dict.fromkeys(ARITHMETIC, Rule(name_arithmetic, read_arithmetic)),
    "hardtanh": Rule(name_hardtanh, read_alike),
    "glu": Rule("glu", read_gated),
    **dict.fromkeys(GRADIENTS.split(), Rule("gradient", read_everything)),
}
