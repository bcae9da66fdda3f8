"""Convolution, transposed or not, over any number of axes, forward and backward, whichever kernel was asked for."""

from __future__ import annotations

from typing import Any

from striate.arithmetic import Window, count_convolution_multiplies, count_transposed_multiplies
from striate.measure.operation import Operation, Value
from striate.measure.reach import Axis, Listed, Same, Slide, Sources, Whole
from striate.measure.rules.rule import Rule, read_everything

CONVOLUTION = ("input", "weight", "bias", "stride", "padding", "dilation", "transposed", "output_padding", "groups")
DIRECT = ("input", "weight", "kernel_size", "bias", "stride", "padding", "dilation")
DIRECT_TRANSPOSED = ("input", "weight", "kernel_size", "bias", "stride", "padding", "output_padding", "dilation")
# `nn` and `F` arrive as `convolution`, a module from `jit.trace` as `_convolution`; the rest must be called by name.
ARGUMENTS = {
    "convolution": CONVOLUTION,
    "_convolution": CONVOLUTION,
    "_slow_conv2d_forward": DIRECT,
    "slow_conv3d_forward": DIRECT,
    "slow_conv_dilated2d": DIRECT,
    "slow_conv_dilated3d": DIRECT,
    "_conv_depthwise2d": DIRECT,
    "conv_depthwise3d": DIRECT,
    "slow_conv_transpose2d": DIRECT_TRANSPOSED,
    "slow_conv_transpose3d": DIRECT_TRANSPOSED,
    "cudnn_convolution": ("input", "weight", "padding", "stride", "dilation", "groups"),
    "cudnn_convolution_relu": ("input", "weight", "bias", "stride", "padding", "dilation", "groups"),
    "cudnn_convolution_transpose": ("input", "weight", "padding", "output_padding", "stride", "dilation", "groups"),
}
BACKWARD = {
    "convolution_backward": ("grad_output", "input", "weight", "bias_sizes", *CONVOLUTION[3:], "output_mask"),
    "_slow_conv2d_backward": ("grad_output", "input", "weight", "kernel_size", "stride", "padding", "output_mask"),
}


def _get(operation: Operation, name: str, default: Any = None) -> Any:
    """One argument by its name in `CONVOLUTION`; the default where this kernel has none such."""
    names = ARGUMENTS.get(operation.name) or BACKWARD[operation.name]
    return operation.get(names.index(name), name, default) if name in names else default


def _is_transposed(operation: Operation) -> bool:
    return bool(_get(operation, "transposed", "transpose" in operation.name))


def find_windows(operation: Operation) -> tuple[Window, ...]:
    """The window of each spatial axis: padding before and after, or what is cut where it is transposed.

    >>> from striate.measure.trace import trace
    >>> import torch
    >>> find_windows(trace(torch.nn.Conv1d(1, 1, 3, stride=2, padding=1), (1, 8)).operations[0])
    (Window(size=3, stride=2, dilation=1, before=1, transposed=False, after=1, ceil=False),)
    """
    transposed, sizes = _is_transposed(operation), _get(operation, "weight").shape[2:]
    strides, dilations = (_spread(_get(operation, name, [1]), len(sizes)) for name in ("stride", "dilation"))
    pads, extra = (_spread(_get(operation, name, [0]), len(sizes)) for name in ("padding", "output_padding"))
    return tuple(
        Window(size, stride, dilation, pad, transposed, pad - (more if transposed else 0))
        for size, stride, dilation, pad, more in zip(sizes, strides, dilations, pads, extra, strict=True)
    )


def _spread(numbers: list[int], axes: int) -> list[int]:
    return list(numbers) * axes if len(numbers) == 1 else list(numbers)


def _find_groups(input: Value, weight: Value, output: Value, *, transposed: bool) -> int:
    """The weight has the channels of one group: what goes in, or what comes out where it is transposed."""
    return (output if transposed else input).shape[1] // weight.shape[1]


def _count(input: Value, weight: Value, output: Value, *, transposed: bool) -> int:
    batch, sizes = input.shape[0], weight.shape[2:]
    groups = _find_groups(input, weight, output, transposed=transposed)
    if transposed:
        return count_transposed_multiplies(input.shape[1], output.shape[1], sizes, input.shape[2:], groups, batch)
    return count_convolution_multiplies(input.shape[1], output.shape[1], sizes, output.shape[2:], groups, batch)


def count_multiplies(operation: Operation) -> int:
    """By output cells, or by input cells where it is transposed; padding counts as multiplied."""
    source, weight, output = _get(operation, "input"), _get(operation, "weight"), operation.outputs[0]
    return _count(source, weight, output, transposed=_is_transposed(operation))


def count_backward_multiplies(operation: Operation) -> int:
    """As many as forward for each gradient that is wanted of input and weight: the same products, summed otherwise.

    Source: Goodfellow, Bengio, Courville 2016, "Deep Learning", sec. 9.5, equations 9.11 and 9.13.
    """
    output, source, weight = operation.arguments[:3]
    wanted = _get(operation, "output_mask")[:2]
    return _count(source, weight, output, transposed=_is_transposed(operation)) * sum(map(bool, wanted))


def read(operation: Operation, output: int = 0) -> Sources:
    """Each cell reads a window of its group's channels; the weight counts as read whole."""
    source, weight, bias = (_get(operation, name) for name in CONVOLUTION[:3])
    made = operation.outputs[0]
    groups = _find_groups(source, weight, made, transposed=_is_transposed(operation))
    axes = (Slide(2 + axis, window) for axis, window in enumerate(find_windows(operation)))
    channels = _read_channels(source.shape[1], made.shape[1], groups)
    sources: Sources = [(source, (Same(0), channels, *axes)), (weight, tuple(Whole() for _ in weight.shape))]
    if isinstance(bias, Value):
        sources.append((bias, (Same(1),)))
    return sources


def _read_channels(inputs: int, outputs: int, groups: int) -> Axis:
    if groups == 1:
        return Whole()
    if groups == inputs == outputs:
        return Same(1)
    each = [tuple(range(group * inputs // groups, (group + 1) * inputs // groups)) for group in range(groups)]
    return Listed(1, tuple(each[channel * groups // outputs] for channel in range(outputs)))


def name_kind(operation: Operation) -> str:
    """The notation's word: conv, deconv, or depthwise where each channel has filters of its own."""
    if _is_transposed(operation):
        return "deconv"
    return "depthwise" if _get(operation, "weight").shape[1] == 1 < _get(operation, "input").shape[1] else "conv"


def count_time_first(operation: Operation) -> int:
    """Count `conv_tbc`, whose tensors are time x batch x channels."""
    output, (size, inputs, outputs) = operation.outputs[0], operation.get(1, "weight").shape
    return count_convolution_multiplies(inputs, outputs, (size,), output.shape[:1], batch=output.shape[1])


def read_time_first(operation: Operation, output: int = 0) -> Sources:
    """A window of time, all channels."""
    source, weight, bias, pad = (
        operation.get(place, name) for place, name in enumerate(("self", "weight", "bias", "pad"))
    )
    window = Window(weight.shape[0], before=pad or 0)
    return [
        (source, (Slide(0, window), Same(1), Whole())),
        (weight, tuple(Whole() for _ in weight.shape)),
        (bias, (Same(2),)),
    ]


RULES = {
    **{name: Rule(name_kind, read, count_multiplies) for name in ARGUMENTS},
    **{name: Rule("gradient", read_everything, count_backward_multiplies) for name in BACKWARD},
    "conv_tbc": Rule("conv", read_time_first, count_time_first),
}
