"""Answers of a fixed shape with whole chains of operations compiled at once, by oneDNN's graph compiler.

Called one by one, each convolution has oneDNN describe it anew, some 50 microseconds: on one picture at a time a tenth
to two thirds of a network's work. A chain is described once, for one shape, and chooses its layouts by itself. The way
to that compiler leads through TorchScript, which torch deprecates but keeps: without it, modules stay as they are.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Any

import torch
from torch import Tensor, nn
from torch.fx import GraphModule

from striate.engine.agreement import agrees, answer_in_fp32

_SHAPES = 4  # that chains are made for: a full batch, a last one that is not, and two more
_OWN = ("torch.nn.", "striate.")
_WARMING = 2  # calls: TorchScript looks at the first, and compiles in the second
_turn = RLock()  # the switches of TorchScript are the whole process's


def can_chain(module: nn.Module) -> bool:
    """Whether the module is one graph, of parts that do the same whatever values come in, and torch has the compiler.

    >>> can_chain(nn.Sequential(nn.Conv2d(1, 1, 3)))
    False
    """
    known = all(type(part).__module__.startswith(_OWN) for part in list(module.modules())[1:])
    switches = ("_jit_set_llga_enabled", "_jit_llga_enabled", "_jit_set_autocast_mode")
    return isinstance(module, GraphModule) and known and all(hasattr(torch._C, name) for name in switches)


class Chained(nn.Module):
    """`module`, in eval mode on a CPU, with its chains compiled for each of the first four shapes that it meets.

    All others the module answers itself, and shapes whose chains say something else than it, by more than `error` of
    the largest output, or can't be compiled, and whatever needs gradients.

    Cost: five passes of each shape when it is met, and some tenths of a second.
    """

    def __init__(self, module: nn.Module, error: float) -> None:
        """Compile nothing yet."""
        super().__init__()
        self.module, self.error = module, error
        self.chains: dict[tuple[Any, ...], Any] = {}

    def forward(self, input: Tensor) -> Any:
        """Answer, by the shape's chains where there are some."""
        if torch.is_grad_enabled() or input.device.type != "cpu":
            return self.module(input)
        shape = (*input.shape, *input.stride(), input.dtype, torch.is_autocast_enabled("cpu"), torch.get_num_threads())
        if shape not in self.chains and len(self.chains) < _SHAPES:
            with _turn:
                self.chains[shape] = self._compile(input)
        return (self.chains.get(shape) or self.module)(input)

    def _compile(self, input: Tensor) -> Any:
        """The shape's chains; None where there are none that say the same."""
        try:
            with _compiler():
                chains = torch.jit.freeze(torch.jit.trace(self.module, input, check_trace=False))  # type: ignore[no-untyped-call]
                for _ in range(_WARMING):
                    chains(input)
            return chains if agrees(chains, input, answer_in_fp32(self.module, input), self.error) else None
        except Exception:  # a compiler raises what it raises; without it the module answers
            return None


@contextmanager
def _compiler() -> Iterator[None]:
    """A `with` in which TorchScript hands chains to oneDNN; what is compiled then stays so."""
    before = torch._C._jit_llga_enabled()
    torch._C._jit_set_llga_enabled(True)
    autocast = torch._C._jit_set_autocast_mode(False)  # casts are in the trace already
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        torch._C._jit_set_autocast_mode(autocast)
        torch._C._jit_set_llga_enabled(before)
