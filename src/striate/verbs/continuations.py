"""The held-out sequences whose continuations a report shows: which, how much of them is given, and how they go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from striate.data import Part
    from striate.report import Example
    from striate.verbs.runs import Run

SHOWN = 3
GIVEN = 0.4  # of the shortest of them
SECONDS, MOST_SAMPLES = 0.5, 4000
LEAST = 64  # samples that are given


def show_continuations(run: Run, part: Part, kept: NDArray[np.float32]) -> tuple[Example, ...]:
    """Some sequences, from easily told to hardly told, written on at each temperature; all of them at once."""
    import numpy as np

    from striate.engine import use_threads
    from striate.report import Example
    from striate.report.outcomes.continued import TEMPERATURES
    from striate.train.generating import generate_levels, is_streaming

    places = choose_places(kept)
    counts = kept.sum(2)[places, 1].astype(int)
    given = int(GIVEN * min(counts, default=0))
    if not is_streaming(run.module) or given < LEAST:
        return ()
    length = min(MOST_SAMPLES, round(SECONDS * run.rate) if run.rate else part.inputs.shape[-1] - given)
    levels = np.stack([np.asarray(part.inputs[place])[0] for place in places])
    heat = [each for _ in places for each in TEMPERATURES]
    starts = [row[:given] for row in levels for _ in TEMPERATURES]
    with use_threads(run.engine):
        drawn = generate_levels(run.module, starts, length, run.recipe, heat, run.recipe.seed)
    answers = drawn.reshape(len(places), len(TEMPERATURES), length)
    rows = zip(places, levels, answers, counts.tolist(), strict=True)
    return tuple(
        Example(place, row[:given], answer, row[given : min(count, given + length)])
        for place, row, answer, count in rows
    )


def choose_places(kept: NDArray[np.float32]) -> list[int]:
    """Sequences at a sixth, half, and five sixths of the order by bits per sample, of those not among the shortest.

    >>> import numpy as np
    >>> kept = np.stack([np.arange(6.0), np.full(6, 4.0)], 1)[:, :, None]
    >>> choose_places(kept)
    [1, 3, 5]
    """
    import numpy as np

    bits, counts = kept.sum(2).T
    long = np.flatnonzero((counts >= np.median(counts)) & (counts > 0))
    order = long[np.argsort(bits[long] / counts[long], kind="stable")]
    return [int(order[int((place + 0.5) * len(order) / SHOWN)]) for place in range(min(SHOWN, len(order)))]
