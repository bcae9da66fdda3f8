"""Random trees of every kind of node, such as a text can give."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from striate.nets.tree import (
    PAD_WORDS,
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
from striate.nets.vocabulary import BRACKETS, LAYERS, SIDES

PARAMETERS = ("n", "s", "wide", "px", "k2", "xn")
NAMES = ("resnet18", "vit_tiny_patch16_224.augreg_in21k_ft_in1k", "x", "regnet_x_1_6gf", "inputs")  # of backbones
PLAIN_WORDS = sorted(LAYERS)


class Gardener:
    """Grows one tree; `parameters` are those of the definition that it grows, `pieces` what may be called."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.parameters: tuple[str, ...] = ()
        self.pieces: dict[str, int] = {}

    def grow_net(self) -> Net:
        shape = tuple(self.random.choices((1, 2, 3, 224, 10**6), k=self.random.randint(1, 4)))
        definitions = [self.grow_definition(name) for name in self.pick(["block", "down_", "a1", "res", "xs"], 3)]
        self.parameters = ()
        return Net(self.random.choice((None, shape)), tuple(definitions), self.grow_row())

    def grow_definition(self, name: str) -> Definition:
        self.parameters = tuple(self.pick(PARAMETERS, 3))
        definition = Definition(name, self.parameters, self.grow_row())
        self.pieces[name] = len(self.parameters)
        return definition

    def pick(self, choices: Any, most: int) -> list[Any]:
        return self.random.sample(list(choices), self.random.randint(0, min(most, len(choices))))

    def grow_row(self, depth: int = 0) -> Sequence:
        return tuple(self.grow_item(depth) for _ in range(self.random.randint(1, 3)))

    def grow_item(self, depth: int) -> Item:
        kind = self.random.choice(["layer"] * 3 + ["call"] + ["bracket", "group", "repeat"] * (depth < 4))
        if kind == "call" and self.pieces:
            name = self.random.choice(sorted(self.pieces))
            return Call(name, tuple(self.grow_value() for _ in range(self.pieces[name])))
        if kind == "bracket":
            return self.grow_bracket(depth)
        if kind == "group":
            return Group(self.grow_row(depth + 1))
        return Repeat(self.grow_item(depth + 1), self.grow_value()) if kind == "repeat" else self.grow_layer()

    def grow_bracket(self, depth: int) -> Bracket:
        word = self.random.choice(sorted(BRACKETS))
        rows: list[Sequence] = [self.grow_row(depth + 1)]
        if word not in SIDES:
            rows = [self.random.choice([(), self.grow_row(depth + 1)]) for _ in range(self.random.randint(1, 3))]
        return Bracket(word, tuple(rows), self.grow_options(list(BRACKETS[word])))

    def grow_layer(self) -> Layer:
        word = self.random.choice(PLAIN_WORDS)
        form = LAYERS[word]

        def chosen(need: str) -> bool:
            return need == "required" or (need == "optional" and self.random.random() < 0.5)

        return Layer(
            word,
            self.grow_values() if chosen(form.size) else (),
            self.grow_value() if chosen(form.channels) else None,
            self.grow_values() if chosen(form.stride) else (),
            self.grow_options(list(form.options)),
            name=self.random.choice(NAMES) if chosen(form.name) else "",
        )

    def grow_options(self, keys: list[str]) -> tuple[Option, ...]:
        """Options with values of every kind: their worth is judged at expansion, not when they are read."""
        return tuple(Option(key, self.grow_setting()) for key in self.pick(keys, 3))

    def grow_setting(self) -> tuple[Value | tuple[Value, Value], ...]:
        axes = [(self.grow_scalar(), self.grow_scalar()) for _ in range(self.random.randint(1, 3))]
        return tuple(self.random.choice([axis, axis[0]]) for axis in axes)

    def grow_scalar(self) -> Value:
        word = Name(self.random.choice(sorted(PAD_WORDS)))
        return self.random.choice([self.grow_value(), word, -self.random.randint(1, 9), -self.random.random() / 1e6])

    def grow_values(self) -> tuple[Value, ...]:
        return tuple(self.grow_value() for _ in range(self.random.randint(1, 3)))

    def grow_value(self, depth: int = 0) -> Value:
        kind = self.random.choice(["whole", "whole", "float", "name"] + ["binary"] * (depth < 3))
        if kind == "binary":
            return Binary(self.random.choice("+-*/"), self.grow_value(depth + 1), self.grow_value(depth + 1))
        if kind == "name":
            return Name(self.random.choice([*self.parameters, "classes"]))
        if kind == "float":
            return self.random.choice([0.5, 2.0, 1e-9, 1e17, self.random.random()])
        return self.random.choice([0, 1, 3, 64, 10**17, self.random.randint(0, 999)])


@pytest.fixture(scope="session")
def grow_net() -> Callable[[int], Net]:
    return lambda seed: Gardener(seed).grow_net()
