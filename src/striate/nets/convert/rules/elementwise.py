"""Calls that work on each number alone: activations, arithmetic with one number, dropout, changes of type."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from striate.nets.convert.flow import Flow
from striate.nets.convert.rules.rule import CallRule, ModuleRule
from striate.nets.convert.site import Site


def keep_call(site: Site, module: nn.Module | None = None) -> Flow:
    """The call as it is, whether its input is a map or flat."""
    return site.keep(site.take())


def drop_call(site: Site, module: nn.Module | None = None) -> Flow:
    """Nothing at all: the call gives what it is given."""
    return site.take()


KINDS = (
    "CELU Dropout AlphaDropout ELU GELU Hardshrink Hardsigmoid Hardswish Hardtanh LeakyReLU LogSigmoid Mish ReLU ReLU6 "
    "RReLU SELU Sigmoid SiLU Softplus Softshrink Softsign Tanh Tanhshrink Threshold"
)
NAMES = (
    "abs acos alpha_dropout asin atan ceil celu clamp clamp_max clamp_min clip clone contiguous cos detach double "
    "elu erf exp expm1 float floor gelu half hardshrink hardsigmoid hardswish hardtanh leaky_relu log log10 "
    "log1p log2 logsigmoid mish nan_to_num neg negative positive reciprocal relu relu6 round rrelu rsqrt selu sigmoid "
    "sign silu sin softplus softshrink softsign sqrt square tan tanh tanhshrink threshold to type type_as"
)


def _gather_functions() -> dict[Any, CallRule]:
    spaces = (torch, F)
    names = [name + end for name in NAMES.split() for end in ("", "_")]
    found = {getattr(space, name) for space in spaces for name in names if callable(getattr(space, name, None))}
    return dict.fromkeys(found, keep_call)


MODULES: dict[type[nn.Module], ModuleRule] = {
    nn.Identity: drop_call,
    **dict.fromkeys((getattr(nn, name) for name in KINDS.split()), keep_call),
}
FUNCTIONS: dict[Any, CallRule] = _gather_functions()
METHODS: dict[str, CallRule] = {name + end: keep_call for name in NAMES.split() for end in ("", "_")}
