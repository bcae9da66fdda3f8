from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
import torch
from torch import nn

import striate
from striate.errors import NetShapeError
from striate.nets import parse, place
from striate.nets.build import make_module


@pytest.mark.parametrize(
    ("text", "shape", "output"),
    [
        ("pixelshuffle2", (8, 5), (4, 10)),
        ("pixelshuffle2", (8, 5, 3), (2, 10, 6)),
        ("pixelshuffle2x3", (12, 5, 3), (2, 10, 9)),
        ("pixelshuffle2", (8, 1, 2, 3), (1, 2, 4, 6)),
        ("pixelshuffle2x1x1x2", (8, 1, 2, 2, 3), (2, 2, 2, 2, 6)),
    ],
)
def test_channels_become_cells(text: str, shape: tuple[int, ...], output: tuple[int, ...]) -> None:
    assert place(parse(text), shape)[0].output == output
    x = torch.arange(float(torch.Size(shape).numel())).reshape(1, *shape)
    found = make_module(parse(text), shape)(x)
    assert found.shape == (1, *output)
    assert torch.equal(found.flatten().sort().values, x.flatten())
    assert found.flatten()[0] == 0


def test_in_two_axes_it_is_an_ordinary_layer() -> None:
    assert type(make_module(parse("pixelshuffle3"), (9, 2, 2))[0]) is nn.PixelShuffle


@pytest.mark.parametrize("shape", [(6, 4), (6, 2, 3), (6, 2, 3, 2), (6, 2, 1, 2, 2)])
@pytest.mark.parametrize("groups", [1, 2, 3])
def test_channels_are_dealt_out(shape: tuple[int, ...], groups: int) -> None:
    module = make_module(parse(f"channelshuffle groups={groups}"), shape)
    x = torch.randn(2, *shape)
    found, size = module(x), 6 // groups
    assert place(parse(f"channelshuffle groups={groups}"), shape)[0].output == shape
    for group, member in product(range(groups), range(size)):
        assert torch.equal(found[:, member * groups + group], x[:, group * size + member])


def test_what_does_not_fit_is_refused() -> None:
    for text, shape, problem in (
        ("pixelshuffle2x3", (8, 5, 5), "a block of 2x3 cells takes 6 channels, which must divide the 8 of 8x5x5"),
        ("pixelshuffle2x3", (6, 5), "size 2x3 is for 2 axes, needed 1 as the input has"),
        ("pixelshuffle2", (8,), "found the flat shape 8, needed channels x extents"),
        ("channelshuffle", (8, 5), r"found no number of groups, needed one\. Write `channelshuffle groups=4`"),
        ("channelshuffle groups=3", (8, 5), r"3 groups must divide the 8 channels of 8x5\. Choose"),
        ("channelshuffle groups=2", (8,), "found the flat shape 8, needed channels x extents"),
    ):
        with pytest.raises(NetShapeError, match=problem):
            place(parse(text), shape)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_measured(axes: int) -> None:
    extents = (5, 4, 3)[:axes]
    table = striate.measure("conv3-16, channelshuffle groups=4, pixelshuffle2", input=(16, *extents))
    assert {row.status for row in table.rows} == {"exact"}
    conv, shuffled, *_, last = table.rows
    assert (shuffled.name, shuffled.kind, last.name) == ("channelshuffle1", "channelshuffle", "pixelshuffle1")
    assert shuffled.field == conv.field
    assert last.output == (16 // 2**axes, *(2 * extent for extent in extents))
    assert last.field is not None
    assert last.field.size == (3,) * axes
    assert last.field.step == (Fraction(1, 2),) * axes
