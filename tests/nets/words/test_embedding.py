from __future__ import annotations

import pytest
import torch

import striate
from striate.errors import NetShapeError
from striate.nets import parse, place
from striate.nets.build import make_module

EXTENTS = [(), (4,), (2, 3), (2, 1, 3), (2, 1, 2, 2)]


@pytest.mark.parametrize("extents", EXTENTS)
def test_a_symbol_becomes_a_vector(extents: tuple[int, ...]) -> None:
    module = make_module(parse("embed7-5"), (1, *extents))
    x = torch.randint(0, 7, (3, 1, *extents))
    (found,) = place(parse("embed7-5"), (1, *extents))
    assert found.output == module(x).shape[1:] == (5, *extents)
    assert torch.equal(module(x), module(x.float()))
    assert found.parameters == 35 == sum(values.numel() for values in module.parameters())


def test_vectors_begin_with_variance_one() -> None:
    weight = next(make_module(parse("embed200-100"), (1, 4)).parameters()).detach()
    assert weight.shape == (200, 100)
    assert float(weight.mean()) == pytest.approx(0, abs=0.03)
    assert float(weight.var()) == pytest.approx(1, abs=0.03)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(NetShapeError, match="found 3 channels in 3x8, needed 1, of whole numbers"):
        place(parse("embed7-5"), (3, 8))
    with pytest.raises(NetShapeError, match="found the size 7x7, needed one number"):
        place(parse("embed7x7-5"), (1, 8))


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_measured(axes: int) -> None:
    extents = (6, 5, 4)[:axes]
    embed, conv = striate.measure("embed7-5, conv3-2", input=(1, *extents)).rows
    assert (embed.kind, embed.status, embed.parameters, embed.multiplies) == ("embed", "exact", 35, 0)
    assert embed.output == (5, *extents)
    assert embed.field is not None
    assert embed.field.size == (1,) * axes
    assert conv.field is not None
    assert conv.field.size == (3,) * axes
