"""taps and unpool: layers that take what reaches them beside the main value (layers/carried.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from striate.nets.words.word import Plain, Shape, Word

if TYPE_CHECKING:
    from torch import nn


def _give_beside(plain: Plain, shape: Shape) -> Shape:
    return plain.beside


def _make_taps(plain: Plain, shape: Shape) -> nn.Module:
    from striate.layers import Taps

    return Taps()


def _make_unpool(plain: Plain, shape: Shape) -> nn.Module:
    from striate.layers import Unpool

    return Unpool()


TAPS = Word(_give_beside, _make_taps)
UNPOOL = Word(_give_beside, _make_unpool)
