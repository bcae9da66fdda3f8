"""The probe: which engine runs this module fastest on this machine, found by trying.

Which one wins depends on the network, the processor and on who else is using it, so no table can tell. Each candidate
takes a few real steps, in turns, and its best one counts: a passing disturbance only adds to a step's time.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor, nn

from striate.engine.candidates import list_candidates
from striate.engine.choice import Engine, place_batch, place_module
from striate.engine.compiling import make_forward
from striate.engine.preparing import prepare
from striate.engine.stepping import random_state_kept, take_answer, take_step
from striate.errors import InputError

_MARGIN, _THREADS_MARGIN = 0.05, 0.25
_FEWEST_ROUNDS, _MOST_ROUNDS = 2, 50
_FEWEST_OTHERS = 2  # that are tried whatever it costs: bf16 on all threads and on one, where a core may be taken
_FEW_OF = 16  # a batch of so many times the samples: on so few, what a step costs besides them decides
_LEAP = 8  # times the samples at once where they fit by far: each number of them is prepared for anew
_HOPELESS = 2.0  # times as slow as the best on its first timed step: not timed again
_ERROR = 0.02  # of the largest output: bf16 gives about a third of it, a precision that the network can't bear more

Step = Callable[[Engine, Tensor], float]


def probe(
    module: nn.Module,
    batch: Tensor,
    candidates: Sequence[Engine] | None = None,
    seconds: float = 2.0,
    *,
    forward: bool = False,
) -> tuple[Engine, dict[str, float]]:
    """Time steps of copies of `module` on `batch`; return the best engine and each one's least seconds.

    A step is forward and backward, with `forward` an answer alone, as `prepare` makes the module for it. The first
    candidate is the plain one: it must run, and it wins over all that are not at least 5 % faster; a later one that
    fails, or whose answers differ from the plain one's by 2 % of the largest, is left out. The batch is what the module
    takes (floats). The module, its gradients and buffers and torch's random state stay as they are. The seconds stand
    under each engine's `label`; of a batch too large to be tried in `seconds`, they are those of its first samples.

    Cost: about `seconds`, and one copy of the module per layout (with `forward` per candidate). Of a network whose
    smallest steps take longer, candidates are left out once the time is spent; the plain one and two others are tried.

    Raises:
        InputError: for an empty list of candidates.

    >>> import torch
    >>> engine, times = probe(nn.Conv1d(1, 2, 3), torch.zeros(2, 1, 16), seconds=0.01)
    >>> times[engine.label] <= max(times.values())
    True
    """
    least, _ = time_candidates(module, batch, candidates, seconds, forward=forward)
    return choose_fastest(least), {engine.label: taken for engine, taken in least.items()}


def time_candidates(
    module: nn.Module,
    batch: Tensor,
    candidates: Sequence[Engine] | None = None,
    seconds: float = 2.0,
    *,
    forward: bool = False,
    limit: Callable[[float], float] | None = None,
) -> tuple[dict[Engine, float], int]:
    """Each candidate's least seconds of a step, and the number of samples that the steps took; see `probe`.

    `limit` tells from the seconds of a plain step how many the probe may take at most, where that is less. Where all
    candidates don't fit into that, the likeliest two others are tried.
    """
    chosen = tuple(candidates) if candidates is not None else list_candidates()
    if not chosen:
        raise InputError("probe: no candidates were given; leave them out to try those that fit this machine.")
    step = (_Answers if forward else _Steps)(module, chosen[0]).take
    with random_state_kept(chosen[0].device):
        start = time.perf_counter()
        share = seconds / (len(chosen) * (1 + _FEWEST_ROUNDS))
        shortened, taken = shorten(step, batch, chosen[0], share)
        if taken <= share and len(shortened) * _FEW_OF < len(batch):
            chosen = pick_likely(chosen)
            shortened, taken = shorten(step, batch, chosen[0], seconds / (2 * len(chosen)))
        most = min(seconds, limit(taken * len(batch) / len(shortened)) if limit else seconds)
        if taken <= share and most < len(chosen) * (1 + _FEWEST_ROUNDS) * taken:
            chosen = pick_likeliest(chosen)
        times = _take_turns(step, shortened, chosen, start + most, taken if taken > share else None)
    return {engine: min(times[engine]) for engine in chosen if engine in times}, len(shortened)


def choose_fastest(seconds: dict[Engine, float]) -> Engine:
    """The first (plainest) engine within 5 % of the fastest.

    Fewer threads than others have must be a quarter faster: a core that another program took for a moment is back soon;
    where one is taken for good, they are several times as fast.

    >>> plain, fancy = Engine(), Engine(memory_format="channels_last")
    >>> choose_fastest({plain: 1.04, fancy: 1.0}) == plain, choose_fastest({plain: 1.06, fancy: 1.0}) == fancy
    (True, True)
    """
    most = max(engine.threads for engine in seconds)
    full = {engine: taken for engine, taken in seconds.items() if engine.threads == most}
    chosen = seconds if min(seconds.values()) * (1 + _THREADS_MARGIN) < min(full.values()) else full
    fastest = min(chosen.values())
    return next(engine for engine, taken in chosen.items() if taken <= fastest * (1 + _MARGIN))


def pick_likely(candidates: Sequence[Engine]) -> tuple[Engine, ...]:
    """Those with all threads, and of those with fewer the fanciest: there is time to try fewer on more samples.

    >>> found = pick_likely([Engine(threads=2), Engine(threads=1), Engine(precision="bf16", threads=1)])
    >>> [engine.label for engine in found]
    ['cpu fp32 contiguous, 2 threads', 'cpu bf16 contiguous, 1 thread']
    """
    most = max(engine.threads for engine in candidates)
    fewer = [engine for engine in candidates if engine.threads < most][-1:]
    return tuple(engine for engine in candidates if engine.threads == most or engine in fewer)


def pick_likeliest(candidates: Sequence[Engine]) -> tuple[Engine, ...]:
    """The plain one, the fanciest, and the fanciest with fewer threads than that.

    >>> plain, fancy = Engine(threads=2), Engine("cpu", "bf16")
    >>> found = pick_likeliest([plain, Engine(), fancy, Engine("cpu", "bf16", threads=2)])
    >>> [engine.label for engine in found]
    ['cpu fp32 contiguous, 2 threads', 'cpu bf16 contiguous, 1 thread', 'cpu bf16 contiguous, 2 threads']
    """
    most = max(engine.threads for engine in candidates)
    full = [engine for engine in candidates if engine.threads == most]
    fewer = [engine for engine in candidates if engine.threads < most]
    kept = (candidates[0], *full[-1:], *fewer[-1:])
    return tuple(engine for engine in candidates if engine in kept)


def shorten(step: Step, batch: Tensor, plain: Engine, seconds: float) -> tuple[Tensor, float]:
    """As many samples of the batch as the plain engine can take a step on in `seconds`, two at the least; its seconds.

    The first step warms up, and isn't told: it would speak against the plain engine.
    """
    count = min(2, len(batch))
    step(plain, batch[:count])
    taken = step(plain, batch[:count])
    while count < len(batch) and taken * 2 <= seconds:
        count = min(len(batch), count * (_LEAP if taken * _LEAP <= seconds else 2))
        taken = step(plain, batch[:count])
    return batch[:count], taken


def _take_turns(
    step: Step, batch: Tensor, candidates: Sequence[Engine], end: float, costly: float | None
) -> dict[Engine, list[float]]:
    """Each candidate's times. `costly` are a plain step's seconds where they are many: past `end` few others run."""
    plain, *others = candidates
    times = {} if costly is None else {plain: [costly]}
    for engine in sorted(others, key=lambda each: (each.precision, -each.threads)) if times else candidates:
        if times and costly and len(times) > _FEWEST_OTHERS and time.perf_counter() >= end:
            break
        try:
            warm = step(engine, batch)
            times[engine] = [warm if costly and time.perf_counter() >= end else step(engine, batch)]
        except RuntimeError:
            # A precision or layout that one of the module's operations lacks is no candidate; a module that can't run
            # at all is the caller's to hear of.
            if engine == candidates[0]:
                raise
    best = min(values[0] for values in times.values())
    hopeful = [engine for engine, values in times.items() if values[0] <= _HOPELESS * best]
    for done in range(1, _MOST_ROUNDS):
        if time.perf_counter() >= end and (costly or done >= _FEWEST_ROUNDS):
            break
        for engine in hopeful:
            times[engine].append(step(engine, batch))
    return times


class _Steps:
    """Training steps on copies, one for each device and layout."""

    def __init__(self, module: nn.Module, plain: Engine) -> None:
        self.module, self.copies = module, dict[tuple[str, str], nn.Module]()
        self.forwards = dict[tuple[str, str], Callable[..., Any]]()

    def take(self, engine: Engine, batch: Tensor) -> float:
        key = (engine.device, engine.memory_format)
        if key not in self.copies:
            self.copies[key] = place_module(copy.deepcopy(self.module), engine).train()
            self.forwards[key] = make_forward(self.copies[key], engine)
        return take_step(self.forwards[key], self.copies[key], place_batch(batch.detach(), engine), engine)


class _Answers:
    """Answers of prepared copies, one for each engine, held against the plain one's."""

    def __init__(self, module: nn.Module, plain: Engine) -> None:
        self.module, self.plain = module, plain
        self.copies = dict[tuple[str, str, str], nn.Module]()
        self.expected: tuple[int, Tensor] | None = None

    def take(self, engine: Engine, batch: Tensor) -> float:
        key = (engine.device, engine.memory_format, engine.precision)
        if key not in self.copies:
            self.copies[key] = prepare(self.module, engine, batch)
        seconds, answer = take_answer(self.copies[key], place_batch(batch.detach(), engine), engine)
        if engine == self.plain:
            self.expected = (len(batch), answer)
        elif self.expected and self.expected[0] == len(batch):
            expected = self.expected[1]
            if not (answer - expected).abs().max() <= _ERROR * expected.abs().max():  # which NaN isn't either
                raise RuntimeError(f"{engine.label}: other answers")
        return seconds
