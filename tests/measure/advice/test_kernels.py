from __future__ import annotations

from math import prod

import pytest
import torch
from tests.measure.advice.support import Shape, find, find_in, make, measure_text, read_numbers
from torch import nn

from striate.measure.measurement import measure
from striate.nets import parse
from striate.nets.repair import repair


@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        ("conv3-8, relu, conv5-8, relu", "conv3-8, relu, conv3-8, relu, conv3-8, relu"),
        ("conv3-8, relu, conv7-8, bn, gelu", "conv3-8, relu, conv3-8, bn, gelu, conv3-8, bn, gelu, conv3-8, bn, gelu"),
        ("conv3-8, relu, conv5x1x5-8, tanh", "conv3-8, relu, conv3x1x3-8, tanh, conv3x1x3-8, tanh"),
    ],
)
def test_the_stack_sees_as_much_for_less(text: str, repaired: str) -> None:
    """Both costs are those of the networks themselves, measured; so is the field."""
    shape = (3, 9, 16, 16) if "x" in text else (3, 16, 16)
    (finding,) = find("large-kernel", text, shape)
    one, stack = ([row for row in measure_text(each, shape) if row.kind == "conv"] for each in (text, repaired))
    costs = [sum(row.multiplies for row in rows[1:]) for rows in (one, stack)]
    weights = [count_weights(each, shape) for each in (text, repaired)]
    assert read_numbers(finding.figure) == [costs[0], weights[0], costs[1], weights[1]]
    assert costs[1] < costs[0]
    done = repair(parse(text), [finding], shape)
    assert done.net.text == repaired
    assert not find("large-kernel", repaired, shape)
    fields = [measure(make(each, shape).eval(), shape).find_row(-1).field for each in (text, repaired)]
    assert fields[0] == fields[1] is not None
    assert one[-1].output == stack[-1].output


def count_weights(text: str, shape: Shape) -> int:
    """The weights of all convolutions but the first."""
    kernels = [parameter for parameter in make(text, shape).parameters() if parameter.dim() > 2]
    return sum(kernel.numel() for kernel in kernels[1:])


@pytest.mark.parametrize(
    ("text", "input"),
    [
        ("conv7-64/2", (3, 32, 32)),
        ("conv7-64", (3, 32, 32)),  # from 3 channels the stack would cost more
        ("conv3-8", (8, 16, 16)),
        ("depthwise7", (8, 16, 16)),
        ("conv5-8 groups=2", (8, 16, 16)),
        ("conv5-8 dilation=2", (8, 16, 16)),
        ("conv1x7-8", (8, 16, 16)),
        ("conv5-8", (8, 16)),  # on one axis two kernels of 3 have more taps than one of 5
        ("conv4-8", (8, 16, 16)),
        ("deconv5-8", (8, 16, 16)),
    ],
)
def test_kernels_that_stay(text: str, input: Shape) -> None:
    assert not find("large-kernel", text, input)


def test_a_large_kernel_that_nothing_bends_has_no_repair() -> None:
    (finding,) = find("large-kernel", "conv5-8", (8, 16, 16))
    assert not finding.fix
    (finding,) = find("large-kernel", "conv5-8 pad=valid, relu", (8, 16, 16))
    assert not finding.fix


@pytest.mark.parametrize(
    ("layer", "input"),
    [
        (nn.Conv2d(1, 16, 3), (1, 8, 8)),
        (nn.Conv2d(3, 64, 3), (3, 8, 8)),
        (nn.Conv1d(2, 16, 5), (2, 16)),
        (nn.Conv2d(4, 48, 3, groups=4), (4, 8, 8)),
    ],
)
def test_the_rank_of_the_filters(layer: nn.Conv2d, input: Shape) -> None:
    (finding,) = find_in("dependent-filters", layer, input)
    filters = layer.weight.detach().flatten(1)[: layer.out_channels // layer.groups]
    rank = int(torch.linalg.matrix_rank(filters))
    numbers = read_numbers(finding.figure)
    assert (numbers[0], numbers[-1]) == (len(filters), rank)
    assert rank < len(filters)
    taps, enough = list(layer.kernel_size), read_numbers(finding.remedy)
    assert enough[0] == rank * layer.groups
    assert prod(enough[1:]) * layer.weight.shape[1] >= len(filters) > rank == prod(taps) * layer.weight.shape[1]


@pytest.mark.parametrize(
    ("text", "input"),
    [("conv3-9", (1, 8, 8)), ("conv1-256", (64, 8, 8)), ("depthwise3", (64, 8, 8)), ("deconv3-64", (1, 8, 8))],
)
def test_filters_that_may_be_independent(text: str, input: Shape) -> None:
    assert not find("dependent-filters", text, input)
