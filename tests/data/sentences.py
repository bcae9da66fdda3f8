"""A set whose classes differ in the order of words alone: "not like ML" against "ML not like", among other words."""

from __future__ import annotations

import csv
import random
from pathlib import Path

VERBS = ("like", "love", "want", "need", "know", "trust", "read", "see")
NOUNS = ("ML", "tea", "cats", "rain", "music", "chess", "bread", "code")
PEOPLE = ("we", "they", "people", "friends", "you")
TIMES = ("today", "often", "really", "here", "again", "maybe")
CLASSES = ("noun first", "verb first")


def compose(count: int, seed: int = 0) -> list[tuple[str, str]]:
    """Draw (text, label): the three words that matter, in one of two orders, and two to four phrases around them.

    The phrases are drawn alike for both classes, and hold all that a pair of neighbours could tell: "we like ML", "ML
    not", "not like".
    """
    chance, texts = random.Random(seed), []
    for number in range(count):
        verb, noun = chance.choice(VERBS), chance.choice(NOUNS)
        core = f"not {verb} {noun}" if number % 2 else f"{noun} not {verb}"
        before, after = ([_phrase(chance) for _ in range(chance.randrange(1, 3))] for _ in range(2))
        texts.append((" , ".join([*before, core, *after]), CLASSES[number % 2]))
    return texts


def write_table(path: Path, texts: list[tuple[str, str]]) -> Path:
    """Write texts as a table `text,label`."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "label"), *texts])
    return path


def _phrase(chance: random.Random) -> str:
    verb, noun = chance.choice(VERBS), chance.choice(NOUNS)
    return chance.choice(
        [
            f"{chance.choice(PEOPLE)} {verb} {noun}",
            f"{noun} {chance.choice(TIMES)}",
            f"{chance.choice(TIMES)} {chance.choice(PEOPLE)}",
            f"not {verb}",
            f"{noun} not",
        ]
    )
