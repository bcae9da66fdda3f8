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


def count_connected_parameters(input_cells: int, output_cells: int, bias: bool = True) -> int:
    """Count what a layer would hold fully connected: input_cells*output_cells + output_cells.

    The cells are all values of one example, channels included: each output value has a weight for each input value.

    Source: Goodfellow, Bengio, Courville 2016, "Deep Learning", sec. 9.2.

    >>> count_connected_parameters(3 * 32 * 32, 8 * 32 * 32), count_convolution_parameters(3, 8, (3, 3))
    (25174016, 224)
    """
    return count_linear_parameters(input_cells, output_cells, bias)


def count_connected_multiplies(input_cells: int, output_cells: int, batch: int = 1) -> int:
    """Count the multiplies that a layer would take fully connected: batch*input_cells*output_cells.

    The cells are all values of one example, channels included.

    >>> count_connected_multiplies(3 * 32 * 32, 8 * 32 * 32)
    25165824
    """
    return count_linear_multiplies(input_cells, output_cells, batch)


def count_unshared_parameters(
    in_channels: int,
    out_channels: int,
    sizes: Sequence[int],
    output_extents: Sequence[int],
    groups: int = 1,
    bias: bool = True,
) -> int:
    """Count a locally connected layer's weights and biases: a convolution's, once for every output cell.

    It takes as many multiplies as the convolution.

    Raises: ShapeError if `groups` doesn't divide the channels.
    Source: Goodfellow, Bengio, Courville 2016, "Deep Learning", sec. 9.5 (unshared convolution).

    >>> count_unshared_parameters(3, 8, (3, 3), (30, 30))
    201600
    """
    return prod(output_extents) * count_convolution_parameters(in_channels, out_channels, sizes, groups, bias)


def count_table_parameters(connections: int, out_channels: int, sizes: Sequence[int], bias: bool = True) -> int:
    """Count weights and biases of a partly connected convolution: connections*prod(sizes) + out_channels.

    A connection is a pair of an input and an output map with a kernel between them.

    Source: LeCun et al. 1998, "Gradient-based learning applied to document recognition", sec. II.B, table I (C3).

    >>> count_table_parameters(60, 16, (5, 5))
    1516
    """
    return connections * prod(sizes) + (out_channels if bias else 0)


def count_table_multiplies(
    connections: int, sizes: Sequence[int], output_extents: Sequence[int], batch: int = 1
) -> int:
    """Count a partly connected convolution's multiplies: every output place takes connections*prod(sizes).

    Source: LeCun et al. 1998, "Gradient-based learning applied to document recognition", sec. II.B (C3: 151,600
            connections, biases included).

    >>> count_table_multiplies(60, (5, 5), (10, 10))
    150000
    """
    return batch * prod(output_extents) * connections * prod(sizes)


def count_cell_biases(out_channels: int, output_extents: Sequence[int]) -> int:
    """Count biases where every output cell has one of its own: out_channels*prod(output_extents).

    Source: LeCun et al. 1989, "Backpropagation applied to handwritten zip code recognition", sec. 3.3 (H1: 768).

    >>> count_cell_biases(12, (8, 8))
    768
    """
    return out_channels * prod(output_extents)


def count_matrix_multiplies(rows: int, inner: int, columns: int, batch: int = 1) -> int:
    """Count the multiplies of `batch` products of a rows x inner with an inner x columns matrix.

    >>> count_matrix_multiplies(4, 8, 5, batch=2)
    320
    """
    return batch * rows * inner * columns


def count_attention_multiplies(
    batch: int, heads: int, queries: int, keys: int, key_width: int, value_width: int
) -> int:
    """Count both products of attention, masked pairs included: heads*queries*keys*(key_width + value_width) each.

    The widths are one head's. The linear maps before and after are not in it, nor the softmax.

    Source: Vaswani et al. 2017, arXiv:1706.03762, equation 1.

    >>> count_attention_multiplies(batch=1, heads=12, queries=197, keys=197, key_width=64, value_width=64)
    59610624
    """
    scores = count_matrix_multiplies(queries, key_width, keys, batch * heads)
    return scores + count_matrix_multiplies(queries, keys, value_width, batch * heads)


def count_lstm_multiplies(steps: int, batch: int, inputs: int, hidden: int, gates: int = 4, projection: int = 0) -> int:
    """Count one recurrent layer's multiplies in one direction, those of its matrices.

    At every step the gates take gates*hidden*(inputs + fed back), and a projection hidden*projection; fed back is the
    projection where there is one, else hidden. A GRU has 3 gates, a plain recurrent layer 1. The products of gate and
    cell, value by value, are not counted.

    Source: Hochreiter & Schmidhuber 1997, "Long short-term memory"; Sak et al. 2014, arXiv:1402.1128 (projection).

    >>> count_lstm_multiplies(steps=10, batch=2, inputs=3, hidden=5)
    3200
    """
    fed_back = projection or hidden
    return steps * batch * (gates * hidden * (inputs + fed_back) + hidden * projection)


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
