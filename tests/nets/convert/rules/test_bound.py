"""Layers that are bound to a place are refused by their name."""

from __future__ import annotations

import pytest
from torch import nn

from striate.errors import InputError
from striate.layers import KMaxPool
from striate.layers.cellbias import CellBias
from striate.layers.local import LocalConv
from striate.nets.convert import fully_convolutional


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (LocalConv(2, 2, (6,), 3), r"0 \(LocalConv\): has weights of its own for each place, .*Use a convolution"),
        (CellBias(2, (6,)), r"0 \(CellBias\): has a bias of its own for each place, .*one bias for each map"),
        (KMaxPool(2), r"0 \(KMaxPool\): picks the largest of the whole window, .*Use a max pool"),
        (nn.GroupNorm(2, 2), r"0 \(GroupNorm\): normalises by what the whole map holds, .*Use bn"),
        (nn.InstanceNorm1d(2), r"0 \(InstanceNorm1d\): normalises by what the whole map holds"),
    ],
)
def test_it_is_told_by_name(layer: nn.Module, said: str) -> None:
    with pytest.raises(InputError, match=said):
        fully_convolutional(nn.Sequential(layer, nn.Flatten()), (2, 6))
