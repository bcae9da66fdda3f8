"""A second state of a module, kept beside its own, by which it is judged and with which it ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class Shadow:
    """The module's state at the start; whoever derives from it says how it moves. `floats` leaves other numbers out."""

    def __init__(self, module: nn.Module, *, floats: bool) -> None:
        """Start at the module's present state."""
        self._module, self._floats = module, floats
        self._tensors = {name: value.clone() for name, value in self.read_module().items()}

    def read_module(self) -> dict[str, Tensor]:
        """The module's own state by name; live, not copies."""
        state = {name: value.detach() for name, value in self._module.state_dict().items() if isinstance(value, Tensor)}
        return {name: value for name, value in state.items() if value.is_floating_point() or not self._floats}

    def tensors(self) -> dict[str, Tensor]:
        """The state that is kept, by name; live, not copies."""
        return dict(self._tensors)

    @torch.no_grad()
    def put_into_module(self) -> None:
        """Give the module the state that is kept, for good."""
        for name, value in self.read_module().items():
            value.copy_(self._tensors[name])

    @contextmanager
    def in_module(self) -> Iterator[None]:
        """A `with` under which the module has the state that is kept; its own comes back bit for bit."""
        own = {name: value.clone() for name, value in self.read_module().items()}
        self.put_into_module()
        try:
            yield
        finally:
            with torch.no_grad():
                for name, value in self.read_module().items():
                    value.copy_(own[name])
