from __future__ import annotations

import pytest
import torch

import striate
from striate.errors import NetShapeError
from striate.nets import parse, place
from striate.nets.build import make_module

SHAPES = [(6, 7), (6, 3, 7), (6, 2, 3, 7), (6, 2, 1, 3, 7)]


@pytest.mark.parametrize("shape", [(6,), *SHAPES])
def test_maxout_halves_the_channels(shape: tuple[int, ...]) -> None:
    x = torch.randn(2, *shape)
    found = make_module(parse("maxout2"), shape)(x)
    assert place(parse("maxout2"), shape)[0].output == found.shape[1:] == (3, *shape[1:])
    assert torch.equal(found, torch.maximum(x[:, ::2], x[:, 1::2]))


@pytest.mark.parametrize("shape", SHAPES)
def test_kmaxpool_keeps_cells_of_the_last_axis(shape: tuple[int, ...]) -> None:
    x = torch.randn(2, *shape)
    found = make_module(parse("kmaxpool3"), shape)(x)
    assert place(parse("kmaxpool3"), shape)[0].output == found.shape[1:] == (*shape[:-1], 3)
    kept = (x[..., None] == found[..., None, :]).any(-1)  # normal values: no two are equal
    assert torch.equal(x[kept].reshape(found.shape), found)
    assert (x.masked_fill(kept, -torch.inf).amax(-1) < found.amin(-1)).all()


def test_what_does_not_fit_is_refused() -> None:
    for text, shape, problem in (
        ("maxout4", (6, 5), r"4 must divide the 6 channels of 6x5, of which the largest of every 4 passes\. Choose"),
        ("maxout2x3", (6, 5), r"found the size 2x3, needed one number\. Write `maxout3`"),
        ("kmaxpool6", (6, 9, 5), r"the last axis of 6x9x5 has 5 cells, needed 6 at least\. Keep fewer"),
        ("kmaxpool2x2", (6, 9, 5), r"found the size 2x2, needed one number\. Write `kmaxpool3`"),
        ("kmaxpool2", (6,), "found the flat shape 6, needed channels x extents"),
    ):
        with pytest.raises(NetShapeError, match=problem):
            place(parse(text), shape)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_measured(axes: int) -> None:
    shape = (4, *(9, 8, 7)[-axes:])
    table = striate.measure("conv3-4, maxout2, kmaxpool3", input=shape)
    rows = [row for row in table.rows if row.name in ("maxout1", "kmaxpool1")]
    assert {row.status for row in rows} == {"exact"}
    assert rows[-1].output == (2, *shape[1:-1], 3)
    assert rows[0].field is not None
    assert rows[0].field.size == (3,) * axes
    if axes == 1:  # the whole input
        assert rows[-1].field is None
    else:
        assert rows[-1].field is not None
        assert rows[-1].field.size == (*(3,) * (axes - 1), 7)
        assert rows[-1].field.step == (*(1,) * (axes - 1), 0)
    assert table.multiplies == striate.measure("conv3-4", input=shape).multiplies
