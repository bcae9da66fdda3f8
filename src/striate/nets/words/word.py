"""What the notation knows of a word: its form, its options, and how it changes a shape. One `Word` per word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from striate.errors import ShapeError

if TYPE_CHECKING:
    from torch import nn

Shape: TypeAlias = "tuple[int, ...]"  # channels, then the extents; a flat shape has one entry
Need: TypeAlias = "Literal['required', 'optional', 'none']"
Settled: TypeAlias = "tuple[Any, ...]"  # an option's values, one for all axes or one per axis
Readers: TypeAlias = "Mapping[str, Callable[[Settled], Any]]"  # by option: what makes its value of what is written


@dataclass(frozen=True)
class Plain:
    """A layer with every name replaced by its value; `bias`, `activation` and `undone` are settled by what follows it.

    `beside` is the shape that reaches it beside the main one: the taps' sum, the input of the pool that it undoes.
    """

    word: str
    size: tuple[int, ...] = ()
    channels: int | None = None
    stride: tuple[int, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    at: int = 0
    trail: tuple[str, ...] = ()
    bias: bool = True
    activation: str | None = None
    name: str = ""  # of a backbone, behind its library's
    undone: bool = False  # a maxpool that an `unpool` undoes later
    beside: Shape = ()

    def __str__(self) -> str:
        text = self.word + (f":{self.name}" if self.name else "") + write_shape(self.size)
        text += "" if self.channels is None else f"-{self.channels}"
        text += f"/{write_shape(self.stride)}" if self.stride else ""
        return " ".join([text, *(f"{key}={_write_option(value)}" for key, value in self.options.items())])


@dataclass(frozen=True)
class Word:
    """One word: which parts it takes, its options (key -> reader of the value), and its three functions.

    `shape` gives the output's shape, `parameters` their number, both without torch; `make` gives the module.
    """

    shape: Callable[[Plain, Shape], Shape]
    make: Callable[[Plain, Shape], nn.Module]
    parameters: Callable[[Plain, Shape], int] = lambda plain, shape: 0
    size: Need = "none"
    channels: Need = "none"
    stride: Need = "none"
    name: Need = "none"
    options: Readers = field(default_factory=dict)


def write_shape(shape: tuple[int, ...]) -> str:
    """Write a shape as the notation does: 3x224x224."""
    return "x".join(map(str, shape))


def spread(values: tuple[Any, ...], axes: int, what: str) -> tuple[Any, ...]:
    """One value for all axes, or one for each.

    Raises:  ShapeError if their number is neither 1 nor that of the axes.

    >>> spread((3,), 2, "size")
    (3, 3)
    """
    if len(values) == 1:
        return values * axes
    if len(values) != axes:
        found = "x".join(map(str, values))
        raise ShapeError(
            f"{what} {found} is for {len(values)} axes, needed {axes} as the input has. Write one number for all"
        )
    return values


def find_extents(plain: Plain, shape: Shape) -> Shape:
    """The spatial extents of a shape; a flat one has none."""
    if len(shape) < 2:
        raise ShapeError(
            f"found the flat shape {write_shape(shape)}, needed channels x extents. Put it before `flatten`"
        )
    return shape[1:]


def find_single(plain: Plain) -> int:
    """The size of a word that works along one axis.

    Raises:  ShapeError if there are several.
    """
    if len(plain.size) != 1:
        example = f"{plain.word}3" + ("" if plain.channels is None else f"-{plain.channels}")
        raise ShapeError(f"found the size {write_shape(plain.size)}, needed one number. Write `{example}`")
    return plain.size[0]


def keep_shape(plain: Plain, shape: Shape) -> Shape:
    """The shape of a layer that works value by value."""
    return shape


def read_whole(values: Settled) -> int:
    """One whole number from 1."""
    if len(values) != 1 or not isinstance(values[0], int) or values[0] < 1:
        raise ValueError("a whole number from 1")
    return values[0]


def read_wholes(values: Settled) -> tuple[int, ...]:
    """Whole numbers from 1, one for all axes or one per axis."""
    if not all(isinstance(value, int) and value >= 1 for value in values):
        raise ValueError("a whole number from 1, or one per axis such as 1x2")
    return values


def read_number(values: Settled) -> float:
    """One number from 0."""
    if len(values) != 1 or not isinstance(values[0], int | float) or values[0] < 0:
        raise ValueError("a number from 0")
    return float(values[0])


def read_signed(values: Settled) -> float:
    """One number, of either sign."""
    if len(values) != 1 or not isinstance(values[0], int | float):
        raise ValueError("a number")
    return float(values[0])


def read_share(values: Settled) -> float:
    """One number from 0 up to, but not including, 1."""
    if len(values) != 1 or not isinstance(values[0], int | float) or not 0 <= values[0] < 1:
        raise ValueError("a number from 0 to below 1")
    return float(values[0])


def read_yes(values: Settled) -> bool:
    """`yes` or `no`."""
    if values not in (("yes",), ("no",)):
        raise ValueError("yes or no")
    return values == ("yes",)


def read_choice(*choices: str) -> Callable[[Settled], str]:
    """Make the reader of one word out of several."""

    def read(values: Settled) -> str:
        if len(values) != 1 or values[0] not in choices:
            raise ValueError(" or ".join(choices))
        return str(values[0])

    return read


def read_padding(values: Settled) -> Settled:
    """Padding: a word, a whole number from 0, or before:after; one for all axes or one per axis."""
    for value in values:
        cells = value if isinstance(value, tuple) else (value,)
        named = value in ("same", "valid", "full", "causal")
        if not named and not all(isinstance(cell, int) and cell >= 0 for cell in cells):
            raise ValueError(
                "same, valid, full, causal, a whole number, before:after, or one of these per axis such as 1x2"
            )
    return values


def _write_option(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "x".join(":".join(map(str, part)) if isinstance(part, tuple) else str(part) for part in value)
    return str(value)
