"""One map's figures of trust, each in a sentence for someone who never saw one.

What was done, what it came to, against what, and whether that speaks for the map; the tests are those of the verdict.
"""

from __future__ import annotations

from dataclasses import dataclass

from striate.explain.trust.scale import SCALES
from striate.explain.trust.trust import Trust, mean
from striate.explain.trust.verdict import WEAK, compare, find_staying, take, take_stage

STEPS_SAID = "Measured on this very map, in 16 steps"
COMPARED = "; on the data of the documentation 128 steps differ by 0.02 at most"
"""How exact the areas are, as docs/explain.md has it: of classes."""


@dataclass(frozen=True)
class Told:
    """A figure about one map: its `value`, those of the `controls` by name, `passed`, and all that in words.

    `exact` says whether the number is the thing itself, and if not, why not.
    """

    name: str
    value: float
    controls: tuple[tuple[str, float], ...]
    passed: bool
    words: str
    exact: str


def tell_map(trust: Trust, at: int = 0) -> tuple[Told, ...]:
    """Tell the figures of one of the maps: deletion, insertion, the edge control, and the randomisation.

    They are all passed where the map's own verdict is that it is trustworthy (or it is the same everywhere).
    """
    return tell_deletion(trust, at), tell_insertion(trust, at), tell_edges(trust, at), tell_randomisation(trust, at)


def tell_deletion(trust: Trust, at: int) -> Told:
    """How fast the answer goes as the hottest cells are taken away."""
    one = take(trust.deletion, at)
    gone, chance = [1 - one.found[0]], [1 - one.random[0]]
    words = (
        f"As cells are taken away, the hottest first, {SCALES[trust.scale].subject} is {_share(one.found[0])} on "
        f"average; in an order by chance {_share(one.random[0])}, along the input's own edges {_share(one.edges[0])}. "
        f"Less is better.{_note(trust)}"
    )
    passed = not compare("deletion", one, gone, chance)
    return Told("deletion", one.found[0], _controls(one.random[0], one.edges[0]), passed, words, _say_steps(trust))


def tell_insertion(trust: Trust, at: int) -> Told:
    """How fast the answer comes as the hottest cells are put back into the blurred input."""
    one = take(trust.insertion, at)
    words = (
        f"As cells are put back into the blurred input (words into none), the hottest first, "
        f"{SCALES[trust.scale].subject} is {_share(one.found[0])} on average; "
        f"by chance {_share(one.random[0])}, along edges {_share(one.edges[0])}. More is better.{_note(trust)}"
    )
    passed = not compare("insertion", one, one.found, one.random)
    return Told("insertion", one.found[0], _controls(one.random[0], one.edges[0]), passed, words, _say_steps(trust))


def tell_edges(trust: Trust, at: int) -> Told:
    """Whether the map says more than the input's own edges, which see no network."""
    deletion, insertion = take(trust.deletion, at), take(trust.insertion, at)
    own, edges = insertion.found[0] - deletion.found[0], insertion.edges[0] - deletion.edges[0]
    chance = insertion.random[0] - deletion.random[0]
    more = "more" if own > edges else "no more"
    words = (
        f"Insertion less deletion comes to {_write(own)}, by chance to {_write(chance)}, and to {_write(edges)} for an "
        f"edge detector, which sees no network. This map says {more} about the answer than the edges do."
    )
    return Told("controls", own, _controls(chance, edges), own > edges, words, _say_steps(trust))


def tell_randomisation(trust: Trust, at: int) -> Told:
    """Whether the map goes as the weights are shuffled, from the top layer down to all."""
    stages = [take_stage(stage, at) for stage in trust.stages]
    staying = find_staying([stage.drawn for stage in stages])
    hangs = "hangs on what was learned" if staying < WEAK else "would look much the same without what was learned"
    words = (
        f"As the network's weights are shuffled, layer by layer, the map stays like itself by {_write(staying)} (1 the "
        f"same, 0 another; the top layer alone {_write(mean(stages[0].drawn))}, all layers "
        f"{_write(mean(stages[-1].drawn))}). Below {WEAK} is asked: the map {hangs}."
    )
    count = "one stage" if len(stages) == 1 else f"{len(stages)} stages"
    exact = f"One shuffle by the seed, in {count}: another gives another figure. Likeness is the correlation of ranks."
    controls = tuple((_name(stage.layers, place), stage.drawn[0]) for place, stage in enumerate(stages))
    return Told("randomisation", staying, controls, staying < WEAK, words, exact)


def _name(layers: tuple[str, ...], place: int) -> str:
    """What a stage shuffled."""
    named = layers[0] or "the network"
    others = f" and {len(layers) - 1} more" if len(layers) > 1 else ""
    return f"{'from the top: ' if not place else ''}{named}{others}"


def _note(trust: Trust) -> str:
    """What the scale is, where that isn't plain, as one more sentence."""
    note = SCALES[trust.scale].note
    return note and f" {note}"


def _say_steps(trust: Trust) -> str:
    """How exact the areas are; what was found of probabilities is said of these alone."""
    return f"{STEPS_SAID}{COMPARED if trust.scale == 'classes' else ''}."


def _controls(random: float, edges: float) -> tuple[tuple[str, float], ...]:
    return ("chance", random), ("edges", edges)


def _share(value: float) -> str:
    """A mean probability in words.

    >>> _share(0.256)
    '26 %'
    """
    return f"{100 * value:.0f} %"


def _write(value: float) -> str:
    """A figure of two digits, with a true minus.

    >>> _write(-0.126), _write(0.4)
    ('−0.13', '0.40')
    """
    return f"{value:.2f}".replace("-", "−")
