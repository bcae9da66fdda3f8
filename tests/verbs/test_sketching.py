from __future__ import annotations

import pytest

from striate.errors import InputError
from striate.nets.lookup import find_net, list_zoo
from striate.nets.outline import list_nodes
from striate.verbs.changing import switch_axes
from striate.verbs.measuring import measure
from striate.verbs.sketching import compare_counts, measure_sketch, sketch


@pytest.mark.parametrize("name", list_zoo())
def test_the_shape_pass_agrees_with_the_trace_over_the_whole_zoo(name: str) -> None:
    text = find_net(name).text
    found = sketch(text, None, 10)
    table = measure(name, classes=10)  # in train mode: side heads and all
    assert found.problem is None
    assert (found.parameters, found.multiplies) == (table.parameters, table.multiplies)
    assert compare_counts(found, measure_sketch(text, None, 10)["rows"], table, 1) == []
    rows = {row.name: row for row in table.rows}
    for node in list_nodes(sketch(text, None, 10, folds=False).nodes):
        if node.kind == "layer" and node.path in rows:
            assert table.find_row(node.path).output == node.output, node.path


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("name", [name for name in list_zoo() if sketch(find_net(name).text, None, 10).layers < 120])
def test_they_agree_along_other_axes_too(name: str, axes: int) -> None:
    """A network that is none along so many axes is none to both; the larger ones say the same words more often."""
    net = find_net(name)
    assert net.input is not None
    shape = switch_axes(net.input, axes)
    if shape == net.input:
        return
    found = sketch(net.text, shape, 10)
    if found.problem:
        with pytest.raises(InputError):
            measure(net, shape, classes=10)
        return
    traced = measure_sketch(net.text, shape, 10)
    assert traced["disagreements"] == []
    assert (found.parameters, found.multiplies) == (traced["totals"]["parameters"], traced["totals"]["multiplies"])


@pytest.mark.parametrize("name", ["lenet5-1998", "googlenet", "segnet", "wavenet-small", "resnet18"])
def test_joined_to_the_trace_every_node_has_its_row_and_nothing_differs(name: str) -> None:
    text = find_net(name).text
    found = measure_sketch(text, None, 10, batch=2)
    layers = {node.id: node for node in list_nodes(sketch(text, None, 10).nodes) if node.kind == "layer"}
    assert found["disagreements"] == []
    silent = {"dropout", "relu", "flatten", "taps", "unpool"}  # what does nothing, or stands in another row
    assert {node.word for number, node in layers.items() if number not in found["rows"]} <= silent
    assert sum(row["parameters"] for row in found["rows"].values()) == found["totals"]["parameters"]
    assert sum(row["multiplies"] for row in found["rows"].values()) == found["totals"]["multiplies"]
    assert sum(found["totals"]["inference"].values()) == found["totals"]["inference_bytes"]


def test_a_difference_between_the_two_is_said() -> None:
    text = "input 1x8x8\nconv3-4, relu"
    drawn, table = sketch(text), measure(text)
    rows = measure_sketch(text)["rows"]
    assert compare_counts(drawn, rows, table, 1) == []
    wrong = {number: {**row, "multiplies": row["multiplies"] + 1} for number, row in rows.items()}
    assert compare_counts(drawn, wrong, table, 1)[0] == "conv1: multiplies 2304 by shape, 2305 traced"


@pytest.mark.parametrize(
    ("text", "line", "column", "length"),
    [
        ("input 3x8x8\nconv3-8, rellu", 2, 10, 5),
        ("input 3x8x8\nconv3-8 padd=1, relu", 2, 9, 4),
        ("input 3x8x8\nadd[conv3-8 | ], relu", 2, 1, 3),
        ("input 3x8x8\ndef f(n) = conv9-n pad=valid\nrelu\nf(3)", 2, 12, 5),
        ("input 3x8x8\nconv3-8, [relu", 2, 10, 1),
        ("conv3-8", 1, 1, 5),
        ("", 1, 1, 0),
        ("input 3x8x8\nconv3-8,\n\n", 2, 8, 1),
    ],
)
def test_what_is_wrong_is_said_at_its_place(text: str, line: int, column: int, length: int) -> None:
    found = sketch(text).problem
    assert found is not None
    assert found.message
    assert (found.line, found.column) == (line, column)
    assert text[found.at : found.at + found.length].strip() == text[found.at : found.at + found.length]
    assert text.count("\n", 0, found.at) + 1 == line
    assert found.at - text.rfind("\n", 0, found.at) == column
    assert found.length == (length or found.length)


def test_a_place_in_the_text_says_how_many_layers_it_stands_for() -> None:
    text = "input 3x8x8\ndef f(n) = conv3-n, relu\nf(8), f(8)*3, conv1-2"
    found = sketch(text)
    assert found.uses is not None
    assert found.ends is not None
    at = text.index("conv3")
    assert found.uses[at] == 4
    assert text[at : found.ends[at]] == "conv3-n"


def test_what_can_not_be_drawn_is_not_traced() -> None:
    with pytest.raises(InputError, match="unknown word"):
        measure_sketch("input 3x8x8\nrellu")


def test_a_trace_stops_when_nobody_waits() -> None:
    class GoneError(Exception):
        pass

    def leave() -> None:
        raise GoneError

    with pytest.raises(GoneError):
        measure_sketch("input 3x8x8\nconv3-5", check=leave)
