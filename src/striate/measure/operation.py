"""What a trace is made of: tensor operations in order, and the values that flow between them. Plain data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod
from typing import Any, Literal, TypeAlias

Origin: TypeAlias = Literal["input", "parameter", "buffer", "constant", "operation"]
Phase: TypeAlias = Literal["forward", "loss", "backward"]


@dataclass(eq=False, slots=True)
class Value:
    """One tensor at one moment: written again, in place, it is another value.

    `shape` and `strides` count elements; `dtype` is torch's name for it (`float32`). `origin` says where it comes
    from, `name` is a parameter's or buffer's path, or an input's. `maker` is the operation that made it.
    `storage` numbers the memory it lies in: a view shares its base's.
    """

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: str
    item_bytes: int
    storage: int
    offset: int = 0
    origin: Origin = "operation"
    name: str = ""
    maker: Operation | None = None

    @property
    def bytes(self) -> int:
        """Bytes of its elements."""
        return prod(self.shape) * self.item_bytes


@dataclass(eq=False, slots=True)
class Operation:
    """One call of one tensor operation.

    `target` is its name in torch (`aten.convolution.default`); `arguments` and `keywords` are as torch got them, with
    a `Value` in place of every tensor. `path` is the innermost module that was running, `call` numbers that module
    call. `cause` is, in the backward pass, the index of the forward operation whose gradient this is part of.
    `depends` tells whether it hangs on the input or on a parameter.
    """

    index: int
    target: str
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]
    outputs: tuple[Value, ...]
    path: str
    call: int
    phase: Phase = "forward"
    cause: int | None = None
    is_view: bool = False
    is_pointwise: bool = False
    writes: tuple[Value, ...] = ()
    depends: bool = True
    name: str = field(init=False)

    def __post_init__(self) -> None:
        """Cut the overload's and the namespace's name off: aten.relu_.default is relu_."""
        self.name = self.target.split(".")[1] if self.target.count(".") else self.target

    @property
    def inputs(self) -> Iterator[Value]:
        """Every tensor among the arguments, in order, those inside lists too."""
        yield from find_values((*self.arguments, *self.keywords.values()))

    def get(self, position: int, name: str, default: Any = None) -> Any:
        """One argument, given by place or by name; torch leaves out what has its default."""
        if position < len(self.arguments):
            return self.arguments[position]
        return self.keywords.get(name, default)


@dataclass(eq=False, slots=True)
class Call:
    """One call of one module: its path, its class's name, and the call that it was made in."""

    index: int
    path: str
    kind: str
    parent: int | None
    has_children: bool


def find_values(arguments: Any) -> Iterator[Value]:
    """Every value in a (nested) list or tuple of arguments."""
    for argument in arguments:
        if isinstance(argument, Value):
            yield argument
        elif isinstance(argument, list | tuple):
            yield from find_values(argument)
