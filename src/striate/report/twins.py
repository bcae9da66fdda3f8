"""Held-out samples beside the training samples that they duplicate, so that the reader can judge for himself."""

from __future__ import annotations

from typing import Any

import numpy as np
from markupsafe import Markup

from striate.data.duplicates import Duplicates, Pair
from striate.data.marks import write_labels
from striate.report.markup import element
from striate.report.numerals import write_count, write_number, write_percent
from striate.report.story import Story
from striate.report.wording import draw_input

MOST = 12


def describe_twins(found: Duplicates, part: str, exact_alone: str = "") -> str:
    """Say what was compared, how, what was found, and which share of the figures' samples that is."""
    stands = "stands" if found.exact == 1 else "stand"
    exact = f"{write_count(found.exact)} of the {write_count(found.held)} {part} samples {stands} byte for byte in the"
    if found.is_exact_alone and not found.exact:
        said = f"None of the {write_count(found.held)} {part} samples stands byte for byte in the training part."
        return f"{said} {exact_alone}".rstrip()
    if found.is_exact_alone:
        return f"{exact} training part: {write_percent(found.share)}. {exact_alone}".rstrip()
    looked = "all were" if found.looked == found.held else f"{write_count(found.looked)}, drawn by the seed, were"
    near = f"{write_count(found.near)} more {'looks' if found.near == 1 else 'look'} like one of its samples"
    if not (found.exact or found.near):
        return f"None of the {write_count(found.held)} {part} samples stands in the training part; {looked} compared."
    estimate = "" if found.looked == found.held else " by estimate"
    return f"{exact} training part; {near} ({looked} compared). In all that is {write_percent(found.share)}{estimate}."


def explain_exact(story: Story) -> str:
    """Why only equal bytes are looked for, in data where nearness of values says nothing; "" in others."""
    kind = (story.reading or {}).get("kind")
    if kind == "words":
        return "Texts are compared as wholes: words whose numbers are near are no more alike than others."
    if kind == "series":
        return "Only equal windows are looked for: those that overlap are alike by design."
    if story.rate is not None:
        return "Only equal recordings are looked for: a wave a moment later has other values and sounds the same."
    return ""


def explain_twins(found: Duplicates) -> str:
    """Say by which rule a pair is called alike."""
    if found.is_exact_alone:
        return "Alike: the same bytes."
    if found.threshold is None or found.dimension is None:
        return "Too few samples to tell which of the rest are alike."
    ratio, dimension = write_number(found.threshold, 2), write_number(found.dimension, 1)
    return (
        f"Alike: the nearest training sample (small, grey, of equal contrast) is nearer than {ratio} times the "
        f"eleventh nearest. In data of {dimension} dimensions, as these are by measurement, chance brings about one "
        "such pair at most."
    )


def draw_twins(story: Story, found: Duplicates) -> Markup:
    """Draw pairs side by side, the most alike first: left the held-out sample, right the training sample."""
    cards = [_draw_card(story, pair) for pair in _choose(found.pairs)]
    return element("ol", cards, class_="mistakes twins") if cards else Markup()


def _choose(pairs: tuple[Pair, ...]) -> tuple[Pair, ...]:
    """Of many pairs, some from the most alike to the least, evenly."""
    if len(pairs) <= MOST:
        return pairs
    return tuple(pairs[place] for place in np.linspace(0, len(pairs) - 1, MOST).astype(int))


def _name_label(story: Story, label: Any) -> str:
    """A sample's class, or what else it is labelled with, in a few words."""
    if story.outcome is None:
        return story.classes[int(label)]
    if story.outcome.task == "labels":
        return write_labels(story.classes, label)
    row = np.asarray(label)
    return ", ".join(f"{value:.4g}" for value in row) if row.ndim == 1 else "the sample itself"


def _draw_card(story: Story, pair: Pair) -> Markup:
    trained, scored = story.trained, story.scored or story.outcome
    assert trained is not None
    assert scored is not None
    held_class = _name_label(story, scored.labels[pair.held])
    train_class = _name_label(story, trained.labels[pair.trained])
    held, other = story.names[pair.held], trained.names[pair.trained]
    pictures = [
        draw_input(story, np.asarray(story.inputs[pair.held]), f"{held}: {held_class}, held out"),
        draw_input(story, np.asarray(trained.inputs[pair.trained]), f"{other}: {train_class}, in training"),
    ]
    differs = "predicted" if held_class != train_class else None
    facts = [
        element("dt", "class" if story.outcome is None else "labels"),
        element("dd", element("bdi", held_class), title=held_class),
        element("dt", "in training"),
        element("dd", element("bdi", train_class), title=train_class, class_=differs),
        element("dt", "likeness"),
        element("dd", "the same bytes" if pair.exact else write_number(pair.likeness, 4)),
    ]
    names = [element("p", element("bdi", name), class_="file", title=name) for name in (held, other)]
    return element("li", [element("div", pictures, class_="picture pair"), element("dl", facts), *names])
