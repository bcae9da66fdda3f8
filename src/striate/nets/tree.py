"""The tree of a network's text, and the tree written back as text.

Every node is a frozen value; two trees are equal when they say the same, wherever it stands in the text
(`at`, the offset of a node in its text, takes no part in comparisons).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from striate.errors import NotationError


@dataclass(frozen=True)
class Name:
    """An argument's name, `classes`, or a word such as `same` in an option."""

    name: str
    at: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Binary:
    """Two values joined by `+`, `-`, `*` or `/` (which must come out exact)."""

    operator: str
    left: Value
    right: Value
    at: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"({self.left}{self.operator}{self.right})"


PAD_WORDS = frozenset({"same", "valid", "full", "causal"})
Value: TypeAlias = "int | float | Name | Binary"
Setting: TypeAlias = "tuple[Value | tuple[Value, Value], ...]"  # per axis: one value, or a before:after pair


@dataclass(frozen=True)
class Option:
    """`key=value`; one value for all axes, or one per axis; each a value or a before:after pair."""

    key: str
    setting: Setting
    at: int = field(default=0, compare=False)

    def __str__(self) -> str:
        parts = (part if isinstance(part, tuple) else (part,) for part in self.setting)
        write = str if len(self.setting) == 1 else _write_beside_x
        return f"{self.key}={'x'.join(':'.join(map(write, part)) for part in parts)}"


@dataclass(frozen=True)
class Layer:
    """One layer: `conv3x5-64/2 pad=1` has word conv, size (3, 5), channels 64 and stride (2,).

    A backbone, such as `timm:resnet18`, has a `name` behind its word. `end` is the offset behind its text.
    """

    word: str
    size: tuple[Value, ...] = ()
    channels: Value | None = None
    stride: tuple[Value, ...] = ()
    options: tuple[Option, ...] = ()
    at: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)
    name: str = ""

    def __str__(self) -> str:
        text = f"{self.word}:{self.name}" if self.name else self.word
        text += "x".join(_write_size(value) for value in self.size)
        text += "" if self.channels is None else f"-{self.channels}"
        write = str if len(self.stride) == 1 else _write_beside_x
        text += "/" + "x".join(map(write, self.stride)) if self.stride else ""
        return " ".join([text, *map(str, self.options)])


@dataclass(frozen=True)
class Call:
    """A definition put in place: `block(64)`."""

    name: str
    arguments: tuple[Value, ...] = ()
    at: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.name}({', '.join(map(str, self.arguments))})" if self.arguments else self.name


@dataclass(frozen=True)
class Bracket:
    """Branches that meet again (`add[a | b]`), or a side branch (`tap[...]`, `aux[...]`)."""

    word: str
    branches: tuple[Sequence, ...]
    options: tuple[Option, ...] = ()
    at: int = field(default=0, compare=False)

    def __str__(self) -> str:
        branches = " | ".join(write_sequence(branch) for branch in self.branches)
        return " ".join([f"{self.word}[{branches}]", *map(str, self.options)])


@dataclass(frozen=True)
class Group:
    """Items that count as one, for a repetition."""

    items: Sequence
    at: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"[{write_sequence(self.items)}]"


@dataclass(frozen=True)
class Repeat:
    """`X*k`: the item before it, k times."""

    item: Item
    count: Value
    at: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.item}*{self.count}"


Item: TypeAlias = "Layer | Call | Bracket | Group | Repeat"
Sequence: TypeAlias = "tuple[Item, ...]"


@dataclass(frozen=True)
class Definition:
    """`def name(parameters) = items`."""

    name: str
    parameters: tuple[str, ...]
    items: Sequence
    at: int = field(default=0, compare=False)

    def __str__(self) -> str:
        parameters = f"({', '.join(self.parameters)})" if self.parameters else ""
        return f"def {self.name}{parameters} = {write_sequence(self.items)}"


@dataclass(frozen=True)
class Net:
    """A network as its text says it: the public result of `striate.read`.

    `str(net)` is the text in its plainest form; reading that gives an equal tree. `text` is what the user wrote,
    `source` is the name of its file or zoo entry (or "text").
    """

    input: tuple[int, ...] | None
    definitions: tuple[Definition, ...]
    body: Sequence
    source: str = field(default="text", compare=False)
    text: str = field(default="", compare=False, repr=False)

    def __str__(self) -> str:
        lines = [f"input {'x'.join(map(str, self.input))}"] if self.input else []
        return "\n".join([*lines, *map(str, self.definitions), *map(str, self.body)]) + "\n"

    def fail(self, at: int, problem: str) -> NotationError:
        """Make the error for the place `at` in this text."""
        return locate_error(self.text, self.source, at, problem)


def write_sequence(items: Sequence) -> str:
    """Write items in a row.

    >>> write_sequence((Layer("conv", (3,), 64), Layer("relu")))
    'conv3-64, relu'
    """
    return ", ".join(map(str, items))


def locate_error(text: str, source: str, at: int, problem: str) -> NotationError:
    """Make an error that shows the line around offset `at` with a caret under it; a long line is cut around it."""
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    shown, column = text[start : end if end >= 0 else None].replace("\t", " ").rstrip(), at - start + 1
    error = NotationError(problem, source=source, line=text.count("\n", 0, at) + 1, column=column, shown=shown)
    if len(shown) > 120:
        left = max(0, column - 60)
        short = ("…" if left else "") + shown[left : left + 110] + "…"
        caret = " " * (column - 1 - left + bool(left)) + "^"
        error.args = (f"{source}:{error.line}:{column}: {problem}\n    {short}\n    {caret}",)
    return error


def _write_size(value: Value) -> str:
    """A size stands right behind its word, so that all but whole numbers need brackets there."""
    return str(value) if isinstance(value, int | Binary) else f"({value})"


def _write_beside_x(value: Value) -> str:
    """An `x` beside a name would be read as a letter of it; the words of `pad=` alone are told apart."""
    plain = not isinstance(value, Name) or value.name in PAD_WORDS
    return str(value) if plain else f"({value})"
