from __future__ import annotations

import pytest
import torch
from tests.measure.advice.support import draw, find, find_support, make, read_numbers, split_axes
from torch import nn


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("conv3-8, conv3-8", 5),
        ("conv3-8, conv1-8", 3),
        ("conv1-8, conv5-4 pad=valid", 5),
        ("conv3-8/2, conv3-8", 7),
        ("conv1-8/2, conv3-8", 3),
        ("conv3-8 dilation=3, conv3-8 dilation=2", 9),
        ("relu, conv3-4, conv3-4, relu", 5),
    ],
)
def test_two_convolutions_are_one(text: str, size: int) -> None:
    """They map sums to sums, and one output cell hangs on as many cells as the one convolution's kernel has."""
    (finding,) = find("linear-after-linear", text)
    module = make(text).double()
    pair = nn.Sequential(*[part for part in module if isinstance(part, nn.Conv2d)])
    x, y, zero = draw(1, 3, 16, 16), draw(1, 3, 16, 16, seed=1), torch.zeros(1, 3, 16, 16, dtype=torch.float64)
    torch.testing.assert_close(pair(x) + pair(y), pair(x + y) + pair(zero))
    centre = nn.Sequential(*pair, _Centre())
    assert [int(read.sum()) for read in split_axes(find_support(centre, (3, 16, 16)))] == [size, size]
    outputs = pair(x).shape[1]
    one = nn.Conv2d(3, outputs, size)
    both, alone = (sum(each.numel() for each in module.parameters()) for module in (pair, one))
    assert read_numbers(finding.figure) == [both, size, size, 3, outputs, alone]


class _Centre(nn.Module):
    def forward(self, input: torch.Tensor) -> torch.Tensor:
        return input[..., input.shape[-2] // 2, input.shape[-1] // 2]


def test_two_fully_connected_layers_are_one() -> None:
    (finding,) = find("linear-after-linear", "flatten, fc-64, fc-10", (3, 4, 4))
    one = nn.Linear(48, 10)
    assert read_numbers(finding.figure) == [48 * 64 + 64 + 640 + 10, 10, sum(each.numel() for each in one.parameters())]
    assert finding.layer == "fc1"


@pytest.mark.parametrize(
    "text",
    [
        "conv3-8, relu, conv3-8",
        "conv3-8, bn, conv3-8",
        "conv3-8, maxpool2, conv3-8",
        "depthwise3, conv1-8",
        "conv1-6, depthwise3",
        "conv3-6, conv3-6 groups=2",
        "conv1-2, conv3-8",
        "conv3-2, conv1-8",
        "conv1x7-8, conv7x1-8",
        "conv3-8, add[conv3-8 | ]",
        "cat[conv3-8 | conv1-8], conv1-8",
        "conv3-8, deconv4-8/2",
        "gap, flatten, fc-2, fc-10",
        "flatten, fc-8, relu, fc-8",
    ],
)
def test_pairs_that_are_meant(text: str) -> None:
    assert not find("linear-after-linear", text)


def test_attention_has_no_such_pairs() -> None:
    from striate.measure.advice.linearity import find_linear_pairs
    from striate.measure.measurement import measure

    module = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    assert not [*find_linear_pairs(measure(module, (5, 8)))]
