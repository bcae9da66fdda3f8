"""The activations: value by value, without parameters; softmax over the channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from striate.nets.words.word import Plain, Shape, Word, keep_shape

if TYPE_CHECKING:
    from torch import nn


def _make_activation(plain: Plain, shape: Shape) -> nn.Module:
    from torch import nn

    classes = {
        "relu": nn.ReLU,
        "relu6": nn.ReLU6,
        "gelu": nn.GELU,
        "silu": nn.SiLU,
        "tanh": nn.Tanh,
        "sigmoid": nn.Sigmoid,
    }
    return nn.Softmax(dim=1) if plain.word == "softmax" else classes[plain.word]()


ACTIVATION = Word(keep_shape, _make_activation)
