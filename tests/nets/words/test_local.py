"""local as it is written: what it is built as, what it holds, how it begins, and what is refused."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from striate.errors import NetShapeError, NotationError, ShapeError
from striate.layers import LocalConv
from striate.measure import measure
from striate.nets import parse, place
from striate.nets.build import make_module


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.integers(4, 6), min_size=1, max_size=4),
    st.integers(1, 4),
    st.integers(1, 3),
    st.sampled_from(["same", "valid", "full", "causal", "1", "0:2"]),
    st.sampled_from([1, 2]),
    st.sampled_from(["", " bias=no", " bias=yes"]),
)
def test_shape_and_parameters_are_the_modules(
    extents: list[int], size: int, stride: int, pad: str, groups: int, bias: str
) -> None:
    text = f"local{size}-4/{stride} pad={pad} groups={groups}{bias}"
    (found,) = place(parse(text), (2, *extents))
    module = make_module(parse(text), (2, *extents))
    assert isinstance(module[0], LocalConv)
    assert module(torch.zeros(3, 2, *extents)).shape == (3, *found.output)
    assert found.parameters == sum(values.numel() for values in module.parameters())


@pytest.mark.parametrize("options", ["", "/2", " dilation=2", " pad=1x0:1", " groups=2"])
def test_shape_is_the_convolutions(options: str) -> None:
    (local,), (shared,) = (place(parse(f"{word}3x2-6{options}"), (4, 9, 7)) for word in ("local", "conv"))
    assert local.output == shared.output


def test_no_bias_directly_before_bn() -> None:
    for text, biased in (("local3-4, bn", False), ("local3-4, relu, bn", True), ("local3-4 bias=yes, bn", True)):
        assert (make_module(parse(text), (2, 6))[0].bias is not None) == biased


@pytest.mark.parametrize(("activation", "variance"), [("relu", 2 / 36), ("tanh", 2 / (36 + 72))])
def test_weights_begin_with_the_variance_of_a_convolution(activation: str, variance: float) -> None:
    module = make_module(parse(f"local3-8, {activation}"), (4, 16, 16))[0]
    assert isinstance(module, LocalConv)
    assert abs(module.weight.var() / variance - 1) < 0.03
    assert module.bias is not None
    assert not module.bias.any()


def test_one_product_multiplies() -> None:
    module = make_module(parse("local3-8/2 groups=2, relu"), (4, 9, 9))
    (counted,) = [row for row in measure(module, input=(4, 9, 9), batch=2).rows if row.multiplies]
    assert counted.multiplies == 2 * 5 * 5 * 8 * (4 // 2) * 9
    assert counted.name == "local1"


def test_another_input_is_refused() -> None:
    module = make_module(parse("local3-8"), (4, 9, 9))
    with pytest.raises(ShapeError, match="the input is 4x9x8, but the layer has weights for each cell of 4x9x9"):
        module(torch.zeros(1, 4, 9, 8))


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(NetShapeError, match="3 groups must divide"):
        place(parse("local3-4 groups=3"), (4, 9))
    with pytest.raises(NotationError, match="`local` has no size"):
        parse("local-4")
    with pytest.raises(NotationError, match="found `bias=cell` on `local`, needed yes or no"):
        place(parse("local3-4 bias=cell"), (4, 9))
    with pytest.raises(NetShapeError, match="2\\^40"):
        place(parse("local3-1000000"), (1000, 30, 30))
