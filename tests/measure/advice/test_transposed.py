from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.measure.advice.support import find, measure_text, read_numbers
from torch import nn

from striate.measure.advice.transposed import find_checkerboards
from striate.measure.measurement import measure
from striate.nets import parse
from striate.nets.repair import repair


def count_taps(size: int, stride: int, dilation: int, axes: int) -> tuple[int, int]:
    """Ones spread by a kernel of ones: the least and the most that a cell away from the borders gets."""
    layer = (nn.ConvTranspose1d, nn.ConvTranspose2d)[axes - 1](1, 1, size, stride, dilation=dilation, bias=False)
    nn.init.ones_(layer.weight)
    with torch.no_grad():
        output = layer(torch.ones([1, 1] + [24] * axes))
    border = dilation * (size - 1) + 1
    inner = output[(..., *[slice(border, -border)] * axes)]
    return int(inner.min()), int(inner.max())


@given(size=st.integers(1, 7), stride=st.integers(1, 4), dilation=st.integers(1, 3), axes=st.integers(1, 2))
def test_contributions_counted(size: int, stride: int, dilation: int, axes: int) -> None:
    make = (nn.ConvTranspose1d, nn.ConvTranspose2d)[axes - 1]
    findings = [
        *find_checkerboards(measure(make(2, 3, size, stride, dilation=dilation), (2, *[9] * axes), backward=False))
    ]
    least, most = count_taps(size, stride, dilation, axes)
    assert bool(findings) == (least != most)
    for finding in findings:
        assert read_numbers(finding.figure) == [least, most]


@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        ("deconv3-4/2", "deconv4-4/2"),
        ("deconv3-4/2 pad=1", "deconv4-4/2 pad=2:1"),
        ("deconv1-4/2", "deconv2-4/2"),
        ("deconv5-4/3 pad=0:1x1", "deconv6-4/3 pad=1x2:1"),
        ("deconv3-4/2x3 pad=causal", "deconv4x3-4/2x3 pad=causal"),
        ("deconv3-4/2 bias=no  # up", "deconv4-4/2 bias=no  # up"),
    ],
)
def test_the_repair_leaves_as_many_cells(text: str, repaired: str) -> None:
    done = repair(parse(text), find("checkerboard", text), (3, 16, 16))
    assert done.net.text == repaired
    assert not find("checkerboard", repaired)
    assert measure_text(repaired).rows[-1].output == measure_text(text).rows[-1].output


@pytest.mark.parametrize("text", ["deconv2-4/2", "deconv4-4/2", "deconv3-4/3", "deconv3-4", "upsample2, conv3-4"])
def test_even_kernels(text: str) -> None:
    assert not find("checkerboard", text)
