"""The form of a layer: which of size, channels, stride and options its word takes."""

from __future__ import annotations

import difflib
from collections.abc import Callable

from striate.errors import NotationError
from striate.nets.tree import Bracket, Layer
from striate.nets.vocabulary import BRACKETS, LAYERS, SIDES

_EXAMPLES = {"size": "{word}3", "channels": "{word}-64", "stride": "{word}/2"}


def check_form(layer: Layer, fail: Callable[[int, str], NotationError]) -> None:
    """Refuse a layer that lacks a part its word needs, or has one that its word doesn't take.

    Raises:  NotationError, naming the part.
    """
    word = LAYERS[layer.word]
    for part in ("name", "size", "channels", "stride"):
        need, given = getattr(word, part), getattr(layer, part) not in ((), None, "")
        if need == "required" and not given:
            raise fail(
                layer.at, f"`{layer.word}` has no {part}, needed one, such as `{write_example(layer.word)}`. Add it"
            )
        if need == "none" and given:
            raise fail(layer.at, f"found a {part} in `{layer}`, needed none. Write `{write_example(layer.word)}`")
    seen: set[str] = set()
    for option in layer.options:
        if option.key not in word.options:
            raise fail(option.at, _say_unknown_option(layer.word, option.key, list(word.options)))
        if option.key in seen:
            raise fail(option.at, f"`{option.key}=` stands twice, needed once. Take one away")
        seen.add(option.key)


def check_bracket(bracket: Bracket, fail: Callable[[int, str], NotationError]) -> None:
    """Refuse a side bracket without its one branch, and an option that the bracket doesn't take.

    Raises:  NotationError, naming what is wrong.
    """
    word, seen = bracket.word, set[str]()
    if word in SIDES and (len(bracket.branches) != 1 or not bracket.branches[0]):
        found = f"found {len(bracket.branches)} branches" if bracket.branches[0] else "found no layer"
        raise fail(bracket.at, f"{found} in `{word}[...]`, needed one branch with a layer. Write `{word}[conv1-64]`")
    for option in bracket.options:
        if option.key not in BRACKETS[word]:
            known = ", ".join(f"`{key}=`" for key in BRACKETS[word]) or "no option"
            found = f"found `{option.key}=` behind `{word}[...]`, needed {known}"
            raise fail(option.at, f"{found}. Take it away")
        if option.key in seen:
            raise fail(option.at, f"`{option.key}=` stands twice, needed once. Take one away")
        seen.add(option.key)


def write_example(name: str) -> str:
    """Write the shortest layer of this word.

    >>> write_example("conv")
    'conv3-64'
    """
    word = LAYERS[name]
    name += ":resnet18" if word.name == "required" else ""
    size = "3" if word.size == "required" else ""
    return name + size + ("-64" if word.channels == "required" else "")


def _say_unknown_option(word: str, key: str, known: list[str]) -> str:
    if not known:
        return f"found `{key}=`, needed no option behind `{word}`. Take it away"
    near = difflib.get_close_matches(key, known, n=1)
    hint = f"Did you mean `{near[0]}=`?" if near else "Take it away or use one of these"
    return f"unknown option `{key}=` on `{word}`, needed one of {', '.join(f'`{name}=`' for name in known)}. {hint}"
