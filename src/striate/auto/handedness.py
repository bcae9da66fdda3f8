"""Whether a picture and its mirror image mean the same: told from the names of the classes.

A mirrored cat is a cat; a mirrored 7, letter or `turn-left` sign is not. What can't be told counts as a picture.
"""

from __future__ import annotations

import re

_NUMBERS = frozenset(
    {"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"}
)
_HANDED = frozenset(
    {"left", "leftward", "leftwards", "right", "rightward", "rightwards", "east", "west"}
    | {"northeast", "northwest", "southeast", "southwest", "clockwise", "counterclockwise", "anticlockwise"}
)
_POINTS = frozenset({"n", "ne", "e", "se", "s", "sw", "w", "nw"})
_NOTHING = frozenset({"background", "nothing", "void"})  # a class that says what isn't there
_WRITTEN = frozenset({"text", "letter", "digit", "character", "word"})


def has_handedness(classes: tuple[str, ...]) -> bool:
    """Whether mirroring would turn these classes into something else.

    True where every class but that of nothing is a number, one character, a number's name or a point of the compass, or
    where any class speaks of left and right.

    >>> has_handedness(("0", "1", "2")), has_handedness(("cat", "dog")), has_handedness(("turn-left", "stop"))
    (True, False, True)
    """
    words = [re.split(r"[^a-z0-9]+", name.lower()) for name in classes]
    if any(part in _HANDED | _WRITTEN for parts in words for part in parts):
        return True
    things = [name for name in classes if name.strip().lower() not in _NOTHING] or classes
    return all(_is_sign(name) for name in things)


def _is_sign(name: str) -> bool:
    """A digit, a letter, a number, a number's name, or a point of the compass."""
    plain = name.strip().lower()
    return len(plain) == 1 or plain.lstrip("-").isdecimal() or plain in _NUMBERS or plain in _POINTS
