"""torch.fx's tracer as one thread's own: while it follows a module, other threads may call theirs.

fx changes `nn.Module.__call__` itself for as long as it traces, so that in another thread any module's call would be
taken for a part of the trace, and two traces at once would leave the change behind.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock, get_ident
from typing import Any

import torch.fx
from torch import nn

_TURN = RLock()


class Tracer(torch.fx.Tracer):
    """Follows what its own thread calls; one trace at a time."""

    _thread = 0

    def trace(
        self, root: nn.Module | Callable[..., Any], concrete_args: dict[str, Any] | None = None
    ) -> torch.fx.Graph:
        """Trace a module when no other is being traced."""
        with _TURN:
            self._thread = get_ident()
            return super().trace(root, concrete_args)

    def call_module(
        self, m: nn.Module, forward: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Take down a call of this thread's; let another's be what it is."""
        if get_ident() != self._thread:
            return forward(*args, **kwargs)
        return super().call_module(m, forward, args, kwargs)

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: dict[str, Any]) -> Any:
        """Give this thread a stand-in for a parameter, another the parameter."""
        if get_ident() != self._thread:
            return attr_val
        return super().getattr(attr, attr_val, parameter_proxy_cache)
