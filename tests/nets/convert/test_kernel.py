"""What layers say of themselves."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from striate.arithmetic import Window
from striate.layers import make_convolution, make_pool, make_transposed
from striate.layers.table import TableConv
from striate.nets.convert.kernel import read_kernel, read_windows


@pytest.mark.parametrize(
    ("module", "axes", "expected"),
    [
        (
            nn.Conv2d(1, 1, (3, 5), padding="same", dilation=2),
            None,
            [Window(3, 1, 2, 2, False, 2), Window(5, 1, 2, 4, False, 4)],
        ),
        (nn.Conv1d(1, 1, 4, padding="same"), None, [Window(4, before=1, after=2)]),
        (nn.Conv1d(1, 1, 4, padding="valid"), None, [Window(4, after=0)]),
        (nn.MaxPool2d(2, 3, 1, ceil_mode=True), 2, [Window(2, 3, 1, 1, False, 1, True)] * 2),
        (nn.AvgPool1d(3), 1, [Window(3, 3, after=0)]),
        (nn.ConvTranspose1d(1, 1, 3, 2, padding=1, output_padding=1), None, [Window(3, 2, 1, 1, True, 0)]),
        (make_convolution(1, 1, 1, 3, pads=[(2, 0)]), None, [Window(3, before=2, after=0)]),
        (make_transposed(1, 1, 1, 4, stride=2, crops=[(0, 2)]), None, [Window(4, 2, 1, 0, True, 2)]),
        (make_pool(1, "max", 4, pads=[(0, 1)]), None, [Window(4, 4, after=1)]),
    ],
)
def test_windows(module: nn.Module, axes: int | None, expected: list[Window]) -> None:
    assert list(read_windows(module, axes)) == expected


def test_a_kernel_joins_channels_of_one_group() -> None:
    conv = nn.Conv1d(4, 2, 3, groups=2)
    read, written, taps = read_kernel(conv)
    assert list(zip(read.tolist(), written.tolist(), strict=True)) == [(0, 0), (1, 0), (2, 1), (3, 1)]
    assert torch.equal(taps[2], conv.weight[1, 0])


def test_a_tables_kernel_joins_what_it_lists() -> None:
    conv = TableConv(3, 4, [(0, 2), (1,)], (2,))
    read, written, taps = read_kernel(conv)
    joined = list(zip(read.tolist(), written.tolist(), strict=True))
    assert joined == [(0, 0), (2, 0), (0, 1), (2, 1), (1, 2), (1, 3)]
    assert torch.equal(taps, conv.weight)
