"""Texts on a page: the words that a network saw, each on the colour of its heat where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from striate.data.words import decode_cells
from striate.report.markup import element
from striate.report.pictures import draw_sample
from striate.report.story import Story

SHADES = 8  # of each colour, in style.css
MOST_WORDS = 120  # of a text on a card


def draw_input(story: Story, sample: NDArray[Any], label: str) -> Markup:
    """Draw one sample of a story: its words where it is a text, else its picture, a sound's with its player."""
    if story.reading is None or story.reading.get("kind") != "words":
        return draw_sample(sample, label, story.rate)
    words = decode_cells(sample, story.reading)
    cut = " …" if len(words) > MOST_WORDS else ""
    return element("p", element("bdi", " ".join(words[:MOST_WORDS]) + cut), class_="wording", aria_label=label)


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
