from __future__ import annotations

import pytest

from striate.nets import list_layers, parse, place
from striate.nets.words.word import Plain


def find_settled(text: str, input: tuple[int, ...] = (4, 8, 8)) -> list[Plain]:
    """The layers with weights of their own, in the order of the text."""
    placed = list_layers(place(parse(text), input))
    layers = [found.part for _, found in placed if isinstance(found.part, Plain)]
    return [layer for layer in layers if layer.word in ("conv", "deconv", "depthwise", "local", "fc")]


@pytest.mark.parametrize(
    ("text", "biases"),
    [
        ("conv3-4", [True]),
        ("conv3-4, bn", [False]),
        ("deconv2-4/2, bn", [False]),
        ("depthwise3, bn", [False]),
        ("conv3-4, relu, bn", [True]),
        ("conv3-4, ln, bn", [True]),
        ("flatten, fc-4, bn", [True]),
        ("conv3-4 bias=yes, bn", [True]),
        ("conv3-4 bias=cell, bn", [True]),
        ("depthwise3 bias=cell, bn", [True]),
        ("conv3-4 table=1100x0011, bn", [False]),
        ("local3-4, bn", [False]),
        ("local3-4 bias=yes, bn", [True]),
        ("conv3-4 bias=no", [False]),
        ("flatten, fc-4 bias=no", [False]),
        ("conv3-4, [bn, relu]", [False]),
        ("[conv3-4], bn", [False]),
        ("def f = bn, relu\nconv3-4, f", [False]),
        ("def f = conv3-4\nf, bn", [False]),
        ("def f = conv3-4\ndef g = f\ng, bn", [False]),
        ("def f = relu*0\nconv3-4, f, bn", [False]),
        ("conv3-4, relu*0, bn", [False]),
        ("[bn, conv3-4]*3", [False, False, True]),
        ("def f = bn, conv3-4\nf*2, bn", [False, False]),
        ("add[conv3-4 | conv1-4], bn", [True, True]),
        ("add[conv3-4, bn | conv1-4]", [False, True]),
        ("conv3-4, add[bn | ]", [True]),
        ("conv3-4, add[bn | ], bn", [True]),
    ],
)
def test_no_bias_directly_before_bn(text: str, biases: list[bool]) -> None:
    assert [layer.bias for layer in find_settled(text)] == biases


@pytest.mark.parametrize(
    ("text", "activations"),
    [
        ("conv3-4", [None]),
        ("conv3-4, relu", ["relu"]),
        ("conv3-4, bn, maxpool2, tanh", ["tanh"]),
        ("conv3-4, conv3-4, relu", [None, "relu"]),
        ("conv3-4, bn, depthwise3, bn, relu", [None, "relu"]),
        ("conv3-4, add[conv3-4 | ], relu", [None, "relu"]),
        ("conv3-4, gelu, conv3-4, sigmoid", ["gelu", "sigmoid"]),
        ("def f = conv3-4, silu\nf, conv3-4", ["silu", None]),
        ("add[conv3-4, bn | ], relu", ["relu"]),
        ("add[conv3-4, tanh | conv3-4], relu", ["tanh", "relu"]),
        ("conv3-4, cat[gelu | ], relu", ["gelu"]),
        ("conv3-4, cat[ | ], relu", ["relu"]),
        ("gap, flatten, fc-4, relu6, fc-4, softmax", ["relu6", "softmax"]),
    ],
)
def test_the_activation_that_follows(text: str, activations: list[str | None]) -> None:
    assert [layer.activation for layer in find_settled(text)] == activations
