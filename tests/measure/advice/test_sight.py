from __future__ import annotations

from fractions import Fraction

import pytest
from tests.measure.advice.support import find, find_in, measure_text, read_numbers
from torch import nn

LARGE = (1, 301, 301)


def see(text: str, name: str) -> int:
    """How many rows one cell in the middle sees, on an input that no field passes: by the walk back, cell for cell."""
    table = measure_text(text, LARGE)
    extents = table.find_row(name).output[1:]
    return table.field_at(name, tuple(extent // 2 for extent in extents)).size[0]


@pytest.mark.parametrize(
    ("text", "layer", "extent"),
    [
        ("[conv3-4, relu]*4, gap", "conv4", 8),
        ("conv3-4/2, relu, maxpool2, conv3-4/2, gap", "conv2", 12),
        ("conv3-4, conv5-4 dilation=2, relu", "conv2", 10),
    ],
)
def test_a_field_past_the_input(text: str, layer: str, extent: int) -> None:
    (finding,) = find("field-past-input", text, (1, extent, extent))
    size = see(text, layer)
    assert finding.layer == layer
    assert read_numbers(finding.figure) == [size, extent, size - extent]
    assert not find("field-past-input", text, (1, size, size))
    assert not find("field-short-of-input", text, (1, size, size))


@pytest.mark.parametrize(
    ("text", "layer", "extent"),
    [
        ("[conv3-4, relu]*4, gap", "conv4", 12),
        ("conv3-4/2, relu, maxpool2, conv3-4/2, gap", "conv2", 40),
        ("conv3-4, relu, conv1-2", "conv2", 8),
        ("conv3-4, relu, mul[ | gap, conv1-4, sigmoid], conv3-4, gap, flatten, fc-10", "conv2", 8),
    ],
)
def test_a_field_that_falls_short(text: str, layer: str, extent: int) -> None:
    (finding,) = find("field-short-of-input", text, (1, extent, extent))
    local = text.replace("mul[ | gap, conv1-4, sigmoid], ", "")
    size = see(local, layer)
    assert read_numbers(finding.figure) == [size, extent]
    (more,) = read_numbers(finding.remedy)[:1]
    row = measure_text(local, LARGE).find_row(layer)
    assert row.field is not None
    step = Fraction(row.field.step[0])
    assert size + 2 * step * (more - 1) < extent <= size + 2 * step * more


def test_the_layers_it_asks_for_suffice() -> None:
    text = "conv3-4, relu, maxpool2, conv3-4, relu"
    (finding,) = find("field-short-of-input", f"{text}, gap", (1, 40, 40))
    more = int(read_numbers(finding.remedy)[0])
    assert not find("field-short-of-input", f"{text}, [conv3-4, relu]*{more}, gap", (1, 40, 40))
    assert find("field-short-of-input", f"{text}, [conv3-4, relu]*{more - 1}, gap", (1, 40, 40))


@pytest.mark.parametrize(
    "text",
    [
        "conv3-4, relu, flatten, fc-10",  # the fully connected layer sees the rest
        "conv3-4, relu, maxpool2, flatten, dropout, fc-10",
        "conv9-4 pad=valid, flatten, fc-10",  # one cell that sees all
        "conv9-4 pad=4, conv9-4 pad=valid, gap",
        "flatten, fc-10",
    ],
)
def test_fields_that_fit(text: str) -> None:
    shape = (1, 9, 9)
    assert not find("field-past-input", text, shape)
    assert not find("field-short-of-input", text, shape)


def test_a_network_without_extents() -> None:
    assert not find_in("field-past-input", nn.Linear(4, 3), (4,))


def test_the_shortest_way_is_named() -> None:
    text = "conv3-4, relu, [add[conv3-4, relu, conv3-4 | ]]*3"
    (finding,) = find("field-past-input", text, (1, 9, 9))
    assert read_numbers(finding.figure) == [15, 9, 6, 7]  # conv2 of the last block, or conv1 and that block alone
    assert see(text, "add3.branch1.conv2") == 15


@pytest.mark.parametrize(
    ("text", "extent", "first", "idle"),
    [
        ("[conv3-4, relu]*6, gap", 8, "conv5", 2),
        ("[conv3-4, relu, maxpool2]*3, conv3-4, conv1-4, conv3-4", 16, "conv4", 2),
        ("[conv3-4, relu]*3, [add[conv3-4, relu, conv3-4 | ]]*3, conv3-4", 6, "add1.branch1.conv1", 7),
        ("[conv3-4, relu]*2, [add[conv3-4, relu, conv3-4 | ]]*2, conv3-4, conv3-4", 6, "add1.branch1.conv2", 3),
    ],
)
def test_layers_that_add_no_context(text: str, extent: int, first: str, idle: int) -> None:
    (finding,) = find("unproductive-layers", text, (1, extent, extent))
    table = measure_text(text, (1, extent, extent))
    rows = [row for row in table.rows if row.kind == "conv" and row.parameters > 4 * 4 + 4]
    assert finding.layer == first
    numbers = read_numbers(finding.figure)
    assert numbers[:2] == [idle, len(rows)]
    assert numbers[-1] == extent < numbers[-2]


def test_what_reads_all_before_the_first_unproductive_layer() -> None:
    """Cell for cell: the middle cell before it sees the whole input, and the one a layer earlier doesn't yet."""
    text = "[conv3-4, relu]*6, gap"
    table = measure_text(text, (1, 8, 8))
    (finding,) = find("unproductive-layers", text, (1, 8, 8))
    place = [row.name for row in table.rows].index(finding.layer)
    before = table.field_at(place - 1, (4, 4))
    assert before.size == (8, 8)
    assert see(text, "conv4") == 9
    assert see(text, "conv3") == 7


@pytest.mark.parametrize(
    ("text", "extent"),
    [
        ("[conv3-4, relu]*4, gap", 9),
        ("conv3-4, [add[conv3-4, relu, conv3-4 | ]]*4", 8),
        ("[conv3-4, relu]*4, conv1-8, gap", 8),
        ("[maxpool3/2 pad=1]*3, gap", 9),
    ],
)
def test_layers_that_still_add_context(text: str, extent: int) -> None:
    assert not find("unproductive-layers", text, (1, extent, extent))


def test_gates_and_statistics_hide_nothing() -> None:
    """Squeeze-and-excitation and group norm make every cell see all; the kernels' own reach is what counts."""
    plain = "[conv3-4, relu]*6, gap"
    gated = "[conv3-4, gn groups=2, relu, mul[ | gap, conv1-4, sigmoid]]*6, gap"
    for name in ("field-past-input", "unproductive-layers"):
        one, other = (find(name, text, (1, 8, 8)) for text in (plain, gated))
        assert one[0].layer == other[0].layer
        assert read_numbers(one[0].figure) == read_numbers(other[0].figure)
