"""Weights of the same network written elsewhere: matched by order and shape, whatever their names."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest
from os import PathLike
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from striate.errors import InputError
from striate.nets.ordering import find_order
from striate.nets.states import State, read_state, unwrap
from striate.nets.words.word import Shape, write_shape

COUNTER = "num_batches_tracked"


def adopt_state(module: nn.Module, source: Mapping[str, Any] | str | PathLike[str]) -> None:
    """Copy a state dict into a module by order and shape, all of it or nothing.

    Raises:  InputError, in one line, where the state can't be read or doesn't fit; the module is then as it was.

    >>> fc, other = nn.Linear(1, 1), {"w": torch.ones(1, 1), "b": torch.zeros(1)}
    >>> adopt_state(fc, other)
    >>> fc.weight.item(), fc.bias.item()
    (1.0, 0.0)
    """
    targets, state = _list_targets(module), read_state(source)
    pairs = _match(targets, state)
    pairs |= _match_counters(targets, state, pairs)
    for name, partner in pairs.items():
        _check_values(state, partner, targets[name])
    with torch.no_grad():
        for name, partner in pairs.items():
            targets[name].copy_(state.tensors[partner].reshape(targets[name].shape))


def _list_targets(module: nn.Module) -> dict[str, Tensor]:
    """What the module holds, in its own order, each tensor in the memory that the module uses."""
    if not isinstance(module, nn.Module):
        raise InputError(f"module: found {type(module).__name__}, needed a torch.nn.Module. Build one first")
    tensors = {name: value for name, value in module.state_dict().items() if isinstance(value, Tensor)}
    for name, value in tensors.items():
        if is_lazy(value) or value.is_meta:
            found = f"module: `{name}` has no memory yet"
            raise InputError(f"{found}, needed a module that can run. Run it once, or use to_empty(device='cpu')")
    return dict(zip(unwrap(list(tensors)), tensors.values(), strict=True))


def _match(targets: Mapping[str, Tensor], state: State) -> dict[str, str]:
    """The state's name for each of the module's: its own if all names are the same, else by order; no counters."""
    own, given = _list_shapes(targets), _list_shapes(state.tensors)
    names, known = list(given), True
    if set(own) == set(given):
        names = list(own)
    elif not state.ordered:
        names, known = find_order(list(own.items()), given)
    _check_shapes(own, {name: given[name] for name in names}, state.where)
    if not known:
        found = f"{state.where}: a safetensors file keeps no order, and its names and shapes leave more than one"
        raise InputError(f"{found}, needed one. Give a dict in the order of the network, or names as the module's")
    return dict(zip(own, names, strict=True))


def _list_shapes(tensors: Mapping[str, Tensor]) -> dict[str, Shape]:
    return {name: tuple(value.shape) for name, value in tensors.items() if name.rpartition(".")[2] != COUNTER}


def _check_shapes(own: Mapping[str, Shape], given: Mapping[str, Shape], where: str) -> None:
    """Name the first entry that differs, on both sides."""
    for number, (mine, other) in enumerate(zip_longest(own.items(), given.items()), 1):
        if mine is None or other is None or mine[1] != other[1]:
            found, needed = (_write(entry, number - 1) for entry in (other, mine))
            problem = f"{where}: entry {number} (`{COUNTER}` not counted): found {found}, needed {needed}"
            raise InputError(f"{problem}. Is it the same network, for as many classes and channels?")


def _write(entry: tuple[str, Shape] | None, number: int) -> str:
    return f"`{entry[0]}` {write_shape(entry[1]) or '(one number)'}" if entry else f"no more than {number}"


def _match_counters(targets: Mapping[str, Tensor], state: State, pairs: Mapping[str, str]) -> dict[str, str]:
    """Each norm's count of batches, where both sides have it beside its running mean."""
    counters = {}
    for name, partner in pairs.items():
        mine, other = (each.rpartition(".")[0] + f".{COUNTER}" for each in (name, partner))
        if name.endswith("running_mean") and mine in targets and other in state.tensors:
            counters[mine] = other
    return counters


def _check_values(state: State, name: str, target: Tensor) -> None:
    """Refuse what torch could not copy, or would cut."""
    value = state.tensors[name]
    plain = value.layout is torch.strided and not (value.is_meta or value.is_quantized or is_lazy(value))
    if not plain or (value.is_complex() and not target.is_complex()) or value.numel() != target.numel():
        kind = "values without memory" if value.is_meta else f"{value.layout} {value.dtype}".replace("torch.", "")
        found = f"{state.where}: `{name}` holds {kind}"
        raise InputError(f"{found}, needed plain numbers that fit {target.dtype}. Convert it first")
