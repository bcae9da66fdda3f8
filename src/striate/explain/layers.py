"""Which layer a heat is read from: the last one that still has places, or the named one, if it can be read."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvTransposeNd

from striate.errors import InputError
from striate.explain.hooks import find_part, list_calls

LAST_AXIS = (nn.Linear, nn.LayerNorm, nn.RNNBase, nn.MultiheadAttention, nn.Embedding)
"""Layers of torch that have their channels on the last axis."""


class Call(NamedTuple):
    """One call of a module, and why its output can't be read as maps; nothing if it can."""

    part: nn.Module
    problem: str


def choose_layer(module: nn.Module, inputs: Tensor, layer: str | None = None) -> str:
    """The path of the layer to read: the named one, checked, else the last with an extent above 1.

    It is the last in the order in which modules are done: of a stage and its last part, the stage.

    Cost:    one pass of one input.
    Raises:  InputError where there is no such layer.

    >>> net = nn.Sequential(nn.Conv1d(1, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(4, 2))
    >>> choose_layer(net, torch.zeros(1, 1, 8))
    '1'
    """
    named = name_layer(module, layer)
    with torch.no_grad(), list_calls(module) as done:
        module(inputs[:1].clone())
    return pick_layer(module, read_calls([call[1:] for call in done], inputs[:1].shape), named)


def name_layer(module: nn.Module, layer: str | None) -> str | None:
    """The first of the paths by which a named layer goes.

    Raises:  InputError, with paths that are there, for one that isn't.
    """
    return None if layer is None else _name_part(module, find_part(module, layer)) or layer


def read_calls(
    done: Sequence[tuple[nn.Module, object]], input: Sequence[int], mixed: tuple[int, bool] = (0, False)
) -> list[Call]:
    """Judge each call of a pass whether its output has places as the input has, channels first.

    `mixed` says of the layer that mixed channels last how many it put out, and whether on the last axis.
    """
    calls = []
    for part, shape in done:
        mixed = _find_channels(part) or mixed
        calls.append(Call(part, _find_problem(shape, tuple(input), *mixed)))
    return calls


def pick_layer(module: nn.Module, calls: Sequence[Call], layer: str | None) -> str:
    """Of the calls of a pass the layer's that is to be read.

    Raises:  InputError where there is no such layer.
    """
    if layer is None:
        found = find_last(module, calls)
        if found is None:
            raise InputError("the network: found no module whose output has places, needed one. Take occlusion or rise")
        return found
    part = find_part(module, layer)
    own = [call for call in calls if call.part is part]
    if not own:
        raise InputError(f"layer {layer}: it isn't called when the network answers. Name another")
    if own[-1].problem:
        raise InputError(f"layer {layer}: found {own[-1].problem}. Name another, or none to have it chosen")
    return layer


def find_last(module: nn.Module, calls: Sequence[Call]) -> str | None:
    """Of the calls of a pass the last that can be read, by its module's path; None if there is none."""
    paths = (_name_part(module, call.part) for call in reversed(calls) if not call.problem)
    return next((path for path in paths if path), None)


def guess_layer(module: nn.Module, axes: int) -> str | None:
    """A first guess, without a pass: the last convolution, and what follows it place by place.

    It need not be right: whoever takes it looks, in the pass, whether it was.

    >>> guess_layer(nn.Sequential(nn.Conv1d(1, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten()), 1)
    '1'
    """
    return _guess_within(module, axes)[0] or None


def count_calls(module: nn.Module, calls: Sequence[Call], layer: str) -> tuple[str, ...]:
    """What should be known of a layer that is called more than once."""
    part = find_part(module, layer)
    times = sum(call.part is part for call in calls)
    return (f"{layer} is called {times} times in a pass; it was read at the last",) if times > 1 else ()


def find_mixed(module: nn.Module, layer: str) -> tuple[int, bool]:
    """How many channels the last layer registered up to this one puts out, and whether on the last axis."""
    inside = [*find_part(module, layer).modules()]
    before = (part for _, part in takewhile(lambda named: named[0] != layer, module.named_modules()))
    for parts in (inside, before):
        known = next((one for part in reversed([*parts]) if (one := _find_channels(part))), None)
        if known:
            return known
    return 0, False


def _name_part(module: nn.Module, part: nn.Module) -> str | None:
    """The first path of a part; None for the network itself, and for what isn't registered in it."""
    return next((path for path, other in module.named_modules() if other is part), None) or None


def _guess_within(module: nn.Module, axes: int) -> tuple[str, bool]:
    """The guess within a module, and whether the module itself seems to put out as many places."""
    parts = list(module.named_children())
    place = next((place for place in reversed(range(len(parts))) if _has_kernel(parts[place][1], axes)), None)
    if place is None:
        return "", _has_kernel(module, axes)
    last, part = parts[place]
    within, whole = _guess_within(part, axes)
    if not whole:
        return f"{last}.{within}" if within else "", False
    for path, after in parts[place + 1 :]:
        if not _is_pointwise(after):
            return last, False
        last = path
    return last, True


def _has_kernel(part: nn.Module, axes: int) -> bool:
    return any(weight.ndim == 2 + axes for weight in part.parameters())


def _is_pointwise(part: nn.Module) -> bool:
    """Whether a part seems to work on each place by itself, as norms and rectifiers do."""
    name = type(part).__name__.lower()
    merges = any(word in name for word in ("pool", "flatten", "linear", "mean", "squeeze"))
    return not merges and next(part.children(), None) is None


def _find_channels(part: nn.Module) -> tuple[int, bool] | None:
    """How many channels a layer puts out, and whether on the last axis; None if it tells nothing."""
    if isinstance(part, LAST_AXIS):
        return _count_last(part), True
    weight = part._parameters.get("weight")
    if weight is None or weight.ndim < 3:
        return None
    if isinstance(part, _ConvTransposeNd):
        return part.out_channels, False
    return weight.shape[0], False


def _count_last(part: nn.Module) -> int:
    """The channels that such a layer puts out on the last axis."""
    if isinstance(part, nn.RNNBase):
        return (part.proj_size or part.hidden_size) * (2 if part.bidirectional else 1)
    if isinstance(part, nn.LayerNorm):
        return part.normalized_shape[-1]
    if isinstance(part, nn.Linear):
        return part.out_features
    known: Any = part
    return int(known.embed_dim if isinstance(part, nn.MultiheadAttention) else known.embedding_dim)


def _find_problem(shape: object, input: tuple[int, ...], channels: int, last: bool) -> str:
    """Why an output can't be read as maps over the input's places; empty if it can."""
    if not isinstance(shape, tuple):
        name = shape.__name__ if isinstance(shape, type) else "?"
        return f"an output of type {name}, needed a tensor"
    shown = "x".join(map(str, shape)) or "a number"
    if len(shape) != len(input) or shape[0] != input[0]:
        return f"an output of {shown}, needed {len(input) - 2} extents as the input has, beside batch and channels"
    if all(extent == 1 for extent in shape[2:]) or not all(shape):
        return f"an output of {shown}, which has no places, needed an extent above 1"
    if shape[-1] == channels and (shape[1] != channels or last):
        return f"an output of {shown} with the channels last, needed them first"
    return ""
