from __future__ import annotations

import pytest
from tests.measure.advice.support import Shape, find, find_support, make, measure_text, read_numbers

from striate.nets import parse
from striate.nets.repair import repair


@pytest.mark.parametrize(
    ("name", "text", "input", "repaired"),
    [
        ("pointwise-stride", "conv1-4/2", (1, 8, 8), "avgpool2, conv1-4"),
        ("pointwise-stride", "conv1-4/2", (1, 7, 8), "avgpool2 ceil=yes, conv1-4"),
        ("pointwise-stride", "conv1-4/3", (1, 10), "avgpool3 ceil=yes, conv1-4"),
        ("pointwise-stride", "conv1-4/1x2", (1, 6, 6), "avgpool1x2, conv1-4"),
        ("pointwise-stride", "depthwise1/2", (2, 6, 6, 4), "avgpool2, depthwise1"),
        ("skipped-cells", "conv2-4/3 pad=valid", (1, 11, 11), "conv3-4/3 pad=0:1"),
        ("skipped-cells", "conv3-4/4", (1, 12, 12), "conv5-4/4"),
        ("skipped-cells", "conv3-4/5 pad=1", (1, 15), "conv5-4/5 pad=same"),
        ("skipped-cells", "maxpool2/3", (1, 9, 9), "maxpool3/3"),
        ("skipped-cells", "avgpool2/3", (1, 8, 8), "avgpool3/3 ceil=yes"),
        ("skipped-cells", "conv3-4/2 dilation=2", (1, 12, 12), ""),
    ],
)
def test_cells_without_a_gradient(name: str, text: str, input: Shape, repaired: str) -> None:
    (finding,) = find(name, text, input)
    support = find_support(make(text.replace("maxpool", "avgpool"), input), input)
    assert read_numbers(finding.figure)[:2] == [int((~support).sum()), support.numel()]
    done = repair(parse(text), [finding], input)
    if not repaired:
        assert not done.applied
        return
    assert done.net.text == repaired
    assert not [each for kind in ("pointwise-stride", "skipped-cells") for each in find(kind, repaired, input)]
    assert measure_text(repaired, input).rows[-1].output == measure_text(text, input).rows[-1].output


@pytest.mark.parametrize(
    ("text", "input"),
    [
        ("conv3-4/2", (1, 8, 8)),
        ("conv2-4/2", (1, 8, 8)),
        ("conv1-4", (1, 8, 8)),
        ("conv1-4/2", (1, 1, 1)),
        ("maxpool2", (1, 7, 7)),
        ("maxpool3/2", (1, 8, 8)),
        ("conv3-4 dilation=2", (1, 8, 8)),
        ("conv3-4/2 dilation=3", (1, 16, 16)),
        ("deconv2-4/3", (1, 8, 8)),
    ],
)
def test_strides_that_read_all(text: str, input: Shape) -> None:
    assert not [each for kind in ("pointwise-stride", "skipped-cells") for each in find(kind, text, input)]
