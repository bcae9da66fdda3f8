"""How far a batch of maps can be trusted: the figures, what each is against, and what they come to in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from striate.explain.trust.scale import SCALES

FEW = 5
"""Below so many maps a mean is a hint, and is said to be one."""


@dataclass(frozen=True)
class Areas:
    """The areas below a curve, one for each map; beside them those of the controls, which never saw the network.

    `random` takes the cells in an order by chance, `edges` in that of the input's own edges.
    """

    found: tuple[float, ...]
    random: tuple[float, ...]
    edges: tuple[float, ...]


@dataclass(frozen=True)
class Stage:
    """One step of the randomisation: the layers that were shuffled, beside those of the stages before it.

    For each map its rank correlation with the map of the randomised network: `absolute` between the magnitudes, as the
    literature has it; `drawn` between the values as a picture shows them, with their signs.
    """

    layers: tuple[str, ...]
    absolute: tuple[float, ...]
    drawn: tuple[float, ...]


@dataclass(frozen=True)
class Verdict:
    """What the figures come to: whether to trust, and why, or why not, in a line or two."""

    trustworthy: bool
    words: tuple[str, ...]


@dataclass(frozen=True)
class Trust:
    """Figures about maps: whether they show what moves the answer, and whether they hang on what was learned.

    `stages` go from the top layer down to all. `overall` is the verdict on the maps together, `maps` on each of them
    alone, which is weaker evidence. Deletion and insertion are measured on `scale`, one of SCALES.
    """

    deletion: Areas
    insertion: Areas
    stages: tuple[Stage, ...] = field(repr=False)
    overall: Verdict
    maps: tuple[Verdict, ...] = field(repr=False)
    scale: str = "classes"

    def __len__(self) -> int:
        """How many maps the figures are about."""
        return len(self.maps)

    @property
    def trustworthy(self) -> bool:
        """Whether the maps together passed all that was asked of them."""
        return self.overall.trustworthy

    @property
    def words(self) -> tuple[str, ...]:
        """The verdict on the maps together, a line or two."""
        return self.overall.words

    def lines(self) -> tuple[str, ...]:
        """The figures and the verdict in short lines, for a terminal or beside a picture."""
        top, last = self.stages[0], self.stages[-1]
        signed = any(stage.absolute != stage.drawn for stage in self.stages)
        drawn = f"; signs included {mean(top.drawn):.2f} and {mean(last.drawn):.2f}" if signed else ""
        word = "trustworthy" if self.trustworthy else "not trustworthy"
        scale = SCALES[self.scale]
        measured = f"deletion and insertion are of {scale.subject}. {scale.note}"
        return (
            f"deletion {say_areas(self.deletion, 'less')}",
            f"insertion {say_areas(self.insertion, 'more')}",
            *((measured,) if scale.note else ()),
            f"rank correlation, top layer randomised {mean(top.absolute):.2f}, all {mean(last.absolute):.2f}{drawn}",
            f"{word} ({count_maps(len(self))}): {self.words[0]}",
            *self.words[1:],
        )


def say_areas(areas: Areas, better: str) -> str:
    """A mean area beside its controls'."""
    against = f"random {mean(areas.random):.2f}, edges {mean(areas.edges):.2f}"
    return f"{mean(areas.found):.2f} ({better} is better; {against})"


def count_maps(count: int) -> str:
    """How many maps, in words.

    >>> count_maps(1), count_maps(2)
    ('1 map', '2 maps')
    """
    return f"{count} map" if count == 1 else f"{count} maps"


def mean(values: Sequence[float]) -> float:
    """The mean of some figures.

    >>> mean((1.0, 2.0))
    1.5
    """
    return sum(values) / len(values)
