"""Which formula goes with which operation, and what this machine makes of it."""

from __future__ import annotations

from collections.abc import Callable

import torch

from striate.measure.operation import Operation
from striate.measure.scratch import attention, convolution, layers, recurrent
from striate.measure.scratch.machine import CACHE, Formula, Machine, read_cache

_FORMULAS: dict[str, Formula] = {
    **attention.FORMULAS,
    **convolution.FORMULAS,
    **layers.FORMULAS,
    **recurrent.FORMULAS,
}


def count_scratch(operation: Operation, threads: int, capability: str, cache: int = CACHE) -> int:
    """Count the bytes allocated inside an operation beyond its outputs, at its worst moment.

    The peak during the operation is: bytes alive before + bytes of its outputs + this. So it is the highest running
    sum of the operation's allocations, minus the outputs' bytes. `capability` is
    `torch.backends.cpu.get_cpu_capability()`, `cache` the bytes of a core's second cache, which decides how columns of
    many channels are cut. An operation that is not known here counts 0.
    """
    formula = _FORMULAS.get(operation.name)
    return formula(operation, Machine(threads, 16 if capability.startswith("AVX512") else 8, cache)) if formula else 0


def make_scratch(device: str = "cpu") -> Callable[[Operation], int]:
    """Make the `scratch` of a trace for this machine as it is now; that of another device than the CPU isn't known."""
    if device != "cpu":
        return lambda operation: 0
    threads, capability, cache = torch.get_num_threads(), torch.backends.cpu.get_cpu_capability(), read_cache()
    return lambda operation: count_scratch(operation, threads, capability, cache)
