from __future__ import annotations

import pytest
import torch
from torch import nn

import striate
from striate.errors import NetShapeError, NotationError
from striate.nets import parse, place
from striate.nets.build import make_module

SHAPES = [(6,), (6, 4), (6, 3, 2), (6, 2, 3, 2), (6, 2, 1, 2, 2)]


def build(text: str, *shape: int) -> nn.Module:
    """The one layer of this text."""
    return make_module(parse(text), shape)[0]


@pytest.mark.parametrize("shape", SHAPES)
def test_it_begins_with_what_was_given(shape: tuple[int, ...]) -> None:
    x = torch.randn(2, *shape)
    assert torch.equal(build("scale", *shape)(x), x)
    assert torch.equal(build("scale init=0.25", *shape)(x), x / 4)
    assert torch.equal(build("scale init=-2 bias=no", *shape)(x), -2 * x)
    assert torch.equal(build("scale by=-0.5", *shape)(x), -x / 2)
    assert torch.equal(build("scale by=0", *shape)(x), torch.zeros_like(x))
    assert place(parse("scale"), shape)[0].output == shape


@pytest.mark.parametrize(
    ("text", "count"), [("scale", 12), ("scale bias=no", 6), ("scale init=1e-6 bias=no", 6), ("scale by=3", 0)]
)
def test_parameters(text: str, count: int) -> None:
    assert place(parse(text), (6, 4, 4))[0].parameters == count
    assert sum(values.numel() for values in build(text, 6, 4, 4).parameters()) == count


def test_before_bn_it_keeps_its_bias() -> None:
    assert place(parse("scale, bn"), (6, 4))[0].parameters == 12


def test_lenets_subsampling() -> None:
    """Its S2 has 12 trainable parameters, its S4 32 (LeCun et al. 1998, sec. II.B)."""
    rows = place(parse("avgpool2, scale, tanh"), (6, 28, 28))
    assert [row.parameters for row in rows] == [0, 12, 0]
    assert place(parse("avgpool2, scale"), (16, 10, 10))[1].parameters == 32


def test_what_does_not_go_together_is_refused() -> None:
    for option in ("init=1", "bias=no"):
        with pytest.raises(NetShapeError, match=f"found `by=` beside `{option.split('=')[0]}=`, needed a fixed factor"):
            place(parse(f"scale by=2 {option}"), (6, 4))
    for value in ("half", "1x2", "1:2"):
        with pytest.raises(NotationError, match=f"found `by={value}` on `scale`, needed a number"):
            place(parse(f"scale by={value}"), (6, 4))


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("text", ["scale", "scale bias=no", "scale by=0.1"])
def test_measured(text: str, axes: int) -> None:
    shape = (4, *(6, 5, 4)[:axes])
    conv, scale = striate.measure(f"conv3-4, {text}", input=shape).rows
    assert (scale.name, scale.status, scale.multiplies, scale.output) == ("scale1", "exact", 0, shape)
    assert scale.parameters == {"scale": 8, "scale bias=no": 4, "scale by=0.1": 0}[text]
    assert scale.field == conv.field
