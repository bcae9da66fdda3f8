"""What an input is made for: the answer of a unit, a class, a direction, or a sum of such, each with a weight."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from striate.errors import InputError

SCORES = ""  # the key of the network's own answer, among the layers'
Seen = Mapping[str, Tensor]


class Objective(ABC):
    """A figure of each input, the higher the better. Objectives add, subtract and take weights: `a - 0.5 * b`."""

    @property
    @abstractmethod
    def text(self) -> str:
        """How it is written."""

    @property
    def key(self) -> str:
        """What its input's random beginning follows from, beside the seed."""
        return self.text

    @property
    @abstractmethod
    def layers(self) -> frozenset[str]:
        """Whose outputs it looks at; the network's own answer is the empty path."""

    @abstractmethod
    def judge(self, seen: Seen, row: int) -> Tensor:
        """The figure of one input of a batch, from what the layers put out: a scalar."""

    @abstractmethod
    def check(self, seen: Seen) -> None:
        """Refuse what isn't there, as far as that can be told from what the layers put out.

        Raises:  InputError.
        """

    def __add__(self, other: Objective) -> Objective:
        return Sum((*_terms(self), *_terms(other)))

    def __mul__(self, weight: float) -> Objective:
        return Sum(tuple((weight * own, each) for own, each in _terms(self)))

    __rmul__ = __mul__

    def __truediv__(self, weight: float) -> Objective:
        return self * (1 / weight)

    def __neg__(self) -> Objective:
        return self * -1.0

    def __sub__(self, other: Objective) -> Objective:
        return self + -other


@dataclass(frozen=True)
class Sum(Objective):
    """Objectives with weights, added."""

    terms: tuple[tuple[float, Objective], ...]

    @property
    def text(self) -> str:
        """The terms with their signs, as the grammar reads them."""
        written = "".join(_write_term(weight, each.text) for weight, each in self.terms)
        return written.removeprefix(" + ").replace(" - ", "-", 1) if written.startswith(" - ") else written[3:]

    @property
    def layers(self) -> frozenset[str]:
        """Those of all terms."""
        return frozenset().union(*(each.layers for _, each in self.terms))

    def judge(self, seen: Seen, row: int) -> Tensor:
        """The weighted sum."""
        return torch.stack([weight * each.judge(seen, row) for weight, each in self.terms]).sum()

    def check(self, seen: Seen) -> None:
        """Each term."""
        for _, each in self.terms:
            each.check(seen)


def _terms(objective: Objective) -> tuple[tuple[float, Objective], ...]:
    return objective.terms if isinstance(objective, Sum) else ((1.0, objective),)


def _write_term(weight: float, text: str) -> str:
    size = "" if abs(weight) == 1 else f"{abs(weight):.6g}*"
    return f" {'-' if weight < 0 else '+'} {size}{text}"


@dataclass(frozen=True)
class Unit(Objective):
    """A unit (channel) of a layer: the mean over its map, or one cell of it, the "centre" or one that is named."""

    layer: str
    unit: int
    spot: str | tuple[int, ...] = "mean"

    @property
    def text(self) -> str:
        """layer:unit, and @ the cell if it isn't the mean."""
        spot = self.spot if isinstance(self.spot, str) else ",".join(map(str, self.spot))
        return f"{self.layer}:{self.unit}" + ("" if spot == "mean" else f"@{spot}")

    @property
    def layers(self) -> frozenset[str]:
        """The one."""
        return frozenset((self.layer,))

    def judge(self, seen: Seen, row: int) -> Tensor:
        """Its mean, or its value in one cell."""
        unit_map = seen[self.layer][row, self.unit]
        if self.spot == "mean":
            return unit_map.mean()
        cell = tuple(extent // 2 for extent in unit_map.shape) if self.spot == "centre" else self.spot
        chosen: Any = tuple(cell)
        return unit_map[chosen]

    def check(self, seen: Seen) -> None:
        """Refuse a unit, and a cell of it, that isn't there."""
        output = seen[self.layer]
        if not 0 <= self.unit < output.shape[1]:
            raise InputError(f"{self.text}: found unit {self.unit}, needed one from 0 to {output.shape[1] - 1}")
        if isinstance(self.spot, str):
            return
        extents = tuple(output.shape[2:])
        if len(self.spot) != len(extents) or any(not 0 <= at < end for at, end in zip(self.spot, extents, strict=True)):
            raise InputError(f"{self.text}: found a cell outside the unit's map of {'x'.join(map(str, extents))}")


@dataclass(frozen=True)
class ClassScore(Objective):
    """The network's score of a class, before any softmax; `name` is what it is called."""

    target: int
    name: str = ""

    @property
    def text(self) -> str:
        """class: and its name or number."""
        plain = re.fullmatch(r"[\w.]+", self.name)
        return f"class:{self.name or self.target}" if plain or not self.name else f'class:"{self.name}"'

    @property
    def layers(self) -> frozenset[str]:
        """The network's answer."""
        return frozenset((SCORES,))

    def judge(self, seen: Seen, row: int) -> Tensor:
        """The score."""
        return seen[SCORES][row, self.target]

    def check(self, seen: Seen) -> None:
        """Refuse a class that isn't there."""
        count = seen[SCORES].shape[1]
        if not 0 <= self.target < count:
            raise InputError(f"{self.text}: found class {self.target}, needed one from 0 to {count - 1}")


@dataclass(frozen=True)
class Direction(Objective):
    """How far a layer's units go along a direction [units], on the mean over the layer's map."""

    layer: str
    direction: Tensor = field(repr=False)
    name: str = "direction"

    @property
    def text(self) -> str:
        """The layer, and what the direction is called."""
        return f"{self.layer}:{self.name}"

    @property
    def layers(self) -> frozenset[str]:
        """The one."""
        return frozenset((self.layer,))

    def judge(self, seen: Seen, row: int) -> Tensor:
        """The dot product with the direction."""
        output = seen[self.layer][row]
        return output.flatten(1).mean(1) @ self.direction.to(output)

    def check(self, seen: Seen) -> None:
        """Refuse a direction of another length than there are units."""
        units = seen[self.layer].shape[1]
        if tuple(self.direction.shape) != (units,):
            raise InputError(
                f"{self.text}: found {list(self.direction.shape)}, needed one number for each of {units} units"
            )
