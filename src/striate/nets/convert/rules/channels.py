"""Calls that work at each position across the channels: norms by channel, softmax, shuffles, scales."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from striate.layers import BatchNormNd, CellEmbedding, ChannelNorm, ChannelScale, FixedScale, Maxout
from striate.nets.convert.flow import Flow
from striate.nets.convert.rewriting import hand_over
from striate.nets.convert.rules.elementwise import keep_call
from striate.nets.convert.rules.rule import CallRule, ModuleRule
from striate.nets.convert.site import Site


def take_rows(site: Site) -> Flow:
    """The input with its channels where the original has them: a map, or a flat row laid into the channels."""
    flow = site.take()
    if not (flow.is_map or flow.is_flat):
        site.refuse("finds the channels elsewhere than behind the batch")
    return flow if flow.is_map else site.unfold(flow)


def keep_rows(site: Site, module: Any = None) -> Flow:
    """The call as it is, on the channels of each position."""
    before, flow = site.take(), take_rows(site)
    if flow.node is before.node:
        return site.keep(flow, channels=site.shape[0])
    node = site.insert(flow, lambda: module, None) if module is not None else site.refuse("works on a flattened map")
    return Flow(node, site.shape[0], flow.axes, site.shape)


def normalise(site: Site, module: _BatchNorm) -> Flow:
    """Batch norm; of flat features it becomes the one over maps."""
    flow = take_rows(site)
    kind = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, BatchNormNd)[min(len(flow.axes), 4) - 1]
    if isinstance(module, kind | nn.SyncBatchNorm | BatchNormNd):
        return keep_rows(site, module)

    def make() -> nn.Module:
        flags = {"affine": module.affine, "track_running_stats": module.track_running_stats}
        with torch.device("meta"):
            made = kind(module.num_features, module.eps, module.momentum, **flags)
        return hand_over(module, made)

    return Flow(site.insert(flow, make, kind), flow.channels, flow.axes, site.shape)


def normalise_row(site: Site, module: nn.LayerNorm) -> Flow:
    """Layer norm of flat features: over the channels of each position."""
    flow = site.take()
    if not flow.is_flat or len(module.normalized_shape) != 1:
        site.refuse("normalises by what the whole map holds", "Use bn, or a norm over the channels of each position")
    row = site.unfold(flow)

    def make() -> nn.Module:
        with torch.device("meta"):
            made = ChannelNorm(row.channels, module.eps)
        for name in ("weight", "bias"):
            setattr(made, name, None)
        return hand_over(module, made)

    return Flow(site.insert(row, make, "channels"), row.channels, row.axes, site.shape)


def choose(kind: type[nn.Softmax] | type[nn.LogSoftmax]) -> ModuleRule:
    """A softmax across the channels."""

    def write(site: Site, module: Any = None) -> Flow:
        dim = module.dim if module is not None else site.get(1, "dim")
        flow, axes = take_rows(site), 1 + len(site.shape)
        told = dim if dim is not None else (0 if axes == 3 else 1)  # torch's choice where it is told nothing
        if told % axes != 1:
            site.refuse("runs along an axis of the map", "Let it run over the channels, dim=1")
        return Flow(site.insert(flow, lambda: kind(1), kind), flow.channels, flow.axes, site.shape)

    return write


def drop_out(kind: type[nn.Module]) -> CallRule:
    """`F.dropout(x, training=self.training)` as a module, which heeds the mode that it is in later."""

    def write(site: Site) -> Flow:
        flow, training = site.take(), site.get(2, "training", True)
        flow = flow if kind is nn.Dropout else take_rows(site)
        if training != site.rewriting.root.training:  # not the module's own mode: always on, or always off
            return site.keep(flow)
        share = site.get(1, "p", 0.5)
        return Flow(site.insert(flow, lambda: kind(share), share), flow.channels, flow.axes, site.shape)

    return write


def _call(rule: ModuleRule) -> CallRule:
    return lambda site: rule(site, None)


AT_EACH_POSITION = (
    *(nn.PReLU, nn.LocalResponseNorm, nn.CrossMapLRN2d, nn.ChannelShuffle, nn.Softmax2d),
    *(nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.FeatureAlphaDropout),
    *(ChannelNorm, ChannelScale, Maxout, CellEmbedding),
)
MODULES: dict[type[nn.Module], ModuleRule] = {
    **dict.fromkeys(AT_EACH_POSITION, keep_rows),
    FixedScale: keep_call,
    _BatchNorm: normalise,
    nn.LayerNorm: normalise_row,
    nn.Softmax: choose(nn.Softmax),
    nn.LogSoftmax: choose(nn.LogSoftmax),
}
FUNCTIONS: dict[Any, CallRule] = {
    **dict.fromkeys((F.prelu, F.local_response_norm), keep_rows),
    F.dropout: drop_out(nn.Dropout),
    F.dropout1d: drop_out(nn.Dropout1d),
    F.dropout2d: drop_out(nn.Dropout2d),
    F.dropout3d: drop_out(nn.Dropout3d),
    **dict.fromkeys((F.softmax, torch.softmax), _call(choose(nn.Softmax))),
    **dict.fromkeys((F.log_softmax, torch.log_softmax), _call(choose(nn.LogSoftmax))),
}
METHODS: dict[str, CallRule] = {
    "softmax": _call(choose(nn.Softmax)),
    "log_softmax": _call(choose(nn.LogSoftmax)),
}
