"""Texts on a page: the words that a network saw, each on the colour of its heat where there is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from striate.data.levels import expand
from striate.data.words import decode_cells
from striate.report.markup import element
from striate.report.pictures import draw_sample
from striate.report.story import Story

SHADES = 8  # of each colour, in style.css
MOST_WORDS = 120  # of a text on a card


def draw_input(story: Story, sample: NDArray[Any], label: str) -> Markup:
    """Draw one sample of a story: its words where it is a text, else its picture, a sound's with its player."""
    if story.reading is None or story.reading.get("kind") != "words":
        return draw_sample(pick_told(_to_sound(sample, story), story.reading), label, story.rate)
    words = decode_cells(sample, story.reading)
    cut = " …" if len(words) > MOST_WORDS else ""
    return element("p", element("bdi", " ".join(words[:MOST_WORDS]) + cut), class_="wording", aria_label=label)


def _to_sound(sample: NDArray[Any], story: Story) -> NDArray[Any]:
    """Levels as the 16 bits that they stand for; anything else as it is."""
    if story.rate is None or sample.dtype != np.uint8:
        return sample
    return np.asarray(np.rint(expand(sample) * 32767))


def pick_told(sample: NDArray[Any], reading: Mapping[str, Any] | None) -> NDArray[Any]:
    """Of a window of a series the column that is told, for others may be of another scale; anything else as it is.

    >>> plan = {"kind": "series", "columns": ["rate", "close"], "target": "close"}
    >>> pick_told(np.array([[1, 2], [30, 40]]), plan).tolist()
    [[30, 40]]
    """
    if reading is None or reading.get("kind") != "series" or reading["target"] not in reading["columns"]:
        return sample
    told: NDArray[Any] = sample[list(reading["columns"]).index(reading["target"])]
    return told[None]


def draw_words(words: Sequence[str], heat: NDArray[np.float64]) -> Markup:
    """Draw words on their heat: orange for the class, blue against it, the strongest in full colour."""
    spans = []
    for word, shade in zip(words, shade_words(heat[: len(words)]), strict=True):
        name = None if not shade else f"{'warm' if shade > 0 else 'cold'}{abs(shade)}"
        spans += [element("span", element("bdi", word), class_=name), " "]
    return element("p", spans, class_="wording heated")


def shade_words(heat: NDArray[np.float64]) -> list[int]:
    """The shade of each word, from -8 to 8.

    >>> shade_words(np.array([2.0, -1.0, 0.0]))
    [8, -4, 0]
    """
    most = float(np.abs(heat).max(initial=0))
    return [0] * len(heat) if most == 0 else np.rint(SHADES * heat / most).astype(int).tolist()
