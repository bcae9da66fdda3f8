"""How many parameters a layer holds and how many multiplies its forward pass takes, for any number of axes.

A multiply is a multiply-accumulate. Padding counts as multiplied; biases add and so count nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from striate.errors import ShapeError


def count_convolution_parameters(
    in_channels: int, out_channels: int, sizes: Sequence[int], groups: int = 1, bias: bool = True
) -> int:
    """Count weights and biases: out_channels * in_channels/groups * prod(sizes) + out_channels; transposed the same.

    Raises: ShapeError if `groups` doesn't divide the channels.
    Source: LeCun et al. 1998, "Gradient-based learning applied to document recognition", sec. II.B (C1 to C5).

    >>> count_convolution_parameters(3, 64, (7, 7), bias=False)
    9408
    """
    require_groups(in_channels, out_channels, groups)
    return out_channels * (in_channels // groups) * prod(sizes) + (out_channels if bias else 0)


def count_convolution_multiplies(
    in_channels: int,
    out_channels: int,
    sizes: Sequence[int],
    output_extents: Sequence[int],
    groups: int = 1,
    batch: int = 1,
) -> int:
    """Count a convolution's multiplies: every output cell takes in_channels/groups * prod(sizes).

    Raises: ShapeError if `groups` doesn't divide the channels.
    Source: Howard et al. 2017, arXiv:1704.04861, sec. 3.1, equations 2 and 4.

    >>> count_convolution_multiplies(3, 64, (7, 7), (112, 112))
    118013952
    """
    require_groups(in_channels, out_channels, groups)
    return batch * prod(output_extents) * out_channels * (in_channels // groups) * prod(sizes)


def count_transposed_multiplies(
    in_channels: int,
    out_channels: int,
    sizes: Sequence[int],
    input_extents: Sequence[int],
    groups: int = 1,
    batch: int = 1,
) -> int:
    """Count a transposed convolution's multiplies: every input cell takes out_channels/groups * prod(sizes).

    Raises: ShapeError if `groups` doesn't divide the channels.
    Source: Dumoulin & Visin 2016, arXiv:1603.07285, sec. 4.1 (the same matrix, transposed: equally many products).

    >>> count_transposed_multiplies(128, 64, (2, 2), (28, 28))
    25690112
    """
    require_groups(in_channels, out_channels, groups)
    return batch * prod(input_extents) * in_channels * (out_channels // groups) * prod(sizes)


def count_linear_parameters(in_features: int, out_features: int, bias: bool = True) -> int:
    """Count a linear layer's weights and biases: in_features*out_features + out_features.

    >>> count_linear_parameters(4096, 1000)
    4097000
    """
    return in_features * out_features + (out_features if bias else 0)


def count_linear_multiplies(in_features: int, out_features: int, rows: int = 1) -> int:
    """Count a linear layer's multiplies: rows*in_features*out_features, a row being one vector that it maps.

    >>> count_linear_multiplies(4096, 1000, rows=2)
    8192000
    """
    return rows * in_features * out_features


def count_norm_parameters(channels: int) -> int:
    """Count an affine norm's parameters: a scale and a shift per channel (running statistics are buffers).

    Source: Ioffe & Szegedy 2015, arXiv:1502.03167, algorithm 1.

    >>> count_norm_parameters(64)
    128
    """
    return 2 * channels


def require_groups(in_channels: int, out_channels: int, groups: int) -> None:
    """Raise ShapeError if `groups` doesn't divide both numbers of channels."""
    if groups < 1 or in_channels % groups or out_channels % groups:
        raise ShapeError(
            f"groups is {groups}, but it must divide {in_channels} input and {out_channels} output channels. "
            f"Use groups 1 or a common divisor."
        )
