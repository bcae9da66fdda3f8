from __future__ import annotations

from fractions import Fraction

import pytest
import torch

import striate
from striate.errors import NetShapeError, NotationError
from striate.nets import parse, place
from striate.nets.build import make_module


@pytest.mark.parametrize(
    ("text", "extents", "cut"),
    [
        ("crop2", (7,), [(2, 2)]),
        ("crop1", (5, 6), [(1, 1), (1, 1)]),
        ("crop2x1", (5, 6), [(2, 2), (1, 1)]),
        ("crop pad=0:1", (5, 6), [(0, 1), (0, 1)]),
        ("crop pad=0x1:2x1", (2, 4, 5), [(0, 0), (1, 2), (1, 1)]),
        ("crop pad=1x0x0:2x2:0", (3, 2, 3, 4), [(1, 1), (0, 0), (0, 2), (2, 0)]),
    ],
)
def test_cells_are_cut_at_the_ends(text: str, extents: tuple[int, ...], cut: list[tuple[int, int]]) -> None:
    x = torch.randn(2, 3, *extents)
    found = make_module(parse(text), (3, *extents))(x)
    expected = x
    for axis, (before, after) in enumerate(cut, 2):
        expected = expected.index_select(axis, torch.arange(before, x.shape[axis] - after))
    assert torch.equal(found, expected)
    assert place(parse(text), (3, *extents))[0].output == found.shape[1:]


def test_u_nets_valid_form_meets() -> None:
    """Skip the cells that the valid convolutions and the pool's window leave out on both sides."""
    text = "cat[crop4 | maxpool2, conv3-8 pad=valid, conv3-8 pad=valid, deconv2-4/2]"
    assert place(parse(text), (4, 16, 20))[-1].output == (8, 8, 12)
    assert make_module(parse(text), (4, 16, 20))(torch.randn(1, 4, 16, 20)).shape == (1, 8, 8, 12)


def test_what_does_not_fit_is_refused() -> None:
    for text, shape, problem in (
        ("crop2x3", (1, 9, 6), r"nothing of 1x9x6 would be left\. Cut less"),
        ("crop", (1, 9), r"found neither a size nor `pad=`, needed one of them\. Write `crop4`, or `crop pad=0:1`"),
        ("crop2 pad=1", (1, 9), "found both a size and `pad=`, needed one of them"),
        ("crop1x1", (1, 9), "size 1x1 is for 2 axes, needed 1"),
        ("crop pad=1x1", (1, 9), "pad 1x1 is for 2 axes, needed 1"),
        ("crop1", (9,), "found the flat shape 9"),
    ):
        with pytest.raises(NetShapeError, match=problem):
            place(parse(text), shape)
    for value in ("same", "-1", "0:-1", "1.5"):
        with pytest.raises(NotationError, match=f"found `pad={value}` on `crop`, needed a whole number from 0"):
            place(parse(f"crop pad={value}"), (1, 9))


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_measured(axes: int) -> None:
    table = striate.measure("conv3-2/2, crop pad=1:2", input=(1, *(16, 14, 12)[:axes]))
    assert {row.status for row in table.rows} == {"exact"}
    assert {row.kind for row in table.rows if row.name == "crop1"} == {"crop"}
    assert table.rows[-1].output == (2, *(5, 4, 3)[:axes])
    field = table.rows[-1].field
    assert field is not None
    assert (field.size, field.step, field.offset) == ((3,) * axes, (Fraction(2),) * axes, (1,) * axes)
