"""table= and bias=cell as they are written: the zip-code network's and LeNet-5's layers, and what is refused."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from striate.errors import NotationError
from striate.layers import CellBias, TableConv
from striate.measure import measure
from striate.nets import parse, place
from striate.nets.build import make_module
from striate.nets.words.table import read_bias, read_table
from striate.nets.words.word import Plain

C3 = "111000x011100x001110x000111x100011x110001x111100x011110x001111x100111x110011x111001x110110x011011x101101x111111"
H2 = "111111110000x000011111111x111100001111"


def find_plain(text: str, *shape: int) -> Plain:
    (found,) = place(parse(text), shape)
    assert isinstance(found.part, Plain)
    return found.part


@pytest.mark.parametrize(
    ("text", "shape", "output", "parameters", "multiplies"),
    [
        (f"conv5-16 pad=valid table={C3}", (6, 14, 14), (16, 10, 10), 1516, 150_000),
        ("conv5-12/2 bias=cell", (1, 16, 16), (12, 8, 8), 1068, 12 * 64 * 25),
        (f"conv5-12/2 bias=cell table={H2}", (12, 8, 8), (12, 4, 4), 2592, 12 * 16 * 8 * 25),
        ("depthwise3 bias=cell", (4, 5), (4, 5), 4 * 3 + 4 * 5, 4 * 5 * 3),
        ("conv2-4 table=10x11 bias=no", (2, 3, 3, 3, 3), (4, 3, 3, 3, 3), 6 * 16, 6 * 16 * 81),
    ],
)
def test_figures(text: str, shape: tuple[int, ...], output: tuple[int, ...], parameters: int, multiplies: int) -> None:
    (found,) = place(parse(text), shape)
    module = make_module(parse(text), shape)
    table = measure(module, input=shape)
    assert (found.output, found.parameters) == (output, parameters)
    assert (table.rows[-1].output, table.parameters, table.multiplies) == (output, parameters, multiplies)


@given(st.lists(st.text("01", min_size=6, max_size=6).filter(lambda row: "1" in row), min_size=1, max_size=6))
def test_a_table_lists_its_ones(rows: list[str]) -> None:
    module = make_module(parse(f"conv3-{2 * len(rows)} table={'x'.join(rows)}"), (6, 4))[0]
    assert isinstance(module, TableConv)
    assert module.table == tuple(tuple(place for place in range(6) if row[place] == "1") for row in rows)
    assert module.connections == 2 * sum(row.count("1") for row in rows)


def test_leading_zeros_may_be_left_out() -> None:
    short, whole = (make_module(parse(f"conv3-3 table={rows}"), (4, 5))[0] for rows in ("1x11x101", "0001x0011x0101"))
    assert isinstance(short, TableConv)
    assert isinstance(whole, TableConv)
    assert short.table == whole.table == ((3,), (2, 3), (1, 3))


def test_it_is_written_as_it_is_read() -> None:
    plain = find_plain("conv3-3 bias=cell table=011x001x110", 3, 5)
    assert str(plain) == "conv3-3 bias=cell table=011x001x110"
    assert find_plain(str(plain), 3, 5).options == plain.options
    net = parse("conv3-3 table=011x001x110")
    assert parse(str(net)) == net
    assert place(parse(str(net)), (3, 5))[0].part == place(net, (3, 5))[0].part


def test_eighteen_maps_are_the_most() -> None:
    row = "1" * 18
    assert place(parse(f"conv1-2 table={row}"), (18, 4))[0].parameters == 2 * 18 + 2
    with pytest.raises(NotationError, match="found a number of 19 digits, needed 18 at most"):
        parse(f"conv1-2 table={row}1")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("conv3-4 table=10x11 groups=2", "found groups= and table=, needed one of them"),
        ("conv3-4 table=10x11x11", "the table has 3 rows, needed a number that divides the 4 output maps"),
        ("conv3-4 table=10x111", "row 2 of the table, 111, has 3 digits, needed 2"),
        ("conv3-4 table=10x0", "row 2 of the table is all 0"),
        ("conv3-4 table=10x12", "needed rows of 0 and 1"),
        ("conv3-4 table=-1", "needed rows of 0 and 1"),
        ("conv3-4 table=1.0", "needed rows of 0 and 1"),
        ("conv3-4 table=1:0", "needed rows of 0 and 1"),
        ("conv3-4 table=same", "needed rows of 0 and 1"),
        ("conv3-4 bias=cells", "needed yes, no or cell"),
        ("conv3-4 bias=1", "needed yes, no or cell"),
        ("deconv3-4 bias=cell", "needed yes or no"),
        ("depthwise3 table=11", "unknown option `table=` on `depthwise`"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(text: str, problem: str) -> None:
    with pytest.raises(NotationError, match=problem) as caught:
        place(parse(text), (2, 8))
    assert "\n" not in caught.value.problem


def test_a_bias_per_cell_stays_before_bn() -> None:
    for text in ("conv3-4 bias=cell, bn", "depthwise3-4 bias=cell, bn", "conv3-4 bias=cell table=10x01, bn"):
        module = make_module(parse(text), (2, 6))[0]
        assert isinstance(module.get_submodule("cells"), CellBias)
        assert list(dict(module.named_parameters())) == ["conv.weight", "cells.bias"]
    assert make_module(parse("conv3-4 table=10x01, bn"), (2, 6))[0].bias is None


@pytest.mark.parametrize(
    ("text", "activation", "variance"),
    [
        ("conv5-64 table=11110000x00001111x11000011x00111100", "relu", 2 / (4 * 25)),
        ("conv5-64 table=11110000x00001111x11000011x00111100", "tanh", 2 / (4 * 25 + 32 * 25)),
        ("conv5-64 bias=cell", "relu", 2 / (8 * 25)),
    ],
)
def test_weights_begin_with_the_variance_of_what_is_summed(text: str, activation: str, variance: float) -> None:
    state = make_module(parse(f"{text}, {activation}"), (8, 6, 6))[0].state_dict()
    (weight,) = (values for name, values in state.items() if name.endswith("weight"))
    (bias,) = (values for name, values in state.items() if name.endswith("bias"))
    assert abs(weight.var() / variance - 1) < 0.05
    assert not bias.any()


def test_readers() -> None:
    assert read_table((1, 10, 0)) == ("01", "10", "00")
    assert [read_bias((word,)) for word in ("yes", "no", "cell")] == [True, False, "cell"]


def test_in_training_every_bias_gets_its_own_slope() -> None:
    module = make_module(parse("conv3-2/2 bias=cell"), (1, 6))
    module(torch.randn(5, 1, 6)).sum().backward()
    slope = module.get_parameter("conv1.cells.bias").grad
    assert slope is not None
    assert torch.equal(slope, torch.full((2, 3), 5.0))
