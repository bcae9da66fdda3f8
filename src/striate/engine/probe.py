"""The probe: which engine trains this module fastest on this machine, found by trying.

Which one wins depends on the network, the processor and on who else is using it, so no table can tell. Each candidate
takes a few real steps, in turns, so that a passing disturbance meets all of them alike.
"""

from __future__ import annotations

import copy
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from striate.engine.choice import Engine, MemoryFormat, Precision, cast, place_batch, place_module, use_threads
from striate.errors import InputError

_MARGIN = 0.05
_FEWEST_ROUNDS, _MOST_ROUNDS = 2, 50


def list_candidates(device: str | None = None) -> tuple[Engine, ...]:
    """The engines worth trying on `device` (CUDA where there is one, unless named), plainest first.

    On a CPU one thread comes before many: small layers gain nothing from more, and where another process takes a core,
    threads that wait for each other at every layer lose most of their time.
    """
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    kinds: list[tuple[Precision, MemoryFormat]] = [("fp32", "contiguous"), ("fp32", "channels_last")]
    if has_native_bf16(device):
        kinds.append(("bf16", "channels_last"))
    counts = sorted({1, torch.get_num_threads()}) if torch.device(device).type == "cpu" else [1]
    engines = [Engine(device, precision, layout, threads) for precision, layout in kinds for threads in counts]
    plain = Engine(device, "fp32", "contiguous", counts[-1])
    return (plain, *(engine for engine in engines if engine != plain))


def has_native_bf16(device: str) -> bool:
    """Whether the device multiplies bfloat16 in hardware; emulated, it is slower than fp32."""
    if torch.device(device).type != "cpu":
        return torch.device(device).type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    checks = (getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
    return any(check() for check in checks if check is not None)


def probe(
    module: nn.Module, batch: Tensor, candidates: Sequence[Engine] | None = None, seconds: float = 2.0
) -> tuple[Engine, dict[str, float]]:
    """Time forward and backward of copies of `module` on `batch`; return the best engine and each one's median seconds.

    The first candidate is the plain one: it must run, and it wins over all that are not at least 5 % faster; a later
    one that fails is left out. The batch is what the module takes (floats). The module, its gradients and buffers and
    torch's random state stay as they are. The seconds stand under each engine's `label`; of a batch too large to be
    tried in `seconds`, they are those of its first samples.

    Cost: about `seconds`, and one copy of the module per candidate; three steps of each at the least.

    Raises:
        InputError: for an empty list of candidates.

    >>> engine, times = probe(nn.Conv1d(1, 2, 3), torch.zeros(2, 1, 16), seconds=0.01)
    >>> times[engine.label] <= max(times.values())
    True
    """
    chosen = tuple(candidates) if candidates is not None else list_candidates()
    if not chosen:
        raise InputError("probe: no candidates were given; leave them out to try those that fit this machine.")
    with _random_state_kept(chosen), torch.enable_grad():
        batch = _shorten(module, batch, chosen[0], seconds / (len(chosen) * (1 + _FEWEST_ROUNDS)))
        times = _time_candidates(module, batch, chosen, seconds)
    medians = {engine: statistics.median(values) for engine, values in times.items()}
    return choose_fastest(medians), {engine.label: median for engine, median in medians.items()}


def choose_fastest(medians: dict[Engine, float]) -> Engine:
    """The first (plainest) engine within 5 % of the fastest.

    >>> plain, fancy = Engine(), Engine(memory_format="channels_last")
    >>> choose_fastest({plain: 1.04, fancy: 1.0}) == plain, choose_fastest({plain: 1.06, fancy: 1.0}) == fancy
    (True, True)
    """
    fastest = min(medians.values())
    return next(engine for engine, median in medians.items() if median <= fastest * (1 + _MARGIN))


def _shorten(module: nn.Module, batch: Tensor, plain: Engine, seconds: float) -> Tensor:
    """As many samples of the batch as the plain engine can take a step on in `seconds`; two at the least."""
    count = min(2, len(batch))
    runner = _warm_up(module, batch[:count], (plain,))[plain]
    while count < len(batch):
        taken = _time_step(*runner, plain)
        if taken * 2 > seconds:
            break
        count = min(len(batch), 2 * count)
        runner = (runner[0], place_batch(batch[:count].detach(), plain))
    return batch[:count]


def _time_candidates(
    module: nn.Module, batch: Tensor, candidates: tuple[Engine, ...], seconds: float
) -> dict[Engine, list[float]]:
    runners = _warm_up(module, batch, candidates)
    times: dict[Engine, list[float]] = {engine: [] for engine in runners}
    end = time.perf_counter() + seconds
    for done in range(_MOST_ROUNDS):
        if done >= _FEWEST_ROUNDS and time.perf_counter() >= end:
            break
        for engine, (copied, placed) in runners.items():
            times[engine].append(_time_step(copied, placed, engine))
    return times


def _warm_up(
    module: nn.Module, batch: Tensor, candidates: tuple[Engine, ...]
) -> dict[Engine, tuple[nn.Module, Tensor]]:
    runners = {}
    for engine in candidates:
        try:
            copied = place_module(copy.deepcopy(module), engine).train()
            placed = place_batch(batch.detach(), engine)
            _time_step(copied, placed, engine)
        except RuntimeError:
            # A precision or layout that one of the module's operations lacks is no candidate; a module that can't run
            # at all is the caller's to hear of.
            if engine == candidates[0]:
                raise
            continue
        runners[engine] = (copied, placed)
    return runners


def _time_step(module: nn.Module, batch: Tensor, engine: Engine) -> float:
    with use_threads(engine):
        start = time.perf_counter()
        module.zero_grad(set_to_none=True)
        with cast(engine):
            outputs = module(batch)
        tensors = (outputs,) if isinstance(outputs, Tensor) else tuple(outputs)
        torch.stack([tensor.float().square().mean() for tensor in tensors]).sum().backward()  # type: ignore[no-untyped-call]
        if not engine.is_cpu:
            torch.cuda.synchronize(engine.device)
        return time.perf_counter() - start


@contextmanager
def _random_state_kept(candidates: tuple[Engine, ...]) -> Iterator[None]:
    devices = () if all(engine.is_cpu for engine in candidates) else range(torch.cuda.device_count())
    with torch.random.fork_rng(devices=devices):
        yield
