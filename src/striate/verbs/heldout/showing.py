"""A held-out sample to look at and to hear: as the network was given it, and truth and answer where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from striate.verbs.heldout.part import HeldOut

if TYPE_CHECKING:
    from striate.report.media import Media


def show_small(held: HeldOut, number: int) -> Media:
    """A sample for a list: one picture, one curve, some words."""
    from striate.report.media import make_media

    run = held.run
    return make_media(np.asarray(held.part.inputs[number]), reading=run.reading, rate=run.rate, small=True)


def show_sample(held: HeldOut, number: int) -> tuple[Media, ...]:
    """A sample whole; of a segmentation and a restoration also what came of it, and what was wanted."""
    from striate.report.media import make_media

    run = held.run
    if run.task.name == "segment":
        return _show_cells(held, number)
    if run.task.name == "restore":
        return _show_restored(held, number)
    return (
        make_media(np.asarray(held.part.inputs[number]), "as the network gets it", reading=run.reading, rate=run.rate),
    )


def list_scores(held: HeldOut, number: int) -> list[tuple[str, float]]:
    """Each class's (or label's) probability, each number's answer; nothing of a task that has no such answer."""
    if not held.run.task.keeps_outputs:
        return []
    return [(name, float(value)) for name, value in zip(held.run.classes, held.answers[number], strict=True)]


def _hold_out(held: HeldOut, number: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """What the network was given of a sample, what it answers, and what was wanted."""
    from striate.verbs.reporting import show_one

    example = show_one(held.run, held.part, number)
    return example.given, example.answer, example.wanted


def _show_cells(held: HeldOut, number: int) -> tuple[Media, ...]:
    from striate.data.cellclasses import UNJUDGED
    from striate.report.cellcolours import choose_colours
    from striate.report.media import make_media, show_pixels
    from striate.report.outcomes.cells import mark, paint

    given, answer, truth = _hold_out(held, number)
    said, colours = np.asarray(answer, np.uint8), choose_colours(held.run.classes)
    wrong = (truth != said) & (truth != UNJUDGED)
    first = make_media(np.asarray(held.part.inputs[number]), "given", reading=held.run.reading)
    painted = ((paint(given, truth, colours), "truth"), (paint(given, said, colours), "answer"))
    return (
        first,
        *(show_pixels([pixels], title) for pixels, title in painted),
        show_pixels([mark(given, wrong, truth == UNJUDGED)], "where it is wrong"),
    )


def _show_restored(held: HeldOut, number: int) -> tuple[Media, ...]:
    from striate.report.media import make_curves, make_frames, show_pixels
    from striate.report.outcomes.restored import TITLES, paint_difference, scale_bytes

    given, answer, wanted = (np.asarray(each, np.float32) for each in _hold_out(held, number))
    arrays = (given, answer, wanted)
    if given.ndim == 2:
        scale = 32767 if held.run.rate else 1
        return tuple(
            make_curves(each * scale, title, held.run.rate) for each, title in zip(arrays, TITLES[:3], strict=True)
        )
    low = -1.0 if np.asarray(held.part.inputs[number]).dtype == np.int16 else 0.0
    shown = [make_frames(scale_bytes(each, low), title) for each, title in zip(arrays, TITLES[:3], strict=True)]
    return (*shown, show_pixels([paint_difference(answer - wanted)], TITLES[3]))
