"""scale: a coefficient and a bias per channel that are learned, or one fixed factor.

After an average pool it is the subsampling of LeNet-5 (LeCun et al. 1998); `init=1e-6 bias=no` is LayerScale (Touvron
et al. 2021).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from striate.errors import ShapeError
from striate.nets.words.word import Plain, Shape, Word, read_signed, read_yes

if TYPE_CHECKING:
    from torch import nn


def _scale(plain: Plain, shape: Shape) -> Shape:
    learned = [key for key in ("init", "bias") if key in plain.options]
    if learned and "by" in plain.options:
        raise ShapeError(
            f"found `by=` beside `{learned[0]}=`, needed a fixed factor or learned coefficients. Take one away"
        )
    return shape


def _make_scale(plain: Plain, shape: Shape) -> nn.Module:
    from striate.layers import ChannelScale, FixedScale

    if "by" in plain.options:
        return FixedScale(plain.options["by"])
    return ChannelScale(shape[0], initial=plain.options.get("init", 1.0), bias=plain.bias)


def _count_parameters(plain: Plain, shape: Shape) -> int:
    return 0 if "by" in plain.options else shape[0] * (1 + plain.bias)


SCALE = Word(_scale, _make_scale, _count_parameters, options={"init": read_signed, "bias": read_yes, "by": read_signed})
