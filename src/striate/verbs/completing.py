"""complete: what may stand at a place of a network's text, and which words an editor colours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from striate.nets.lookup import list_zoo
from striate.nets.summaries import CHOICES, SUMMARIES, write_pattern
from striate.nets.vocabulary import BRACKETS, LAYERS

_DEFINITION = re.compile(r"(?:^|\n)[ \t]*def[ \t]+([A-Za-z_]\w*)[ \t]*(\([^)\n]*\))?")
_VALUE = re.compile(r"([A-Za-z_]\w*)[ \t]*=[ \t]*([\w.]*)$")
MOST = 40


@dataclass(frozen=True)
class Suggestion:
    """One thing that may stand there: `label` is shown, `insert` written, `kind` says what it is."""

    label: str
    insert: str
    kind: str
    detail: str = ""


@dataclass(frozen=True)
class Completion:
    """What may stand in place of text[start:end]."""

    start: int
    end: int
    suggestions: tuple[Suggestion, ...] = ()


def complete(text: str, offset: int) -> Completion:
    r"""Suggest what may stand at `offset`: words and definitions, a layer's options, an option's values.

    Where nothing else stands in the text, the zoo's networks too.

    >>> found = complete("input 3x8x8\ndepth", 17)
    >>> found.start, found.suggestions[0].insert
    (12, 'depthwise3')
    >>> [each.insert for each in complete("conv3-8 di", 10).suggestions]
    ['dilation=']
    """
    before = text[:offset]
    line = before[before.rfind("\n") + 1 :]
    if "#" in line:
        return Completion(offset, offset)
    item = re.split(r"[,|\[\]\n]", _leave_definition(before))[-1]
    if value := _VALUE.search(item):
        return _pick(value[2], offset, _list_values(value[1]))
    typed = re.search(r"[A-Za-z_][\w:.-]*$", item)
    stem = typed[0] if typed else ""
    head = item[: len(item) - len(stem)].split()
    found = _list_options(head) if head else _list_words(text, alone=not text.replace(stem, "", 1).strip())
    return _pick(stem, offset, found)


def _leave_definition(before: str) -> str:
    """The text without the head of a definition, behind which a row begins."""
    start = before.rfind("\n") + 1
    return before[:start] + re.sub(r"^[ \t]*def\s[^=]*=", ",", before[start:])


def _pick(stem: str, offset: int, found: Iterator[Suggestion]) -> Completion:
    """Those that begin as what is typed, then those that contain it; none where it stands there whole already."""
    everything = list(found)
    low = stem.lower()
    first = [each for each in everything if each.label.lower().startswith(low)]
    rest = [each for each in everything if low in each.label.lower()[1:] and each not in first]
    whole = len(first) == 1 and first[0].insert == stem and not rest
    return Completion(offset - len(stem), offset, () if whole else tuple((first + rest)[:MOST]))


def _list_words(text: str, *, alone: bool) -> Iterator[Suggestion]:
    for name, arguments in _DEFINITION.findall(text):
        yield Suggestion(name, name + ("(" if arguments else ""), "definition", f"def {name}{arguments}")
    for word in (*LAYERS, *BRACKETS):
        pattern = write_pattern(word)
        yield Suggestion(word, pattern, "bracket" if word in BRACKETS else "layer", SUMMARIES[word])
    if not text.lstrip().startswith("input"):
        yield Suggestion("input", "input 3x32x32", "input", "channels x extents")
    if alone:
        for name in list_zoo():
            yield Suggestion(name, name, "network", "a network of the zoo")


def _list_options(head: list[str]) -> Iterator[Suggestion]:
    """The options of the layer that these pieces begin, but those that it has."""
    word = _find_word(head[0])
    readers = LAYERS[word].options if word else BRACKETS["aux"] if head[0].startswith("weight") else {}
    given = {piece.partition("=")[0] for piece in head[1:]}
    for key in readers:
        if key not in given:
            yield Suggestion(key, f"{key}=", "option", f"option of {word or 'aux'}")


def _list_values(key: str) -> Iterator[Suggestion]:
    for value in CHOICES.get(key, ()):
        yield Suggestion(value, value, "value", f"{key}={value}")


def _find_word(head: str) -> str | None:
    found = (word for word in sorted(LAYERS, key=len, reverse=True) if re.match(rf"{word}(?![A-Za-z_])", head))
    return next(found, None)


def list_vocabulary() -> dict[str, Any]:
    """The words that an editor colours and offers: layers, brackets, options by word, and the zoo."""
    return {
        "layers": list(LAYERS),
        "brackets": list(BRACKETS),
        "options": sorted({key for word in LAYERS.values() for key in word.options} | {*BRACKETS["aux"]}),
        "zoo": list(list_zoo()),
    }
