"""No trace left: a `with` in which a module is in eval mode, and after which it and all random numbers are as before.

What a module holds is written down before and put back after, also after an error: what is registered with it
(parameters, buffers, parts, hooks), its plain attributes, the bits of its buffers, training flags, gradients, and what
needs one. Parameters themselves are not copied, which would cost as much as they do: an explanation writes none, and a
network that writes its own while it answers is refused. Where a network consists of nothing but torch's layers and
ours, which write neither attributes nor buffers while they answer, those aren't copied either.
"""

from __future__ import annotations

import operator
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import chain, compress, filterfalse, islice
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.module import _has_any_global_hook
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

from striate.errors import InputError

_GROUPS, _LAZY = (dict, set), (UninitializedParameter, UninitializedBuffer)
_VALUES = operator.methodcaller("values")
_PARAMETERS, _BUFFERS = operator.attrgetter("_parameters"), operator.attrgetter("_buffers")
_TRAINING, _VERSION = operator.attrgetter("training"), operator.attrgetter("_version")
_NEEDED, _GRADIENT = operator.attrgetter("requires_grad"), operator.attrgetter("grad")
_SHAPE = operator.attrgetter("shape")
_HOOKS = [name for name, value in vars(nn.Module()).items() if isinstance(value, dict) and "hook" in name]
_REGISTERED = [name for name, value in vars(nn.Module()).items() if isinstance(value, _GROUPS)]
_PICK_HOOKS, _PICK_REGISTERED = operator.itemgetter(*_HOOKS), operator.itemgetter(*_REGISTERED)
_KNOWN = ("torch.nn.modules.", "striate.layers.")


@contextmanager
def untouched(module: nn.Module) -> Iterator[None]:
    """A `with` in which the module is in eval mode, and after which it, and all random numbers, are as before.

    Raises:  InputError for a lazy module, which has no weights before its first input, and for one that writes its own
             parameters while it answers.
    """
    parts = _list_parts(module)
    parameters, buffers = _unique(map(_PARAMETERS, parts)), _unique(map(_BUFFERS, parts))
    if any(issubclass(kind, _LAZY) for kind in {*map(type, parameters), *map(type, buffers)}):
        raise InputError("the network: found parameters without a shape, needed them settled. Run it once before")
    attributes = [*map(vars, parts)]
    known = _is_known(parts, attributes)
    kept = _Registered.keep(parts, attributes, known), _Gradients.keep(parameters), _Bits.keep([] if known else buffers)
    written = [*parameters, *buffers] if known else parameters
    counted = [tensor for tensor in written if not tensor.is_inference()]  # others can't be written
    versions = [*map(_VERSION, counted)]
    numbers = random.getstate(), np.random.get_state(), torch.get_rng_state()
    try:
        with torch.random.fork_rng(devices) if (devices := _list_devices()) else nullcontext():
            for part in parts:
                if part.training:
                    _set_training(part, False)  # not by `eval()`, which a class may have made to do more
            yield
    finally:
        random.setstate(numbers[0])
        np.random.set_state(numbers[1])
        torch.set_rng_state(numbers[2])
        for one in kept:
            one.restore()
    if versions != [*map(_VERSION, counted)]:
        raise InputError("the network: it writes its own parameters while it answers, so it can't be explained")


@dataclass(frozen=True)
class _Registered:
    """What is in the dictionaries and sets of modules (parts, hooks and so on), and what they have as attributes.

    Most of the former are empty: whether they still are is asked of all at once.
    """

    parts: list[nn.Module]
    training: list[bool]
    empty: list[Any]
    filled: _Filled

    @classmethod
    def keep(cls, parts: list[nn.Module], attributes: list[dict[str, Any]], known: bool) -> _Registered:
        groups = [*chain.from_iterable(map(_PICK_REGISTERED, attributes))] if known else _list_groups(attributes)
        filled = _Filled.keep([*filter(None, groups), *([] if known else attributes)])
        return cls(parts, [*map(_TRAINING, parts)], [*filterfalse(None, groups)], filled)

    def restore(self) -> None:
        if any(self.empty):
            for group in self.empty:
                group.clear()
        if [*map(_TRAINING, self.parts)] != self.training:
            for part, training in zip(self.parts, self.training, strict=True):
                _set_training(part, training)
        self.filled.restore()


@dataclass(frozen=True)
class _Filled:
    """Dictionaries and sets with all sizes, keys or members, and values, end to end: so they are compared at once."""

    groups: list[Any]
    dicts: list[Any]
    sizes: list[int]
    members: list[Any]
    values: list[Any]

    @classmethod
    def keep(cls, groups: list[Any]) -> _Filled:
        dicts = [group for group in groups if isinstance(group, dict)]
        values = [*chain.from_iterable(map(_VALUES, dicts))]
        return cls(groups, dicts, [*map(len, groups)], [*chain.from_iterable(groups)], values)

    def is_as_before(self) -> bool:
        """Whether they hold the same objects, not only such as equal each other."""
        return (
            [*map(len, self.groups)] == self.sizes
            and all(map(operator.is_, chain.from_iterable(self.groups), self.members))
            and all(map(operator.is_, chain.from_iterable(map(_VALUES, self.dicts)), self.values))
        )

    def restore(self) -> None:
        if self.is_as_before():
            return
        members, values = iter(self.members), iter(self.values)
        for group, size in zip(self.groups, self.sizes, strict=True):
            held = [*islice(members, size)]
            _restore_group(group, dict(zip(held, values, strict=False)) if isinstance(group, dict) else set(held))


