"""Rules for norms: an affine step, of which mean and spread are held fixed.

After a sum a norm is folded into it, so that a negative scale turns for into against; else it passes on cell by cell.

Source:  Montavon et al. 2019, doi:10.1007/978-3-030-28954-6_10 (folding); Achtibat et al. 2024, arXiv:2402.05602
         (passing on).
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

import torch
from torch import Tensor

from striate.explain.relevance.call import Call, depends
from striate.explain.relevance.share import Share, carry
from striate.explain.relevance.sums import follow

Find = Callable[[Call], Tensor]


def normalise(names: tuple[str, ...], find: Callable[[dict[str, Any]], Tensor]) -> Callable[[Call], Tensor]:
    """The rule of a norm with these arguments; `find` finds what it multiplies its input by."""

    def handle(call: Call) -> Tensor:
        given = call.bind(*names)
        if not isinstance(call.func, FunctionType) or depends(given.get("weight")) or depends(given.get("bias")):
            raise call.refuse("it was called by a name that isn't public, or its scale depends on the network's input")
        with torch.no_grad():
            scale = find(given)
        return follow(call, given["input"], scale)

    return handle


def scale_batch(given: dict[str, Any]) -> Tensor:
    """Of a batch norm; with no running figures (or in training) those of the batch."""
    x: Tensor = given["input"]
    running: Tensor | None = given["running_var"]
    axes = [axis for axis in range(x.ndim) if axis != 1]
    spread = x.var(axes, unbiased=False) if given["training"] or running is None else running
    return _by_channel(given["weight"], (spread + _eps(given)).rsqrt(), x)


def scale_instance(given: dict[str, Any]) -> Tensor:
    """Of an instance norm."""
    x: Tensor = given["input"]
    if given["use_input_stats"] is False:
        return _by_channel(given["weight"], (given["running_var"] + _eps(given)).rsqrt(), x)
    spread = x.var(list(range(2, x.ndim)), unbiased=False, keepdim=True)
    return _by_channel(given["weight"], x.new_ones(x.shape[1]), x) * (spread + _eps(given)).rsqrt()


def scale_group(given: dict[str, Any]) -> Tensor:
    """Of a group norm."""
    x: Tensor = given["input"]
    groups = x.reshape(len(x), given["num_groups"], -1)
    spread = groups.var(2, unbiased=False).repeat_interleave(x.shape[1] // given["num_groups"], 1)
    whole = _times((spread + _eps(given)).rsqrt(), given["weight"])
    return whole.reshape(*whole.shape, *[1] * (x.ndim - 2))


def scale_layer(given: dict[str, Any]) -> Tensor:
    """Of a layer norm."""
    x: Tensor = given["input"]
    axes = list(range(-len(given["normalized_shape"]), 0))
    scale = (x.var(axes, unbiased=False, keepdim=True) + _eps(given)).rsqrt()
    return _times(scale, given["weight"])


def scale_root(given: dict[str, Any]) -> Tensor:
    """Of a norm by the root of the mean square."""
    x: Tensor = given["input"]
    eps = torch.finfo(x.dtype).eps if given["eps"] is None else given["eps"]
    scale = (x.square().mean(list(range(-len(given["normalized_shape"]), 0)), keepdim=True) + eps).rsqrt()
    return _times(scale, given["weight"])


def pass_response(call: Call) -> Tensor:
    """A norm that only divides: what it divides gets all."""
    source = call.source()
    return carry(Share([source], lambda relevance: [relevance], call.layer), call.value())


def _by_channel(weight: Tensor | None, scale: Tensor, x: Tensor) -> Tensor:
    return _times(scale, weight).reshape(1, -1, *[1] * (x.ndim - 2))


def _times(scale: Tensor, weight: Tensor | None) -> Tensor:
    return scale if weight is None else scale * weight


def _eps(given: dict[str, Any]) -> float:
    return 1e-5 if given["eps"] is None else float(given["eps"])
