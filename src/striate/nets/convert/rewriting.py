"""The graph that is written anew, and the modules that it calls: the original's, changed copies, new ones."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any

from torch import fx, nn


@dataclass
class Rewriting:
    """The new graph, what each node of the old one has become, and the modules that it calls."""

    root: nn.Module
    graph: fx.Graph = field(default_factory=fx.Graph)
    known: dict[fx.Node, Any] = field(default_factory=dict)  # a Flow, a node without a place, or a plain value
    borders: dict[str, None] = field(default_factory=dict)  # the layers that read past the window's border
    made: dict[tuple[str, Any], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Remember the modules as they were."""
        self.modules = dict(self.root.named_modules(remove_duplicate=False))

    def place(self, path: str, key: Any, make: Callable[[], nn.Module]) -> str:
        """Put a module at a path, or beside it if another stands there; the same `key` gets the same module."""
        if (path, key) not in self.made:
            numbered = (f"{path}_{number}" for number in count(2))
            free = next(name for name in chain([path], numbered) if self._is_free(name, path))
            _set_module(self.root, free, make().train(self.modules.get(path, self.root).training))
            self.made[path, key] = free
        return self.made[path, key]

    def _is_free(self, name: str, path: str) -> bool:
        """Whether nothing new, and nothing else of the original's, stands there."""
        if name in self.made.values():
            return False
        above, _, last = name.rpartition(".")
        return (name == path and path in self.modules) or not hasattr(self.root.get_submodule(above), last)


def _set_module(root: nn.Module, path: str, module: nn.Module) -> None:
    above, _, name = path.rpartition(".")
    setattr(root.get_submodule(above), name, module)


def copy_module(module: nn.Module, **attributes: Any) -> nn.Module:
    """The same module with other attributes; its parameters are shared."""
    made = copy.copy(module)
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


def hand_over(source: nn.Module, target: nn.Module) -> nn.Module:
    """Give a module the parameters and buffers of another, by their names."""
    for name, tensor in [*source.named_parameters(recurse=False), *source.named_buffers(recurse=False)]:
        setattr(target, name, tensor)
    return target