@dataclass(frozen=True)
class _Gradients:
    """Parameters' gradients, as objects and as bits, and which parameters need one."""

    parameters: list[Tensor]
    needed: list[bool]
    gradients: list[Tensor | None]
    bits: _Bits

    @classmethod
    def keep(cls, parameters: list[Tensor]) -> _Gradients:
        gradients = [*map(_GRADIENT, parameters)]
        bits = _Bits.keep([*_key(gradients).values()])
        return cls(parameters, [*map(_NEEDED, parameters)], gradients, bits)

    def restore(self) -> None:
        for parameter, needed, gradient in zip(self.parameters, self.needed, self.gradients, strict=True):
            if parameter.requires_grad != needed:
                parameter.requires_grad_(needed)
            if parameter.grad is not gradient:
                parameter.grad = gradient
        self.bits.restore()


@dataclass(frozen=True)
class _Bits:
    """Tensors and their bits, put end to end: hundreds of small ones are then compared at once.

    A tensor is written only where a bit differs: else a graph that has kept it would be spoilt.
    """

    tensors: list[list[Tensor]]
    shapes: list[list[torch.Size]]
    copies: list[Tensor]

    @classmethod
    def keep(cls, tensors: list[Tensor]) -> _Bits:
        groups: dict[tuple[torch.dtype, torch.device], list[Tensor]] = {}
        for tensor in tensors:
            if tensor.layout == torch.strided:
                groups.setdefault((tensor.dtype, tensor.device), []).append(tensor)
        alike = list(groups.values())
        return cls(alike, [[*map(_SHAPE, group)] for group in alike], [_join(group) for group in alike])

    def restore(self) -> None:
        for tensors, shapes, copy in zip(self.tensors, self.shapes, self.copies, strict=True):
            if [*map(_SHAPE, tensors)] == shapes and _join(tensors).view(torch.uint8).equal(copy.view(torch.uint8)):
                continue
            with torch.no_grad():
                start = 0
                for tensor, shape in zip(tensors, shapes, strict=True):
                    _write_bits(tensor, copy[start : start + shape.numel()].reshape(shape))
                    start += shape.numel()


def _write_bits(tensor: Tensor, before: Tensor) -> None:
    if tensor.shape != before.shape:
        tensor.resize_(before.shape)
    elif torch.equal(_read_bits(tensor), _read_bits(before)):
        return
    tensor.copy_(before)


def _join(tensors: list[Tensor]) -> Tensor:
    with torch.no_grad():
        lines = [one if one.ndim == 1 else one.reshape(-1) for one in tensors]
        return torch.cat(lines)


def _read_bits(tensor: Tensor) -> Tensor:
    """The bits as whole numbers, so that a NaN equals itself and -0 isn't 0."""
    return tensor.detach().reshape(-1).view(torch.uint8)


def _restore_group(now: Any, before: Any) -> None:
    """Make a dictionary hold the same objects in the same order as before, and a set the same members."""
    same = len(now) == len(before) and (
        list(now) == list(before) and all(map(operator.is_, now.values(), before.values()))
        if isinstance(now, dict)
        else now == before
    )
    if not same:
        now.clear()
        now.update(before)


def _list_parts(module: nn.Module) -> list[nn.Module]:
    """All modules, once each; in a quarter of the time that `modules()` takes."""
    parts = {id(module): module}
    waiting = [module]
    while waiting:
        for part in waiting.pop()._modules.values():
            if part is not None and id(part) not in parts:
                parts[id(part)] = part
                waiting.append(part)
    return list(parts.values())


def _is_known(parts: list[nn.Module], attributes: list[dict[str, Any]]) -> bool:
    """Whether no code but torch's layers' and ours is called: no class of another's, no hook, no replaced method."""
    return (
        all(kind.__module__.startswith(_KNOWN) for kind in set(map(type, parts)))
        and not any(chain.from_iterable(map(_PICK_HOOKS, attributes)))
        and not any("forward" in held for held in attributes)
        and not _has_any_global_hook()  # type: ignore[no-untyped-call]
    )


def _list_groups(attributes: list[dict[str, Any]]) -> list[Any]:
    """The dictionaries and sets among the values, in half the time of a question to each value."""
    values = [*chain.from_iterable(map(_VALUES, attributes))]
    kinds = [*map(type, values)]
    grouping = {kind for kind in set(kinds) if issubclass(kind, _GROUPS)}
    return [*compress(values, map(grouping.__contains__, kinds))]


def _unique(groups: Iterable[Any]) -> list[Tensor]:
    """The tensors in dictionaries, once each."""
    return [*_key(chain.from_iterable(map(_VALUES, groups))).values()]


def _key(tensors: Iterable[Tensor | None]) -> dict[int, Tensor]:
    return {id(tensor): tensor for tensor in tensors if tensor is not None}


def _set_training(part: nn.Module, training: bool) -> None:
    if "training" in vars(part):
        vars(part)["training"] = training  # without a class's own `__setattr__`
    else:
        part.training = training


def _list_devices() -> list[int]:
    """The graphics cards whose random states are to be kept."""
    used = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    return list(range(torch.cuda.device_count())) if used else []
