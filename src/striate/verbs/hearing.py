"""timeline: a run's window slid over a long recording, and where along it each class fires."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.errors import DataError, InputError
from striate.verbs.answering import Choice
from striate.verbs.runs import Run, load
from striate.verbs.scoring import Hear, score_array

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from striate.data.hearing import Hearing

STEPS = 4  # to a window
THRESHOLD = 0.5
QUIET = 0.02  # of the recording's largest sample: a window that stays below holds nothing
_AT_ONCE = 256


@dataclass(frozen=True)
class Span:
    """A stretch of a recording, in seconds, in which one class fires; `probability` is its mean there."""

    start: float
    end: float
    label: str
    probability: float


@dataclass(frozen=True, eq=False)
class Timeline:
    """What a run hears along a recording, in windows of `window` seconds, `step` apart.

    Window i begins at `starts[i]`; `probabilities` are [windows, classes]; `quiet` windows hold next to nothing, and no
    class fires there.
    """

    name: str
    seconds: float
    window: float
    step: float
    classes: tuple[str, ...]
    starts: NDArray[np.float64] = field(repr=False)
    probabilities: NDArray[np.float64] = field(repr=False)
    quiet: NDArray[np.bool_] = field(repr=False)
    spans: tuple[Span, ...]

    def to_dict(self) -> dict[str, Any]:
        """The timeline as plain values."""
        ends = (self.starts + self.window).clip(max=self.seconds)
        rows = zip(self.starts, ends, self.quiet, self.probabilities, strict=True)
        return {
            "file": self.name,
            "seconds": self.seconds,
            "window_seconds": self.window,
            "step_seconds": self.step,
            "spans": [
                {"start": each.start, "end": each.end, "class": each.label, "probability": each.probability}
                for each in self.spans
            ],
            "windows": [
                {
                    "start": float(start),
                    "end": float(end),
                    "quiet": bool(quiet),
                    "probabilities": dict(zip(self.classes, row.tolist(), strict=True)),
                }
                for start, end, quiet, row in rows
            ],
        }


def timeline(
    run: Run | str | Path,
    recording: str | Path,
    *,
    step: float | None = None,
    threshold: float = THRESHOLD,
    engine: str = "auto",
    on_score: Hear | None = None,
) -> Timeline:
    """Find where along a recording of any length each class fires.

    Each window is read as a recording by itself, levelled as those that the run was trained on were. Windows begin
    `step` seconds apart (left out: a quarter of a window). A class fires where it is the likeliest, of a probability of
    `threshold` or more, in windows that aren't quiet; each window speaks for its middle.

    Raises:  InputError for a run that wasn't trained on sound to classify it, or a step or threshold that can't be;
             DataError for a file that can't be read.
    """
    import numpy as np

    from striate.data.hearing import Hearing
    from striate.data.recording import listen
    from striate.data.sound import read_sound

    run = run if isinstance(run, Run) else load(run)
    hearing = Hearing.from_dict(_check_run(run))
    _check_options(step, threshold)
    values, rate = read_sound(recording)
    try:
        samples = listen(values, rate, hearing.rate, run.input[0])
    except ValueError as problem:
        raise DataError(f"{recording}: found {problem}, needed a longer sound. Give another") from None
    hop = max(1, round(step * hearing.rate)) if step else max(1, hearing.length // STEPS)
    starts = np.arange(0, max(1, samples.shape[1] - hearing.length + hop), hop)
    rows, quiet = [], []
    for chunk, silent in _cut_windows(samples, starts, hearing):
        rows.append(score_array(run, chunk, None, Choice(engine)))
        quiet.append(silent)
        if on_score:
            on_score(sum(map(len, rows)), len(starts))
    seconds = samples.shape[1] / hearing.rate
    probabilities, silence = np.concatenate(rows), np.concatenate(quiet)
    begun, window = starts / hearing.rate, hearing.length / hearing.rate
    labels = _name_windows(probabilities, silence, run.classes, threshold)
    spans = find_spans(labels, probabilities.max(1), find_edges(begun, window, seconds))
    return Timeline(
        str(recording), seconds, window, hop / hearing.rate, run.classes, begun, probabilities, silence, spans
    )


def find_edges(starts: NDArray[np.float64], window: float, seconds: float) -> NDArray[np.float64]:
    """The times between which each window speaks: halfway between the middles of neighbours, and the recording's ends.

    >>> import numpy as np
    >>> find_edges(np.array([0.0, 1.0, 2.0]), 2.0, 4.0).tolist()
    [0.0, 1.5, 2.5, 4.0]
    """
    import numpy as np

    middles = starts + window / 2
    return np.concatenate([[0.0], (middles[1:] + middles[:-1]) / 2, [seconds]])


def find_spans(
    labels: Sequence[str | None], probabilities: NDArray[np.float64], edges: NDArray[np.float64]
) -> tuple[Span, ...]:
    """Join neighbouring windows of one label; None fires nothing.

    >>> import numpy as np
    >>> find_spans(["a", "a", None], np.array([1.0, 0.5, 0.9]), np.array([0.0, 1.0, 2.0, 3.0]))
    (Span(start=0.0, end=2.0, label='a', probability=0.75),)
    """
    spans, first = [], 0
    for place in range(1, len(labels) + 1):
        if place < len(labels) and labels[place] == labels[first]:
            continue
        label = labels[first]
        if label is not None:
            mean = float(probabilities[first:place].mean())
            spans.append(Span(float(edges[first]), float(edges[place]), label, mean))
        first = place
    return tuple(spans)


def _name_windows(
    probabilities: NDArray[np.float64], quiet: NDArray[np.bool_], classes: Sequence[str], threshold: float
) -> list[str | None]:
    best = probabilities.argmax(1)
    fires = ~quiet & (probabilities.max(1) >= threshold)
    return [classes[place] if fired else None for place, fired in zip(best, fires, strict=True)]


def _cut_windows(
    samples: NDArray[np.float32], starts: NDArray[np.int64], hearing: Hearing
) -> Iterator[tuple[NDArray[Any], NDArray[np.bool_]]]:
    """Some windows at a time as the network takes them, and which of them are quiet."""
    import numpy as np

    from striate.data.recording import SILENCE, fit_length, level_peak, render

    least = max(SILENCE, QUIET * float(np.abs(samples).max(initial=0.0)))
    for first in range(0, len(starts), _AT_ONCE):
        pieces = [samples[:, start : start + hearing.length] for start in starts[first : first + _AT_ONCE]]
        quiet = np.array([np.abs(piece).max(initial=0.0) < least for piece in pieces], bool)
        yield np.stack([render(fit_length(level_peak(piece), hearing.length), hearing) for piece in pieces]), quiet


def _check_run(run: Run) -> dict[str, Any]:
    """The run's reading, where it classifies sound."""
    if run.reading is None or run.reading.get("kind") != "sound":
        raise InputError(f"{run.path}: was not trained on sound, which a timeline needs. Leave --timeline out")
    if run.task.name != "classify":
        raise InputError(f"{run.path}: is for {run.task.name}, but a timeline needs classes. Leave --timeline out")
    return run.reading


def _check_options(step: float | None, threshold: float) -> None:
    if step is not None and not 0 < step < 1e6:
        raise InputError(f"step is {step:g}, needed seconds above 0. Change it")
    if not 0 <= threshold <= 1:
        raise InputError(f"threshold is {threshold:g}, needed a probability from 0 to 1. Change it")
