"""What a run answers on one sample: the line that `predict` prints, every class's score, and what there is to see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from striate.errors import InputError

if TYPE_CHECKING:
    from striate.report.media import Media
    from striate.verbs.runs import Run

FIRST = 3  # classes that a line names
LIKELY = 0.5
GAP = "   "


@dataclass(frozen=True)
class Told:
    """An answer in a line; each class's probability (or share of cells), each number; and the sample to look at."""

    line: str
    scores: tuple[tuple[str, float], ...]
    are_shares: bool
    media: tuple[Media, ...]


def write_answer(run: Run, row: NDArray[Any]) -> str:
    """Write a row of `predict` in words: the three likeliest classes, the labels that are likely, or the numbers."""
    pairs = [(name, float(value)) for name, value in zip(run.classes, row, strict=True)]
    if run.task.name == "regress":
        return GAP.join(f"{name} {value:.4g}" for name, value in pairs)
    if run.task.name == "labels":
        return GAP.join(f"{name} {100 * value:.1f} %" for name, value in pairs if value >= LIKELY) or "none"
    order = np.asarray(row).argsort()[::-1][:FIRST]
    return GAP.join(f"{run.classes[place]} {100 * float(row[place]):.1f} %" for place in order)


def write_shares(shares: dict[str, float], most: int = 4) -> str:
    """Write the shares of cells that classes have, the largest first.

    >>> write_shares({"sky": 0.25, "sea": 0.75, "sand": 0.0})
    'sea 75.0 %   sky 25.0 %'
    """
    ranked = sorted(shares.items(), key=lambda pair: -pair[1])
    return GAP.join(f"{name} {100 * share:.1f} %" for name, share in ranked[:most] if share > 0)


def tell_one(run: Run, sample: NDArray[Any]) -> Told:
    """Answer one sample [channels, *extents], as files of the run's are read.

    A mask and a restored sample are at the network's own size here; `predict` writes those of files at theirs.
    Raises:  InputError for a run whose answer is a continuation; DataError for a sample of another shape.
    """
    from striate.report.media import make_media
    from striate.verbs.scoring import predict

    task = run.task.name
    if task == "continue":
        raise InputError("this run goes on with sounds, one moment after the other. Use striate generate")
    row = predict(run, np.asarray(sample)[None])[0]
    if task == "segment":
        return _tell_mask(run, np.asarray(sample), row)
    if task == "restore":
        return _tell_restored(run, np.asarray(sample), row)
    media = make_media(np.asarray(sample), "as the network gets it", reading=run.reading, rate=run.rate)
    scores = tuple((name, float(value)) for name, value in zip(run.classes, row, strict=True))
    return Told(write_answer(run, row), scores, task != "regress", (media,))


def _tell_mask(run: Run, sample: NDArray[Any], mask: NDArray[Any]) -> Told:
    from striate.report.cellcolours import choose_colours
    from striate.report.media import make_media, show_pixels
    from striate.report.outcomes.cells import paint

    counts = np.bincount(mask.reshape(-1), minlength=len(run.classes)) / mask.size
    shares = {name: float(share) for name, share in zip(run.classes, counts, strict=True)}
    painted = paint(sample, np.asarray(mask, np.uint8), choose_colours(run.classes))
    first = make_media(sample, "as the network gets it", reading=run.reading, rate=run.rate)
    return Told(write_shares(shares), tuple(shares.items()), True, (first, show_pixels([painted], "its classes")))


def _tell_restored(run: Run, sample: NDArray[Any], found: NDArray[Any]) -> Told:
    from striate.report.media import make_curves, make_frames, make_media
    from striate.report.outcomes.restored import scale_bytes

    before = make_media(sample, "as the network gets it", reading=run.reading, rate=run.rate)
    if sample.ndim == 2:
        after = make_curves(np.asarray(found) * (32767 if run.rate else 1), "restored", run.rate)
    else:
        after = make_frames(scale_bytes(np.asarray(found), run.task.low), "restored")  # type: ignore[attr-defined]
    return Told("restored, at the network's own size", (), False, (before, after))
