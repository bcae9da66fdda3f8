"""The engine: on which device, in which precision and layout, on how many threads, compiled or not a module runs.

It is a plain value, written into a run's settings: the same engine and seed give the same bits (fp32, on a CPU).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, TypeVar, get_args

import torch
from torch import Tensor, nn

from striate.errors import InputError

Precision = Literal["fp32", "bf16"]
MemoryFormat = Literal["contiguous", "channels_last"]
_Module = TypeVar("_Module", bound=nn.Module)
_CHANNELS_LAST = {4: torch.channels_last, 5: torch.channels_last_3d}


@dataclass(frozen=True)
class Engine:
    """A device ('cpu', 'cuda', 'cuda:1'), a precision, a memory format, the number of CPU threads, compiled or not.

    Raises:
        InputError: for a precision, memory format or thread number that doesn't exist.

    >>> Engine("cpu", "bf16", "channels_last", threads=2).label
    'cpu bf16 channels_last, 2 threads'
    >>> Engine.from_dict(Engine().to_dict()) == Engine()
    True
    """

    device: str = "cpu"
    precision: Precision = "fp32"
    memory_format: MemoryFormat = "contiguous"
    threads: int = 1
    compiled: bool = False

    def __post_init__(self) -> None:
        """Refuse values that no machine has."""
        _check_member("precision", self.precision, get_args(Precision))
        _check_member("memory_format", self.memory_format, get_args(MemoryFormat))
        if self.threads < 1:
            raise InputError(f"engine: threads is {self.threads}, but at least 1 is needed.")

    @property
    def label(self) -> str:
        """The engine in a few words, as tables show it."""
        count = f", {self.threads} thread{'s' if self.threads > 1 else ''}" if self.is_cpu else ""
        kind = " compiled" if self.compiled else ""
        return f"{self.device} {self.precision} {self.memory_format}{kind}{count}"

    @property
    def is_cpu(self) -> bool:
        """Whether results can be read without waiting for a queue."""
        return torch.device(self.device).type == "cpu"

    def to_dict(self) -> dict[str, Any]:
        """The engine as plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Engine:
        """The engine that `to_dict` wrote.

        Raises:
            InputError: for a setting that engines don't have.
        """
        unknown = sorted(set(values) - {field.name for field in fields(cls)})
        if unknown:
            known = ", ".join(field.name for field in fields(cls))
            raise InputError(f"engine: unknown setting {unknown[0]!r}; an engine has {known}.")
        return cls(**values)


def place_module(module: _Module, engine: Engine) -> _Module:
    """Move the module to the engine's device and give its weights the engine's layout; in place, values unchanged."""
    module.to(engine.device)
    for tensor in (*module.parameters(), *module.buffers()):
        tensor.data = _lay_out(tensor.data, engine)
    return module


def place_batch(batch: Tensor, engine: Engine) -> Tensor:
    """The batch on the engine's device in its layout; 3-D batches (sound) have one layout only.

    >>> place_batch(torch.zeros(2, 3, 8, 8), Engine(memory_format="channels_last")).stride()
    (192, 1, 24, 3)
    """
    return _lay_out(batch.to(engine.device, non_blocking=True), engine)


def cast(engine: Engine) -> AbstractContextManager[Any]:
    """A `with` under which forward passes run in the engine's precision; the weights stay fp32.

    >>> with cast(Engine(precision="bf16")):
    ...     print((torch.ones(2, 2) @ torch.ones(2, 2)).dtype)
    torch.bfloat16
    """
    if engine.precision == "fp32":
        return nullcontext()
    return torch.autocast(torch.device(engine.device).type, dtype=torch.bfloat16)


@contextmanager
def use_threads(engine: Engine) -> Iterator[None]:
    """A `with` under which torch uses the engine's number of CPU threads; the former number comes back."""
    before = torch.get_num_threads()
    torch.set_num_threads(engine.threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _lay_out(tensor: Tensor, engine: Engine) -> Tensor:
    if tensor.ndim not in _CHANNELS_LAST:
        return tensor
    last = engine.memory_format == "channels_last"
    return tensor.to(memory_format=_CHANNELS_LAST[tensor.ndim] if last else torch.contiguous_format)


def _check_member(name: str, value: str, members: tuple[str, ...]) -> None:
    if value not in members:
        raise InputError(f"engine: {name} is {value!r}; it can be {' or '.join(members)}.")
