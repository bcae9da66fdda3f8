"""Which engine a module gets: what the user settled, else what was found before, else what a probe finds now."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from torch import Tensor, nn

from striate.engine.candidates import Pins, list_candidates, make_plain
from striate.engine.chaining import Chained
from striate.engine.choice import Engine, place_batch
from striate.engine.compiling import WORTH_SECONDS, Compiled, can_compile, time_compiled
from striate.engine.preparing import prepare
from striate.engine.probe import choose_fastest, time_candidates
from striate.engine.stepping import take_answer
from striate.engine.structure import hash_structure
from striate.engine.verdicts import Verdict, describe_machine, keep_verdict, recall_verdict
from striate.errors import InputError

PROBE_SHARE, LEAST_SECONDS = 0.03, 0.25  # of a run's time; a probe shorter than this tells nothing
_ROUNDS = 8  # of answers that are timed with and without chains

Origin = Literal["given", "plain", "probed", "remembered"]


@dataclass(frozen=True)
class Tuned:
    """An engine, where it comes from, and the seconds of a step by the label of each engine that was tried.

    `cost` is how long finding it took; `notes` say what compiling would cost or bring, where that was asked.
    """

    engine: Engine
    origin: Origin
    seconds: Mapping[str, float] = field(default_factory=dict)
    cost: float = 0.0
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain values for JSON."""
        return {**asdict(self), "seconds": dict(self.seconds), "notes": list(self.notes)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Tuned:
        """What `to_dict` gave."""
        return cls(**{**values, "engine": Engine.from_dict(values["engine"]), "notes": tuple(values["notes"])})

    @property
    def line(self) -> str:
        """The choice in a line, for people.

        >>> Tuned(Engine(), "probed", {"cpu fp32 contiguous, 1 thread": 0.02}, cost=1.5).line
        'cpu fp32 contiguous, 1 thread (the fastest of 1 probed in 1.5 s)'
        """
        found = f"the fastest of {len(self.seconds)}"
        said = {
            "given": "as asked",
            "plain": "not probed",
            "probed": f"{found} probed in {self.cost:.1f} s",
            "remembered": f"{found}, as an earlier probe found; {self.cost * 1000:.0f} ms",
        }
        return f"{self.engine.label} ({said[self.origin]})"


def tune(
    module: nn.Module,
    batch: Tensor,
    pins: Pins | None = None,
    *,
    device: str | None = None,
    expected: Callable[[float], float] | None = None,
    forward: bool = False,
    seconds: float = 1.5,
    recall: bool = True,
) -> Tuned:
    """The engine on which `module` trains (with `forward`: answers) fastest on batches such as `batch`.

    What a probe finds is kept in the user's cache folder under the machine, the module's structure and the batch's
    shape, and taken from there the next time, unless `recall` is false. `expected` tells from the seconds of a step
    those of the whole run: where it is long enough, compiling is tried too, or simply done where `pins` say so. For
    answers on a CPU compiling is oneDNN's, of chains of operations, and always tried. Nothing that `pins` settle is
    changed.

    Cost:    about `seconds`, or 3 % of the run where that is less; milliseconds where it is remembered; where compiling
             is tried, tens of seconds more.
    Raises:  InputError for pins that can't be met.
    """
    start, pins = time.perf_counter(), pins or Pins()
    candidates = list_candidates(device, pins)
    if pins.compiled and not forward:
        _require_compiler(candidates[0])
    if len(candidates) == 1 and (pins.compiled is not None or forward):
        return Tuned(replace(candidates[0], compiled=bool(pins.compiled)), "given")
    about = _describe(module, batch, candidates, forward=forward)
    found = _recall(about, candidates) if recall else None
    limit = None if expected is None else lambda step: max(LEAST_SECONDS, PROBE_SHARE * expected(step))
    verdict = found or _probe(module, batch, candidates, seconds, limit, forward=forward)
    best = choose_fastest({each: verdict.seconds[each.label] for each in candidates if each.label in verdict.seconds})
    notes: tuple[str, ...] = ()
    if pins.compiled:
        best = replace(best, compiled=True)
    elif pins.compiled is None and expected and not forward:
        best, verdict, notes = _try_compiling(module, batch, best, verdict, expected)
    elif pins.compiled is None and forward and best.is_cpu:
        best, verdict = _try_chaining(module, batch, best, verdict)
    origin: Origin = "remembered" if verdict is found else "probed"
    if origin == "probed":
        keep_verdict(about, verdict)
    return Tuned(best, origin, dict(verdict.seconds), time.perf_counter() - start, notes)


def settle_plain(pins: Pins | None = None, device: str | None = None) -> Tuned:
    """Eager fp32, but for what the user settled, without a probe.

    Raises:  InputError for pins that can't be met.

    >>> settle_plain(device="cpu").engine.precision, settle_plain(Pins(precision="bf16"), "cpu").engine.precision
    ('fp32', 'bf16')
    """
    plain = make_plain(device)
    engine = (pins or Pins()).settle(plain)
    if engine.compiled:
        _require_compiler(engine)
    return Tuned(engine, "plain" if engine == plain else "given")


def _describe(module: nn.Module, batch: Tensor, candidates: Sequence[Engine], *, forward: bool) -> dict[str, Any]:
    return {
        **describe_machine(candidates[0].device),
        "structure": hash_structure(module),
        "batch": list(batch.shape),
        "candidates": [each.label for each in candidates],
        "forward": forward,
    }


def _recall(about: Mapping[str, Any], candidates: Sequence[Engine]) -> Verdict | None:
    """What is kept, if it says how long the plain engine takes."""
    verdict = recall_verdict(about)
    return verdict if verdict and candidates[0].label in verdict.seconds else None


def _probe(
    module: nn.Module,
    batch: Tensor,
    candidates: Sequence[Engine],
    seconds: float,
    limit: Callable[[float], float] | None,
    *,
    forward: bool,
) -> Verdict:
    least, samples = time_candidates(module, batch, candidates, seconds, forward=forward, limit=limit)
    return Verdict({each.label: taken for each, taken in least.items()}, samples)


def _try_compiling(
    module: nn.Module, batch: Tensor, best: Engine, verdict: Verdict, expected: Callable[[float], float]
) -> tuple[Engine, Verdict, tuple[str, ...]]:
    """The engine compiled, where the run is long enough to pay for that; what was measured; what to say of it."""
    step = verdict.seconds[best.label] * len(batch) / verdict.samples
    if expected(step) < WORTH_SECONDS or not can_compile(best.device):
        return best, verdict, ()
    if best.label not in verdict.compiled:
        timed = time_compiled(module, batch, best)
        verdict = replace(verdict, compiled={**verdict.compiled, best.label: timed})
    found = verdict.compiled[best.label]
    if found is None:
        return best, verdict, ("not compiled: torch.compile can't follow this network",)
    pays = found.pays(expected(found.eager))
    costs = f"{found.start:.0f} s to start, then {found.step / found.eager:.2f} of an eager step's time"
    return replace(best, compiled=pays), verdict, (f"{'compiled' if pays else 'not compiled'}: {costs}",)


def _try_chaining(module: nn.Module, batch: Tensor, best: Engine, verdict: Verdict) -> tuple[Engine, Verdict]:
    """The engine with chains of operations compiled, where answers are faster so; and what was measured."""
    if best.label not in verdict.compiled:
        timed = time_chained(module, batch[: verdict.samples], best)
        verdict = replace(verdict, compiled={**verdict.compiled, best.label: timed})
    found = verdict.compiled[best.label]
    return replace(best, compiled=found is not None and found.is_faster), verdict


def time_chained(module: nn.Module, batch: Tensor, engine: Engine) -> Compiled | None:
    """Time answers with chains of operations compiled, in turns with those without; None where they can't be.

    Cost: nine passes of each, and a copy of the module for each.
    """
    plain, chained = (prepare(module, replace(engine, compiled=each), batch) for each in (False, True))
    if not isinstance(chained, Chained):
        return None
    placed = place_batch(batch.detach(), engine)
    start = take_answer(chained, placed, engine)[0]
    take_answer(plain, placed, engine)
    pairs = [[take_answer(each, placed, engine)[0] for each in (chained, plain)] for _ in range(_ROUNDS)]
    step, eager = (min(column) for column in zip(*pairs, strict=True))
    return Compiled(max(0.0, start - step), step, eager)


def _require_compiler(engine: Engine) -> None:
    if not can_compile(engine.device):
        needed = "a C++ compiler (g++ or clang++)" + ("" if engine.is_cpu else " and Triton")
        raise InputError(f"--compile: found no compiler, needed {needed}. Install it, or leave --compile out")
