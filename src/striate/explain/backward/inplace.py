"""ReLUs that work in place on a part of a tensor, brought into the graph where a rule can find them.

Autograd records `x[:, :8].relu_()` as a mere copy into a part, behind which the ReLU isn't to be seen. Within
`in_sight` such a call is carried out as the ReLU of the part, copied into it: the same numbers, and in sight.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from striate.errors import InputError

PLAIN: dict[str, Callable[..., Tensor]] = {
    "relu": F.relu,
    "relu6": F.relu6,
    "leaky_relu": F.leaky_relu,
    "hardtanh": F.hardtanh,
    "threshold": F.threshold,
    "clamp": torch.clamp,
    "clip": torch.clip,
    "clamp_min": torch.clamp_min,
}


@contextmanager
def in_sight(module: nn.Module) -> Iterator[None]:
    """A `with` in which a pass records every ReLU, also one in place on a part of a tensor.

    Raises:  InputError for a scripted module, which doesn't say what it calls.

    >>> x = torch.ones(4, requires_grad=True)
    >>> with in_sight(nn.ReLU()):
    ...     y = x * 2
    ...     _ = y[:2].relu_()
    >>> [node.name() for node, _ in y.grad_fn.next_functions]
    ['MulBackward0', 'ReluBackward0']
    """
    if any(isinstance(part, torch.jit.ScriptModule) for part in module.modules()):
        raise InputError(
            "the network: found a scripted module, which may hide a ReLU, needed plain operations. Take the module "
            "before scripting, or another method"
        )
    with _Apart():
        yield


class _Apart(TorchFunctionMode):
    """Does in place on a view as copying what was made beside it."""

    def __torch_function__(
        self, func: Any, types: Sequence[type], args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Carry out one call."""
        given = dict(kwargs or {})
        plain = PLAIN.get(getattr(func, "__name__", "").strip("_"))
        if plain is None or not args or not _is_part(func, args[0], given):
            return func(*args, **given)
        given.pop("inplace", None)
        return args[0].copy_(plain(args[0].clone(), *args[1:], **given))


def _is_part(func: Any, tensor: Any, given: dict[str, Any]) -> bool:
    in_place = func.__name__.endswith("_") or given.get("inplace", False)
    return in_place and isinstance(tensor, Tensor) and tensor._is_view() and tensor.requires_grad
