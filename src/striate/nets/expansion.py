"""Definitions put in place, repetitions written out, every name replaced by its value.

The result is a tree of `Plain` layers, `Piece`s (what a definition became) and `Branches`. Its size is counted before
anything is written out, so that a text that explodes costs nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from striate.nets.tree import (
    Binary,
    Bracket,
    Call,
    Definition,
    Group,
    Item,
    Layer,
    Name,
    Net,
    Option,
    Repeat,
    Sequence,
    Value,
)
from striate.nets.vocabulary import BRACKETS, LAYERS
from striate.nets.words.word import Plain

MOST_LAYERS = 20_000


@dataclass(frozen=True)
class Piece:
    """A definition in its place: its items count as one module."""

    name: str
    items: Expanded
    at: int = 0


@dataclass(frozen=True)
class Branches:
    """Branches that meet in `add`, `cat` or `mul`, or the one branch of a `tap` or an `aux`."""

    word: str
    branches: tuple[Expanded, ...]
    options: Mapping[str, Any]
    at: int = 0


Part: TypeAlias = "Plain | Piece | Branches"
Expanded: TypeAlias = "tuple[Part, ...]"


def expand(net: Net, classes: int | None = None) -> Expanded:
    """Write out a network's definitions and repetitions.

    Raises:  NotationError for a text of more than 20,000 layers, an unknown name, or a division with a remainder.

    >>> from striate.nets.notation import parse
    >>> [str(layer) for layer in expand(parse("[conv3-(2*4), relu]*2, fc-classes"), classes=10)]
    ['conv3-8', 'relu', 'conv3-8', 'relu', 'fc-10']
    """
    expander = _Expander(net, classes)
    expander.count(net.body, expander.names)
    return expander.expand(net.body, expander.names, ())


Names: TypeAlias = "dict[str, int | float]"


class _Expander:
    """One expansion; `names` are the values known outside every definition."""

    def __init__(self, net: Net, classes: int | None) -> None:
        self.net = net
        self.names: Names = {} if classes is None else {"classes": classes}
        self.definitions: dict[str, Definition] = {definition.name: definition for definition in net.definitions}
        self.count_call = functools.cache(self._count_call)

    def count(self, items: Sequence, names: Names) -> int:
        """How many layers these items become (each item counts 1 at least)."""
        total = 0
        for item in items:
            total += self._count_item(item, names)
            if total > MOST_LAYERS:
                problem = f"the text grows past {MOST_LAYERS:,} layers here, needed at most as many. Repeat less"
                raise self.net.fail(item.at, problem)
        return total

    def _count_item(self, item: Item, names: Names) -> int:
        if isinstance(item, Repeat):
            return max(1, self._find_count(item, names)) * self.count((item.item,), names)
        if isinstance(item, Group):
            return self.count(item.items, names)
        if isinstance(item, Bracket):
            return 1 + sum(max(1, self.count(branch, names)) for branch in item.branches)
        if isinstance(item, Call):
            return 1 + self.count_call(item.name, tuple(self._bind(item, names).items()))
        return 1

    def _count_call(self, name: str, names: tuple[tuple[str, int | float], ...]) -> int:
        return self.count(self.definitions[name].items, dict(names))

    def _bind(self, call: Call, names: Names) -> Names:
        """The names inside a definition: its arguments, and `classes`."""
        values = (self.find_value(argument, names) for argument in call.arguments)
        inner = dict(zip(self.definitions[call.name].parameters, values, strict=True))
        return {**self.names, **inner}

    def _find_count(self, repeat: Repeat, names: Names) -> int:
        return self._find_whole(repeat.count, names, repeat.at, "a repetition", least=0)

    def expand(self, items: Sequence, names: Names, trail: tuple[str, ...]) -> Expanded:
        return tuple(part for item in items for part in self._expand_item(item, names, trail))

    def _expand_item(self, item: Item, names: Names, trail: tuple[str, ...]) -> Expanded:
        if isinstance(item, Layer):
            return (self._expand_layer(item, names, trail),)
        if isinstance(item, Repeat):
            return self.expand((item.item,), names, trail) * self._find_count(item, names)
        if isinstance(item, Group):
            return self.expand(item.items, names, trail)
        if isinstance(item, Bracket):
            branches = tuple(self.expand(branch, names, trail) for branch in item.branches)
            options = {option.key: self._find_option(item.word, option, names) for option in item.options}
            return (Branches(item.word, branches, options, item.at),)
        inner = self._bind(item, names)
        shown = str(Call(item.name, tuple(inner[key] for key in self.definitions[item.name].parameters)))
        return (Piece(item.name, self.expand(self.definitions[item.name].items, inner, (*trail, shown)), item.at),)

    def _expand_layer(self, layer: Layer, names: Names, trail: tuple[str, ...]) -> Plain:
        def find(values: tuple[Value, ...], what: str) -> tuple[int, ...]:
            return tuple(self._find_whole(value, names, layer.at, f"the {what} of `{layer.word}`") for value in values)

        channels = None if layer.channels is None else find((layer.channels,), "number of channels")[0]
        options = {option.key: self._find_option(layer.word, option, names) for option in layer.options}
        return Plain(
            layer.word,
            find(layer.size, "size"),
            channels,
            find(layer.stride, "stride"),
            options,
            layer.at,
            trail,
            name=layer.name,
        )

    def _find_option(self, word: str, option: Option, names: Names) -> object:
        """An option's value, read by the word's own reader."""

        def find(value: Value) -> int | float | str:
            if isinstance(value, Name) and value.name not in names and value.name != "classes":
                return value.name
            return self.find_value(value, names)

        setting = tuple(
            (find(part[0]), find(part[1])) if isinstance(part, tuple) else find(part) for part in option.setting
        )
        readers = BRACKETS[word] if word in BRACKETS else LAYERS[word].options
        try:
            return readers[option.key](setting)
        except ValueError as needed:
            raise self.net.fail(option.at, f"found `{option}` on `{word}`, needed {needed}. Change it") from None

    def _find_whole(self, value: Value, names: Names, at: int, what: str, least: int = 1) -> int:
        found = self.find_value(value, names)
        if not isinstance(found, int) or found < least:
            shown = f"{value} = {found}" if isinstance(value, Name | Binary) else str(value)
            raise self.net.fail(at, f"{what} is {shown}, needed a whole number from {least}. Change it")
        return found

    def find_value(self, value: Value, names: Names) -> int | float:
        """What a number, a name or an expression is worth here."""
        if isinstance(value, Name):
            return self._find_name(value, names)
        if not isinstance(value, Binary):
            return value
        left, right = self.find_value(value.left, names), self.find_value(value.right, names)
        if value.operator == "/":
            return self._divide(value, left, right)
        result = left + right if value.operator == "+" else left - right if value.operator == "-" else left * right
        if abs(result) > 2**63:
            raise self.net.fail(value.at, f"{value} grows past 2^63, needed less. Use smaller numbers")
        return result

    def _find_name(self, name: Name, names: Names) -> int | float:
        if name.name in names:
            return names[name.name]
        if name.name == "classes":
            problem = "`classes` has no value here, needed the number of outputs. Give classes=10 (--classes 10)"
        else:
            known = ", ".join(f"`{known}`" for known in names if known != "classes") or "none"
            problem = f"unknown name `{name.name}`, needed a number or an argument's name (here: {known}). Mend it"
        raise self.net.fail(name.at, problem)

    def _divide(self, value: Binary, left: int | float, right: int | float) -> int | float:
        if right == 0 or left % right:
            raise self.net.fail(
                value.at, f"{left}/{right} does not come out exact, needed a division without rest. Change it"
            )
        return left // right
