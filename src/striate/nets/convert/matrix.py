"""One convolution as an explicit sparse matrix: a sum, over the kernel's taps, of Kronecker products."""

from __future__ import annotations

from functools import reduce
from itertools import product
from math import prod
from typing import Any

import numpy as np
import torch
from scipy import sparse
from torch import nn
from torch.nn.modules.conv import _ConvNd

from striate.arithmetic import Window, convolve_extent, deconvolve_extent
from striate.errors import InputError, ShapeError
from striate.layers.table import TableConv
from striate.nets.convert.kernel import read_kernel, read_windows
from striate.nets.convert.selection import select_cells

MOST_ENTRIES = 50_000_000
"""Past this a matrix takes some 3 GB while it is made."""


def compose_matrix(conv: nn.Module, input: tuple[int, ...]) -> sparse.csr_array:
    """Make the matrix of a convolution; what it does is told at `striate.matrix`.

    A transposed convolution's is the transpose of the one that reads its output and writes its input.
    """
    require_convolution(conv, input)
    windows = read_windows(conv)
    outputs = tuple(_find_extent(*pair) for pair in zip(input[1:], windows, strict=True))
    rows, columns = (input[1:], outputs) if windows[0].transposed else (outputs, input[1:])
    channels = (int(conv.in_channels), int(conv.out_channels))  # type: ignore[arg-type]
    written, read = channels if windows[0].transposed else channels[::-1]
    taps = [_select(*axis, _get_mode(conv)) for axis in zip(windows, rows, columns, strict=True)]
    joints = read_kernel(conv)
    _require_room(len(joints[0]) * prod(sum(each.nnz for each in axis) for axis in taps), input)
    matrix = _sum_taps(joints, taps, (written, read))
    return matrix.T.tocsr() if windows[0].transposed else matrix


def require_convolution(conv: nn.Module, input: tuple[int, ...]) -> None:
    """Raise InputError for what is no single convolution, ShapeError for an input that it doesn't take."""
    if not isinstance(conv, _ConvNd | TableConv):
        raise InputError(f"found {type(conv).__name__}, needed one convolution, transposed or not. Name a part of it")
    axes = len(conv.kernel_size)
    if len(input) != 1 + axes or input[0] != conv.in_channels:
        found, needed = "x".join(map(str, input)), f"{conv.in_channels} channels and {axes} extents"
        raise ShapeError(f"{type(conv).__name__}: found an input of {found}, needed {needed}. Give input= so")


def _find_extent(extent: int, window: Window) -> int:
    pair = (window.before, window.before if window.after is None else window.after)
    find = deconvolve_extent if window.transposed else convolve_extent
    return find(extent, window.size, window.stride, window.dilation, pair)


def _get_mode(conv: Any) -> str:
    return str(getattr(conv, "padding_mode", "zeros"))


def _select(window: Window, rows: int, columns: int, mode: str) -> list[sparse.coo_array]:
    return [select_cells(window, tap, rows, columns, mode) for tap in range(window.size)]


def _require_room(entries: int, input: tuple[int, ...]) -> None:
    if entries > MOST_ENTRIES:
        shape = "x".join(map(str, input))
        found = f"the matrix for an input of {shape} has {entries:,} entries, needed at most {MOST_ENTRIES:,}"
        raise InputError(f"{found}. Use a smaller input, or fewer channels")


def _sum_taps(joints: Any, taps: list[list[sparse.coo_array]], channels: tuple[int, int]) -> sparse.csr_array:
    """The sum over all taps of (what they weigh, channel by channel) x (what they select, axis by axis)."""
    read, written, weight = (_to_numpy(part) for part in joints)
    parts = []
    for selected, weighed in zip(product(*taps), weight.reshape(len(read), -1).T, strict=True):
        weights = sparse.coo_array((weighed, (written, read)), shape=channels)
        parts.append(reduce(_multiply, selected, weights))
    rows, columns = (np.concatenate([part.coords[axis] for part in parts]) for axis in (0, 1))
    values = np.concatenate([part.data for part in parts])
    return sparse.coo_array((values, (rows, columns)), shape=parts[0].shape).tocsr()


def _multiply(left: sparse.coo_array, right: sparse.coo_array) -> sparse.coo_array:
    return sparse.coo_array(sparse.kron(left, right, format="coo"))


def _to_numpy(tensor: torch.Tensor) -> np.ndarray:
    """As an array; scipy has no floats of 16 bits."""
    found = tensor.cpu()
    return (found.float() if found.dtype in (torch.float16, torch.bfloat16) else found).numpy()
