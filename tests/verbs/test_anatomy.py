from __future__ import annotations

import pytest

from striate.nets import parse, place
from striate.nets.build import make_module
from striate.verbs.anatomy import describe_layers


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("conv2-24 pad=valid, gelu, conv3-8, bn, gap, flatten, fc-classes", (3, 8, 8)),
        ("conv3-7 bias=no, bn, flatten, fc-classes", (2, 9)),
        ("conv3-4, bn, flatten, fc-classes", (2, 4, 4, 4)),
    ],
)
def test_the_first_kernels_are_those_of_the_module(text: str, shape: tuple[int, ...]) -> None:
    layers = describe_layers(place(parse(text), shape, 3))
    first = make_module(parse(text), shape, 3)[0]
    weight = first.get_parameter("weight")
    assert (layers.kernels, layers.taps) == (len(weight), weight[0].numel())
    assert layers.biased == (getattr(first, "bias", None) is not None)


@pytest.mark.parametrize(
    "text", ["flatten, fc-9, fc-classes", "depthwise3, flatten, fc-classes", "gap, flatten, fc-classes"]
)
def test_a_first_layer_that_is_no_plain_convolution_has_none(text: str) -> None:
    assert describe_layers(place(parse(text), (2, 6, 6), 3)).kernels == 0


def test_norms_depth_and_the_factor_at_the_end() -> None:
    layers = describe_layers(
        place(parse("conv3-4, gn groups=2, scale by=5, flatten, fc-classes, scale by=0.25"), (2, 6), 3)
    )
    assert (layers.normalised, layers.batch_norms, layers.depth, layers.features, layers.gain) == (
        True,
        False,
        2,
        24,
        0.25,
    )
    assert describe_layers(place(parse("conv3-4, bn, flatten, fc-classes"), (2, 6), 3)).batch_norms
    assert not describe_layers(place(parse("conv3-4, flatten, fc-classes"), (2, 6), 3)).normalised
