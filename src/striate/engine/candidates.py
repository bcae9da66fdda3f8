"""The engines worth trying on this machine, and what the user has settled of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from striate.engine.choice import Engine, MemoryFormat, Precision


@dataclass(frozen=True)
class Pins:
    """What the user has settled of an engine; None leaves it to the probe.

    >>> Pins(precision="bf16").settle(Engine()).label
    'cpu bf16 contiguous, 1 thread'
    """

    precision: Precision | None = None
    memory_format: MemoryFormat | None = None
    threads: int | None = None
    compiled: bool | None = None

    def settle(self, engine: Engine) -> Engine:
        """The engine with what is settled.

        Raises:  InputError for values that no machine has.
        """
        given = {name: value for name, value in vars(self).items() if value is not None}
        return replace(engine, **given)


def list_candidates(device: str | None = None, pins: Pins | None = None) -> tuple[Engine, ...]:
    """The engines worth trying on `device` (CUDA where there is one, unless named), plainest first; none is compiled.

    On a CPU one thread comes before many: small layers gain nothing from more, and where another process takes a core,
    threads that wait for each other at every layer lose most of their time.
    """
    device = device or find_device()
    kinds: list[tuple[Precision, MemoryFormat]] = [("fp32", "contiguous"), ("fp32", "channels_last")]
    if has_native_bf16(device):
        kinds.append(("bf16", "channels_last"))
    counts = sorted({1, torch.get_num_threads()}) if torch.device(device).type == "cpu" else [1]
    engines = [Engine(device, precision, layout, threads) for precision, layout in kinds for threads in counts]
    settled = replace(pins or Pins(), compiled=None)
    return tuple(dict.fromkeys(map(settled.settle, (make_plain(device), *engines))))


def make_plain(device: str | None = None) -> Engine:
    """Eager fp32 as torch runs it unasked.

    >>> make_plain("cpu").precision
    'fp32'
    """
    device = device or find_device()
    return Engine(device, threads=torch.get_num_threads() if torch.device(device).type == "cpu" else 1)


def find_device() -> str:
    """CUDA where there is one."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def has_native_bf16(device: str) -> bool:
    """Whether the device multiplies bfloat16 in hardware; emulated, it is slower than fp32."""
    if torch.device(device).type != "cpu":
        return torch.device(device).type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    checks = (getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
    return any(check() for check in checks if check is not None)
