"""generate: how a sequence would go on, by a run that learned to continue such sequences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.errors import DataError, InputError
from striate.verbs.runs import Run, load

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SECONDS, SAMPLES = 1.0, 1000  # where nothing is asked for: of sound, and of sequences without a rate
MOST_SAMPLES = 10_000_000
HOTTEST = 10.0


@dataclass(frozen=True, eq=False)
class Continuation:
    """What a run gave for how `given` goes on: `values`, [continuations, samples], and their `levels`.

    Of sound, values are floats from -1 to 1, `rate` to the second; of bytes they are the levels, and there is no rate.
    """

    name: str
    given: NDArray[Any] = field(repr=False)
    values: NDArray[Any] = field(repr=False)
    levels: NDArray[np.uint8] = field(repr=False)
    rate: int | None
    temperature: float
    seed: int

    @property
    def whole(self) -> NDArray[Any]:
        """What was given, and each continuation after it; [continuations, given and new samples]."""
        import numpy as np

        given = np.broadcast_to(self.given, (len(self.values), len(self.given)))
        return np.concatenate([given, self.values], axis=1)


def generate(
    run: Run | str | Path,
    start: Any = None,
    *,
    seconds: float | None = None,
    samples: int | None = None,
    temperature: float = 1.0,
    seed: int = 0,
    count: int = 1,
    on_progress: Callable[[int, int], None] | None = None,
) -> Continuation:
    """Write a recording, or a sequence of bytes, on by the run's own expectation; without a `start` begin in silence.

    `start` is a file, or an array [length]: bytes (levels), or of sound floats from -1 to 1. So many `seconds` are
    written, or `samples`. At a `temperature` below 1 the likelier levels are taken more often, at 0 always the
    likeliest. `count` continuations are drawn at once, each by random numbers of its own, which `seed` settles.

    Raises:  InputError for a run that doesn't continue, or a length that can't be; DataError for a start that can't be
             read.
    Source:  Le Paine et al. 2016, "Fast Wavenet generation algorithm", arXiv:1611.09482.
    """
    import numpy as np

    from striate.data.levels import expand
    from striate.engine import use_threads
    from striate.train.generating import generate_levels

    run = run if isinstance(run, Run) else load(run)
    if run.task.name != "continue":
        raise InputError(f"{run.path}: was trained to {run.task.name}, needed a run trained with --task continue")
    wanted = _count_samples(run.rate, seconds, samples)
    if not 0 <= temperature <= HOTTEST:
        raise InputError(f"temperature is {temperature:g}, needed a number from 0 to {HOTTEST:g}. Change it")
    if count < 1 or seed < 0:
        raise InputError(f"count is {count} and seed {seed}, needed at least 1 and 0. Change them")
    levels, name = read_start(run, start)
    with use_threads(run.engine):
        starts, heat = [levels] * count, [temperature] * count
        drawn = generate_levels(run.module, starts, wanted, run.recipe, heat, seed, on_progress)
    heard = run.rate is not None
    given, values = (expand(levels), expand(drawn)) if heard else (levels, drawn)
    return Continuation(name, np.asarray(given), np.asarray(values), drawn, run.rate, temperature, seed)


def read_start(run: Run, start: Any) -> tuple[NDArray[np.uint8], str]:
    """What is to be continued, as levels, and what to call it.

    Raises:  DataError where it can't be read.
    """
    import numpy as np

    from striate.data.levels import quantise

    if start is None:
        return np.zeros(0, np.uint8), "silence"
    if isinstance(start, str | Path):
        return _read_file(run, Path(start)), str(start)
    values = np.asarray(start)
    if values.ndim == 1 and values.dtype == np.uint8:
        return values, "an array"
    reals = values.ndim == 1 and values.dtype.kind == "f" and run.rate is not None
    if not reals or not np.isfinite(values).all() or np.abs(values).max(initial=0) > 1:
        needed = "bytes [length]" + (", or floats from -1 to 1" if run.rate is not None else "")
        raise DataError(f"start: found {values.dtype} {list(values.shape)}, needed {needed}. Convert it")
    return quantise(values), "an array"


def _read_file(run: Run, path: Path) -> NDArray[np.uint8]:
    """A recording at the run's rate, levelled as those that it was trained on; of bytes an .npy file."""
    import numpy as np

    from striate.data.levels import quantise
    from striate.data.recording import level_peak, listen
    from striate.data.sound import read_sound

    if run.rate is None:
        try:
            values = np.load(path, allow_pickle=False)
        except (OSError, ValueError) as problem:
            raise DataError(f"{path}: can't be read ({problem}), needed an .npy file. Give another") from None
        if values.dtype != np.uint8 or values.ndim != 1:
            raise DataError(f"{path}: found {values.dtype} {list(values.shape)}, needed bytes [length]. Convert it")
        return np.asarray(values, np.uint8)
    values, rate = read_sound(path)
    try:
        return quantise(level_peak(listen(values, rate, run.rate, 1))[0])
    except ValueError as problem:
        raise DataError(f"{path}: found {problem}, needed a longer sound. Give another") from None


def _count_samples(rate: int | None, seconds: float | None, samples: int | None) -> int:
    if seconds is not None and samples is not None:
        raise InputError(f"seconds is {seconds:g} and samples is {samples}, needed one of them. Leave one out")
    if seconds is not None and rate is None:
        raise InputError(f"seconds is {seconds:g}, but the run's sequences have no rate, needed samples. Give these")
    if samples is None:
        asked = SECONDS if seconds is None else seconds
        if not 0 < asked < MOST_SAMPLES:
            raise InputError(f"seconds is {asked:g}, needed a number above 0. Change it")
        samples = SAMPLES if rate is None else max(1, round(asked * rate))
    if not 1 <= samples <= MOST_SAMPLES:
        raise InputError(f"samples is {samples}, needed a number from 1 to {MOST_SAMPLES:,}. Change it")
    return samples
