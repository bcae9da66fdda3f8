from __future__ import annotations

import pytest
from tests.measure.advice.support import Shape, find, find_support, make, measure_text, split_axes

from striate.nets import parse
from striate.nets.repair import repair


@pytest.mark.parametrize(
    ("text", "input", "figure"),
    [
        ("maxpool2", (1, 7, 7), "drops 1 of 7 rows and 1 of 7 columns"),
        ("maxpool2", (1, 7, 8), "drops 1 of 7 rows"),
        ("conv3-4/3 pad=valid", (1, 11), "drops 2 of 11 cells"),
        ("conv3-4/2 pad=valid", (1, 8, 8), "drops 1 of 8 rows and 1 of 8 columns"),
        ("avgpool2", (1, 8, 8, 9), "drops 1 of 9 columns"),
        ("conv3-4/2 pad=valid dilation=1", (1, 6, 9, 9), "drops 1 of 6 slices"),
    ],
)
def test_rows_without_a_gradient(text: str, input: Shape, figure: str) -> None:
    (finding,) = find("dropped-border", text, input)
    assert finding.figure == figure
    average = text.replace("maxpool", "avgpool")
    support = find_support(make(average, input), input)
    unread = [int((~read).sum()) for read in split_axes(support)]
    listed = [int(word) for word in figure.split() if word.isdigit()][::2]
    assert [number for number in unread if number] == listed


@pytest.mark.parametrize(
    ("text", "input"),
    [
        ("maxpool2", (1, 8, 8)),
        ("maxpool2 ceil=yes", (1, 7, 7)),
        ("conv7-4/2", (1, 224, 224)),  # the row left over is padding
        ("maxpool3/2 pad=1", (1, 112, 112)),
        ("conv3-4/2", (1, 9, 9)),
        ("conv3-4", (1, 9, 9)),
        ("gap", (1, 9, 9)),
        ("conv1-4/2", (1, 9, 9)),  # jumps over cells anyway
        ("upsample2", (1, 9, 9)),
    ],
)
def test_nothing_left_over(text: str, input: Shape) -> None:
    assert not find("dropped-border", text, input)


@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        ("maxpool2", "maxpool2 ceil=yes"),
        ("avgpool3x2", "avgpool3x2 ceil=yes"),
        ("conv3-4/2 pad=valid", "conv3-4/2 pad=0:1"),
        ("conv4-4/3 pad=1:0", "conv4-4/3 pad=same"),
        ("conv3-4/2x1 pad=valid", "conv3-4/2x1 pad=0:1x0"),
    ],
)
def test_the_repair_reads_it(text: str, repaired: str) -> None:
    shape = (3, 8, 8) if "conv3" in text else (3, 7, 7)
    done = repair(parse(text), find("dropped-border", text, shape), shape)
    assert done.net.text == repaired
    assert not find("dropped-border", repaired, shape)
    outputs = [measure_text(each, shape).rows[-1].output for each in (repaired, text)]
    assert {new - old for new, old in zip(*outputs, strict=True)} == {0, 1}
