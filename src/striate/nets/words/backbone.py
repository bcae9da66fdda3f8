"""timm and torchvision: a trained network of another library, without its head, as one layer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from striate.nets.backbones import inspect_backbone, make_stand_in
from striate.nets.words.word import Plain, Settled, Shape, Word, read_yes

if TYPE_CHECKING:
    from torch import nn

_NAMED = re.compile(r"(timm|torchvision):[A-Za-z]\w*(\.\w+)?")


def is_backbone(text: str) -> bool:
    """Whether a text is a backbone's name alone.

    >>> is_backbone("timm:resnet18.a1_in1k"), is_backbone("torchvision.models:resnet18")
    (True, False)
    """
    return _NAMED.fullmatch(text) is not None


def read_weights(values: Settled) -> bool | str:
    """`yes`, `no`, or the name of some weights; which of them there are is the library's to say."""
    if len(values) == 1 and isinstance(values[0], str):
        return {"yes": True, "no": False}.get(values[0], values[0])
    raise ValueError("yes, no, or a name such as IMAGENET1K_V1")


def _give_features(plain: Plain, shape: Shape) -> Shape:
    return (inspect_backbone(plain, shape).features,)


def _count_parameters(plain: Plain, shape: Shape) -> int:
    return inspect_backbone(plain, shape).parameters


def _make_backbone(plain: Plain, shape: Shape) -> nn.Module:
    """The layers alone: `build` puts the real module in its place, whose constructor computes what it needs."""
    return make_stand_in(plain)


TIMM = Word(_give_features, _make_backbone, _count_parameters, name="required", options={"weights": read_yes})
TORCHVISION = Word(
    _give_features, _make_backbone, _count_parameters, name="required", options={"weights": read_weights}
)
