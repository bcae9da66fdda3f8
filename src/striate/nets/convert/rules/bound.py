"""Layers that are bound to a place, or to the whole of one input: they can't slide, and are told by name."""

from __future__ import annotations

from typing import Any

from torch import nn

from striate.layers import KMaxPool
from striate.layers.cellbias import CellBias
from striate.layers.local import LocalConv
from striate.nets.convert.flow import Flow
from striate.nets.convert.rules.rule import CallRule, ModuleRule
from striate.nets.convert.site import Site


def _refuse(found: str, way_out: str) -> ModuleRule:
    def write(site: Site, module: Any) -> Flow:
        return site.refuse(found, way_out)

    return write


NORMS = (nn.GroupNorm, nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d)
RECURRENT = (nn.RNN, nn.LSTM, nn.GRU)
MODULES: dict[type[nn.Module], ModuleRule] = {
    **dict.fromkeys(
        NORMS,
        _refuse("normalises by what the whole map holds", "Use bn, or a norm over the channels of each position"),
    ),
    **dict.fromkeys(RECURRENT, _refuse("goes from cell to cell and has no fixed field", "Run the crops one by one")),
    nn.MultiheadAttention: _refuse("lets every cell see the whole window", "Run the crops one by one"),
    KMaxPool: _refuse("picks the largest of the whole window", "Use a max pool of fixed windows"),
    LocalConv: _refuse("has weights of its own for each place", "Use a convolution"),
    CellBias: _refuse("has a bias of its own for each place", "Use one bias for each map"),
}
FUNCTIONS: dict[Any, CallRule] = {}
METHODS: dict[str, CallRule] = {}
