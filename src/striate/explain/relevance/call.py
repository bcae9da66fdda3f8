"""One call of an operation within a network: what was called, with what, in which layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves, tree_map

from striate.errors import InputError

IN_PLACE = {"__iadd__": "add", "__isub__": "sub", "__imul__": "mul", "__itruediv__": "div", "__ipow__": "pow"}
"""The operations that overwrite their first argument, of those whose names don't end in a single line."""
SPELLINGS = {
    **{f"__{name}__": name for name in ("add", "sub", "mul", "pow", "neg", "abs", "matmul")},
    **{f"__{name}__": name for name in ("rsub", "rtruediv", "rpow", "rmatmul")},
    **dict.fromkeys(("__radd__",), "add"),
    **dict.fromkeys(("subtract",), "sub"),
    **dict.fromkeys(("__rmul__", "multiply"), "mul"),
    **dict.fromkeys(("__truediv__", "divide", "true_divide"), "div"),
    **dict.fromkeys(("mm", "bmm"), "matmul"),
    **dict.fromkeys(("negative",), "neg"),
    **dict.fromkeys(("absolute",), "abs"),
    **dict.fromkeys(("_threshold",), "threshold"),
    **dict.fromkeys(("clip", "clamp_min"), "clamp"),
}
"""What the field calls an operation, by torch's other names for it."""


@dataclass(frozen=True)
class Call:
    """What was called, as the field calls it (`name`), whichever of torch's spellings was used."""

    func: Callable[..., Any]
    name: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    layer: str
    overwrites: bool = False

    def __getitem__(self, index: int) -> Any:
        """An argument by its place."""
        return self.args[index]

    def bind(self, *names: str) -> dict[str, Any]:
        """The arguments by these names; None for one that wasn't given."""
        return {**dict.fromkeys(names), **dict(zip(names, self.args, strict=False)), **self.kwargs}

    def leaves(self) -> list[Any]:
        """All arguments, those in lists too."""
        return tree_leaves((self.args, dict(self.kwargs)))

    def tensors(self) -> list[Tensor]:
        """The tensors among the arguments that depend on the network's input."""
        return [leaf for leaf in self.leaves() if depends(leaf)]

    def source(self) -> Tensor:
        """The one tensor that depends on the input.

        Raises:  InputError where there are several.
        """
        first, *others = self.tensors()
        if any(other is not first for other in others):
            raise self.refuse("several of its arguments depend on the network's input")
        return first

    def value(self) -> Tensor:
        """What the operation gives; where it works in place, on a copy."""
        args = (self.args[0].detach().clone(), *self.args[1:]) if self.overwrites else self.args
        with torch.no_grad():
            found: Tensor = self.func(*args, **self.kwargs)
        return found.clone() if any(found is tensor for tensor in self.tensors()) else found

    def kept(self, tensor: Tensor) -> Tensor:
        """What a tensor holds as the operation runs, for later."""
        held = tensor.detach()
        return held.clone() if tensor is self.into() else held

    def into(self) -> Tensor | None:
        """The tensor that the operation overwrites."""
        return self.args[0] if self.overwrites else None

    def on(self, swaps: Sequence[tuple[Tensor, Tensor | None]]) -> Any:
        """What the operation gives with other tensors in the place of some."""
        swap = {id(old): new for old, new in swaps}
        args, kwargs = tree_map(lambda leaf: swap.get(id(leaf), leaf), (self.args, dict(self.kwargs)))
        return self.func(*args, **kwargs)

    def refuse(self, why: str) -> InputError:
        """What to raise where no rule can hold."""
        return refuse(self.name, self.layer, why)


def make_call(func: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any], layer: str) -> Call:
    """Name a call, and find out whether it overwrites its first argument."""
    spelt = getattr(func, "__name__", "")
    if spelt == "__get__":  # an attribute, such as `data`
        spelt = getattr(getattr(func, "__self__", None), "__name__", spelt)
    first = [kwargs["input"]] if not args and "input" in kwargs else []
    rest = {key: value for key, value in kwargs.items() if not first or key != "input"}
    ending = spelt.endswith("_") and not spelt.endswith("__")
    name = IN_PLACE.get(spelt) or spelling(spelt[:-1] if ending else spelt)
    overwrites = ending or spelt in IN_PLACE or _asked_in_place(func, args, kwargs)
    return Call(func, name, (*first, *args), rest, layer, overwrites)


def _asked_in_place(func: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    """Whether the argument `inplace` is given, by name or by its place, and true."""
    if not isinstance(func, FunctionType):
        return False
    names = func.__code__.co_varnames[: func.__code__.co_argcount]
    place = names.index("inplace") if "inplace" in names else len(args)
    return bool(kwargs.get("inplace") or (place < len(args) and args[place]))


def spelling(name: str) -> str:
    """The name under which an operation has its rule."""
    return SPELLINGS.get(name, name)


def depends(leaf: object) -> bool:
    """Whether something is a tensor that depends on the network's input (its parameters were detached)."""
    return isinstance(leaf, Tensor) and leaf.requires_grad


def name_place(layer: str) -> str:
    """How an error names the part of the network at this path.

    >>> name_place("body.conv1"), name_place("")
    ('layer body.conv1', 'the network')
    """
    return f"layer {layer}" if layer else "the network"


def refuse(operation: str, layer: str, why: str) -> InputError:
    """The error that names the operation and the layer."""
    return InputError(
        f"{name_place(layer)}: found `{operation}`: {why}, needed an operation with a rule for relevance. "
        "Try another method, such as integratedgradients"
    )
