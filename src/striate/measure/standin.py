"""A module whose tensors are replaced by stand-ins without memory, for the length of a `with`, and then put back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensor
from torch.nn.parameter import UninitializedTensorMixin  # type: ignore[attr-defined]
from torch.utils._mode_utils import no_dispatch

from striate.errors import InputError


def make_stand_in(tensor: Tensor, device: torch.device | None = None) -> Tensor:
    """Make a tensor of the same shape, layout and type; under a fake mode it takes no memory.

    A tensor on the meta device stands in on the CPU, where the kernels' choice is that of a real run.
    """
    device = device or (torch.device("cpu") if tensor.device.type == "meta" else tensor.device)
    if tensor.layout != torch.strided or tensor.is_quantized:
        kind = str(tensor.layout if tensor.layout != torch.strided else tensor.dtype).removeprefix("torch.")
        raise InputError(
            f"found a {kind} tensor in the module, needed dense ones. Measure the module before it is converted"
        )
    mode = torch._C._get_dispatch_mode(torch._C._TorchDispatchModeKey.FAKE)
    if mode is None:
        raise RuntimeError("a stand-in is made under a fake mode")
    with no_dispatch():  # made here directly: through the mode it takes several times as long
        empty = torch.empty_strided(tuple(tensor.shape), tensor.stride(), dtype=tensor.dtype, device="meta")
        return FakeTensor(mode, empty, device)


@contextmanager
def stand_in(module: nn.Module, wrap: Callable[[str, nn.Module], Callable[..., Any]]) -> Iterator[dict[int, Tensor]]:
    """Replace every tensor of `module` by a stand-in, and every `forward` by `wrap(path, module)`.

    Yields the stand-ins by the `id` of what they stand for: a tensor that is shared stays shared. Afterwards the
    module is as it was, attribute by attribute, whatever happened in between.
    """
    modules = list(module.named_modules())
    kept = [(part, dict(part.__dict__)) for _, part in modules]
    twins: dict[int, Tensor] = {}
    try:
        for _, part in modules:
            _replace_tensors(part, twins)
        for path, part in modules:
            part.__dict__["forward"] = wrap(path, part)
        yield twins
    finally:
        for part, attributes in kept:
            part.__dict__.clear()
            part.__dict__.update(attributes)


def _replace_tensors(part: nn.Module, twins: dict[int, Tensor]) -> None:
    """Swap the tensors of one module: parameters, buffers, and those it keeps as attributes or in lists of them.

    Its dictionaries are replaced, not written to, so that putting back the attributes puts back everything.
    """
    part.__dict__["_modules"] = dict(part._modules)
    part.__dict__["_parameters"] = {key: _swap(value, twins) for key, value in part._parameters.items()}
    part.__dict__["_buffers"] = {key: _swap(value, twins) for key, value in part._buffers.items()}
    for key, value in list(part.__dict__.items()):
        if isinstance(value, Tensor):
            part.__dict__[key] = _swap(value, twins)
        elif isinstance(value, list | tuple) and any(isinstance(item, Tensor) for item in value):
            part.__dict__[key] = type(value)(_swap(item, twins) for item in value)


def _swap(value: Any, twins: dict[int, Tensor]) -> Any:
    if not isinstance(value, Tensor):
        return value
    if isinstance(value, UninitializedTensorMixin):
        raise InputError("found a lazy module whose shapes aren't known yet, needed real ones. Run it once on a batch")
    if id(value) not in twins:
        twin = make_stand_in(value)
        if isinstance(value, nn.Parameter):
            twin = twin.requires_grad_(value.requires_grad)
            twin._is_param = True  # what nn.Parameter does to a tensor of another class, without its `detach`
        twins[id(value)] = twin
    return twins[id(value)]


@contextmanager
def keep_quiet() -> Iterator[None]:
    """Hold back torch's own report of an operation that fails on stand-ins; the error itself says it in one line."""
    log = logging.getLogger("torch._subclasses.fake_tensor")
    before = log.disabled
    log.disabled = True
    try:
        yield
    finally:
        log.disabled = before
