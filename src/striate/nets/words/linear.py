"""fc: every output sees every input."""

from __future__ import annotations

from typing import TYPE_CHECKING

from striate.arithmetic import count_linear_parameters
from striate.errors import ShapeError
from striate.nets.words.word import Plain, Shape, Word, read_yes, write_shape

if TYPE_CHECKING:
    from torch import nn


def _connect(plain: Plain, shape: Shape) -> Shape:
    if len(shape) > 1:
        raise ShapeError(
            f"found {write_shape(shape)}, needed a flat input. Put `flatten` (or `gap, flatten`) before it"
        )
    return (_find_outputs(plain),)


def _find_outputs(plain: Plain) -> int:
    return plain.channels or 0


def _make_linear(plain: Plain, shape: Shape) -> nn.Module:
    from torch import nn

    return nn.Linear(shape[0], _find_outputs(plain), bias=plain.bias)


def _count_parameters(plain: Plain, shape: Shape) -> int:
    return count_linear_parameters(shape[0], _find_outputs(plain), bias=plain.bias)


FC = Word(_connect, _make_linear, _count_parameters, channels="required", options={"bias": read_yes})
