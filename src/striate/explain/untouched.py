"""No trace left: a `with` in which a module is in eval mode, and after which it and all random numbers are as before.

What a module holds is written down before and put back after, also after an error: what is registered with it
(parameters, buffers, parts, hooks), its plain attributes, the bits of its buffers, training flags, gradients, and what
needs one. Parameters themselves are not copied, which would cost as much as they do: an explanation writes none, and a
network that writes its own while it answers is refused.
"""

from __future__ import annotations

import operator
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from striate.errors import InputError

_GROUPS = (dict, set)


@contextmanager
def untouched(module: nn.Module) -> Iterator[None]:
    """A `with` in which the module is in eval mode, and after which it, and all random numbers, are as before.

    Raises:  InputError for a lazy module, which has no weights before its first input, and for one that writes its own
             parameters while it answers.
    """
    parts = _list_parts(module)
    parameters = _unique(one for part in parts for one in part._parameters.values())
    buffers = _unique(one for part in parts for one in part._buffers.values())
    if any(nn.parameter.is_lazy(one) for one in (*parameters, *buffers)):
        raise InputError("the network: found parameters without a shape, needed them settled. Run it once before")
    kept = _Registered.keep(parts), _Gradients.keep(parameters), _Bits.keep(buffers)
    versions = [_read_version(parameter) for parameter in parameters]
    numbers = random.getstate(), np.random.get_state()
    with torch.random.fork_rng(_list_devices()):
        try:
            for part in parts:
                _set_training(part, False)  # not by `eval()`, which a class may have made to do more
            yield
        finally:
            random.setstate(numbers[0])
            np.random.set_state(numbers[1])
            for one in kept:
                one.restore()
    if versions != [_read_version(parameter) for parameter in parameters]:
        raise InputError("the network: it writes its own parameters while it answers, so it can't be explained")


@dataclass(frozen=True)
class _Registered:
    """What modules have as attributes, and what is in the dictionaries and sets of them: parts, hooks and so on.

    Most of those are empty: whether they still are is asked of all at once.
    """

    parts: list[nn.Module]
    training: list[bool]
    empty: list[Any]
    filled: list[Any]
    members: list[Any]
    flat: list[Any]

    @classmethod
    def keep(cls, parts: list[nn.Module]) -> _Registered:
        attributes = [vars(part) for part in parts]
        groups = [value for held in attributes for value in held.values() if isinstance(value, _GROUPS)]
        filled: list[Any] = [*filter(None, groups), *attributes]
        empty = [group for group in groups if not group]
        copies = [group.copy() for group in filled]
        return cls(parts, [part.training for part in parts], empty, filled, copies, _flatten(filled))

    def restore(self) -> None:
        if any(self.empty):
            for group in self.empty:
                group.clear()
        for part, training in zip(self.parts, self.training, strict=True):
            if part.training != training:
                _set_training(part, training)
        now = _flatten(self.filled)
        if len(now) == len(self.flat) and all(map(operator.is_, now, self.flat)):
            return
        for group, members in zip(self.filled, self.members, strict=True):
            _restore_group(group, members)


@dataclass(frozen=True)
class _Gradients:
    """Parameters' gradients, as objects and as bits, and which parameters need one."""

    parameters: list[Tensor]
    needed: list[bool]
    gradients: list[Tensor | None]
    bits: _Bits

    @classmethod
    def keep(cls, parameters: list[Tensor]) -> _Gradients:
        gradients = [parameter.grad for parameter in parameters]
        bits = _Bits.keep(_unique(gradients))
        return cls(parameters, [parameter.requires_grad for parameter in parameters], gradients, bits)

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
        return cls(alike, [[one.shape for one in group] for group in alike], [_join(group) for group in alike])

    def restore(self) -> None:
        for tensors, shapes, copy in zip(self.tensors, self.shapes, self.copies, strict=True):
            if [one.shape for one in tensors] == shapes and torch.equal(_read_bits(_join(tensors)), _read_bits(copy)):
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
        return torch.cat([one if one.ndim == 1 else one.reshape(-1) for one in tensors])


def _read_bits(tensor: Tensor) -> Tensor:
    """The bits as whole numbers, so that a NaN equals itself and -0 isn't 0."""
    return tensor.detach().reshape(-1).view(torch.uint8)


def _flatten(groups: list[Any]) -> list[Any]:
    """All sizes, keys, members and values, end to end: whether one is another object is then asked of all at once."""
    return [
        *map(len, groups),
        *chain.from_iterable(groups),
        *chain.from_iterable(group.values() for group in groups if isinstance(group, dict)),
    ]


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


def _unique(tensors: Iterable[Tensor | None]) -> list[Tensor]:
    return list({id(tensor): tensor for tensor in tensors if tensor is not None}.values())


def _set_training(part: nn.Module, training: bool) -> None:
    if "training" in vars(part):
        vars(part)["training"] = training  # without a class's own `__setattr__`
    else:
        part.training = training


def _read_version(tensor: Tensor) -> int:
    return 0 if tensor.is_inference() else tensor._version


def _list_devices() -> list[int]:
    """The graphics cards whose random states are to be kept."""
    used = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    return list(range(torch.cuda.device_count())) if used else []
