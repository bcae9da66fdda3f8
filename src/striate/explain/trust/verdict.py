"""From figures to words: when maps are called trustworthy, and what is said against them.

The thresholds were chosen on networks whose truth was planted (`benchmarks/explain_trust.py`, docs/explain.md). Three
things are asked, all of them:

- Deletion and insertion beat an order by chance, by MARGIN of what chance leaves to gain, and by twice the standard
  error where there are several maps.
- Insertion less deletion beats that of an edge detector, which sees no network.
- As the weights are randomised from the top layer down, the map goes: its mean rank correlation with what it was, over
  the stages, stays below WEAK.

The correlation is that of the values as they are drawn. By magnitude alone every method that multiplies by the input
(input x gradient, integrated gradients) keeps the input's contrast and looks as insensitive as guided backpropagation,
though its signs, which the picture shows, are gone. Where magnitudes stay and signs alone go, a line says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from striate.explain.trust.trust import FEW, Areas, Stage, Verdict, count_maps, mean

MARGIN = 0.05
WEAK = 0.45
HARDLY = 0.75


def judge_all(deletion: Areas, insertion: Areas, stages: Sequence[Stage], flat: Sequence[bool]) -> Verdict:
    """The verdict on maps together; `flat` says of each whether it is the same everywhere."""
    count = len(deletion.found)
    against = [*find_flat(flat), *find_unfaithful(deletion, insertion), *find_insensitive(stages)]
    words = (against or [say_for(deletion, stages)]) + find_cautions(stages)
    if count < FEW:
        words[-1] += f" ({count_maps(count)} only: a hint)"
    return Verdict(not against, tuple(words))


def judge_each(deletion: Areas, insertion: Areas, stages: Sequence[Stage], flat: Sequence[bool]) -> tuple[Verdict, ...]:
    """The verdict on each map by itself."""
    return tuple(
        judge_all(take(deletion, at), take(insertion, at), [take_stage(stage, at) for stage in stages], [flat[at]])
        for at in range(len(flat))
    )


def take(areas: Areas, at: int) -> Areas:
    """The areas of one map."""
    return Areas((areas.found[at],), (areas.random[at],), (areas.edges[at],))


def take_stage(stage: Stage, at: int) -> Stage:
    """The correlations of one map."""
    return Stage(stage.layers, (stage.absolute[at],), (stage.drawn[at],))


def find_flat(flat: Sequence[bool]) -> list[str]:
    """What is said of maps that show nothing."""
    if not any(flat):
        return []
    return ["the same everywhere: shows nothing" if all(flat) else f"{sum(flat)} of {len(flat)} maps show nothing"]


def find_unfaithful(deletion: Areas, insertion: Areas) -> list[str]:
    """What is said of maps that show what moves the answer no better than a control."""
    gone, chance = ([1 - value for value in values] for values in (deletion.found, deletion.random))
    found = [
        *compare("deletion", deletion, gone, chance),
        *compare("insertion", insertion, insertion.found, insertion.random),
    ]
    own, edges = mean(insertion.found) - mean(deletion.found), mean(insertion.edges) - mean(deletion.edges)
    if own <= edges:
        found.append(
            "no better than an edge detector, which sees no network "
            f"(insertion less deletion {own:.2f} against {edges:.2f})"
        )
    return ["; ".join(found)] if found else []


def compare(name: str, areas: Areas, found: Sequence[float], chance: Sequence[float]) -> list[str]:
    """What is said of figures, of which more is better and 1 the most, that don't beat chance clearly."""
    gains = [one - other for one, other in zip(found, chance, strict=True)]
    gain, least = mean(gains), MARGIN * (1 - mean(chance))
    if gain > max(least, 2 * find_error(gains)):
        return []
    how = "not surely" if gain > least else "no"
    return [f"{name} {how} better than random ({mean(areas.found):.2f} against {mean(areas.random):.2f})"]


def find_error(values: Sequence[float]) -> float:
    """The standard error of a mean; 0 for one value, of which nothing is known.

    >>> find_error([1.0, 3.0])
    1.0
    """
    count = len(values)
    if count < 2:
        return 0.0
    middle = mean(values)
    return math.sqrt(sum((value - middle) ** 2 for value in values) / (count - 1) / count)


def find_insensitive(stages: Sequence[Stage]) -> list[str]:
    """What is said of maps that stay what they were as the weights go."""
    staying = find_staying([stage.drawn for stage in stages])
    if staying < WEAK:
        return []
    much = "hardly changes" if staying >= HARDLY else "changes little"
    against = f"(rank correlation {staying:.2f}): shows the input more than the network"
    return [f"{much} when the weights are randomised {against}"]


def find_cautions(stages: Sequence[Stage]) -> list[str]:
    """What should be known of maps whose signs go with the weights, but not the places where they are strong."""
    drawn, absolute = (find_staying(each) for each in zip(*((one.drawn, one.absolute) for one in stages), strict=True))
    if drawn >= WEAK or absolute < HARDLY:
        return []
    return [f"only its signs change: where it is strong hardly does (rank correlation of magnitudes {absolute:.2f})"]


def find_staying(correlations: Sequence[Sequence[float]]) -> float:
    """How much of the maps stays as the weights are randomised: the mean over stages, and the maps of each.

    A map that turns into its opposite doesn't stay, and makes up for none that does: its correlation counts as 0.
    """
    return mean([mean([max(0.0, value) for value in stage]) for stage in correlations])


def say_for(deletion: Areas, stages: Sequence[Stage]) -> str:
    """What is said of maps that nothing speaks against."""
    staying = find_staying([stage.drawn for stage in stages])
    return (
        f"deletion better than random ({mean(deletion.found):.2f} against {mean(deletion.random):.2f}), "
        f"and changes when the weights are randomised (rank correlation {staying:.2f})"
    )
