"""The ReLUs of a network, however they are written, and the two rules that change how a signal goes back through them.

They are found in the graph that autograd records, not among the modules: `nn.ReLU`, `F.relu`, `x.relu_()` and
`clamp(min=0)` leave the same kind of trace there, and a module that is used twice leaves two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import torch
from torch import Tensor
from torch.autograd.function import BackwardCFunction
from torch.autograd.graph import Node

from striate.errors import InputError
from striate.explain.hooks import hooked

Rule: TypeAlias = Literal["guided", "deconvnet"]
Grads: TypeAlias = "tuple[Tensor | None, ...]"

SCALARS = {
    "ThresholdBackward0": "_saved_threshold",
    "ThresholdBackward1": "_saved_threshold",
    "ClampBackward1": "_saved_min",
    "ClampMinBackward0": "_saved_min",
    "HardtanhBackward0": "_saved_min_val",
    "LeakyReluBackward0": "_saved_negative_slope",
    "LeakyReluBackward1": "_saved_negative_slope",
}
"""What must be 0 for such an operation to be a ReLU; a bound above, as ReLU6's, may be there too."""
TENSORS = {
    "ClampBackward0": ("_saved_self", "_saved_min"),
    "ClampMinBackward1": ("_saved_self", "_saved_min"),
    "MaximumBackward0": ("_saved_self", "_saved_other"),
    "FmaxBackward0": ("_saved_self", "_saved_other"),
}
"""Two tensors, of which one must be a constant 0."""
UNEVEN = ("ClampBackward1", "ClampMinBackward0", *TENSORS)
"""These give a gradient, whole or half, where their input is 0; a ReLU gives none."""
OTHERS = (
    *("LeakyRelu", "PreluKernel", "RreluWithNoise", "Elu", "Celu", "Gelu", "Silu", "Mish", "Softplus", "Glu", "Abs"),
    *("Sigmoid", "LogSigmoid", "Tanh", "Hardswish", "Hardsigmoid", "Hardtanh", "Threshold", "Clamp", "ClampMin"),
    *("Softshrink", "Hardshrink", "Where", "MaskedFill", "Softmax"),
)
"""What is no ReLU, but isn't linear either: the plain gradient goes back through it, and that is noted."""


@dataclass(frozen=True)
class Rectifier:
    """One use of a ReLU: its node in the graph, and which of the node's inputs is rectified."""

    node: Node
    place: int


@contextmanager
def rectified(outputs: Sequence[Tensor], rule: Rule) -> Iterator[tuple[str, ...]]:
    """A `with` in which a gradient that is taken of one of the outputs goes back through every ReLU by a rule.

    `guided` lets pass what is positive where the ReLU let its input pass; `deconvnet` what is positive, wherever. What
    should be known besides is yielded, a line each.

    Raises:  InputError where there is no ReLU, or where one could hide in an operation with a backward pass of its own.
    Source:  Springenberg, Dosovitskiy, Brox, Riedmiller 2015, figure 1; Zeiler, Fergus 2014, section 2.1.

    >>> x = torch.tensor([1.0, 1.0, -1.0, -1.0], requires_grad=True)
    >>> output = x.relu() * torch.tensor([1.0, -1.0, 1.0, -1.0])
    >>> with rectified([output], "guided"):
    ...     torch.autograd.grad(output.sum(), x, retain_graph=True)[0].tolist()
    [1.0, 0.0, 0.0, 0.0]
    >>> with rectified([output], "deconvnet"):
    ...     torch.autograd.grad(output.sum(), x)[0].tolist()
    [1.0, 0.0, 1.0, 0.0]
    """
    found, notes = find_rectifiers(outputs)
    follow = _guide if rule == "guided" else _reverse
    with hooked([follow(rectifier) for rectifier in found]):
        yield notes


def find_rectifiers(outputs: Sequence[Tensor]) -> tuple[tuple[Rectifier, ...], tuple[str, ...]]:
    """Find every ReLU on the way to the outputs, and say which other activations there are.

    Raises:  InputError as `rectified` does.
    """
    roots = [output.grad_fn for output in outputs if output.grad_fn is not None]
    if not roots:
        raise InputError("the network: found no gradients, needed some to follow back. Run it outside of no_grad")
    found, others = [], Counter[str]()
    for node in walk_graph(roots):
        name = node.name().rpartition("::")[2]
        _refuse_opaque(node, name)
        place = _find_place(node, name)
        if place is not None:
            found.append(Rectifier(node, place))
        elif (kind := name.rstrip("0123456789").removesuffix("Backward")) in OTHERS:
            others[kind] += 1
        elif kind == "Mul" and _is_mask(node):
            others["a product with a mask"] += 1
    listed = ", ".join(f"{kind} ({count}x)" if count > 1 else kind for kind, count in sorted(others.items()))
    if not found:
        seen = f"{listed} alone" if listed else "none"
        raise InputError(
            f"the network: found {seen}, needed a ReLU for a rule that is made for ReLUs. Take another method"
        )
    return tuple(found), (f"no ReLU, so the plain gradient went through: {listed}",) if listed else ()


def walk_graph(roots: Sequence[Node]) -> Iterator[Node]:
    """Every node that a gradient may pass on its way back from these, each once."""
    seen, waiting = set(roots), list(dict.fromkeys(roots))
    while waiting:
        node = waiting.pop()
        yield node
        for before, _ in node.next_functions:
            if before is not None and before not in seen:
                seen.add(before)
                waiting.append(before)


def _refuse_opaque(node: object, name: str) -> None:
    if isinstance(node, BackwardCFunction) or type(node).__name__ == "CppFunction":
        raise InputError(
            f"the network: found {name}, whose backward pass is its own and may hide a ReLU, needed plain operations. "
            "Take the module without scripting, compiling or checkpoints, or another method"
        )


def _find_place(node: Any, name: str) -> int | None:
    """Which input of an operation is rectified; None where it is no ReLU."""
    if name == "ReluBackward0":
        return 0
    if name in SCALARS:
        return 0 if getattr(node, SCALARS[name]) == 0 else None
    if name not in TENSORS:
        return None
    # the constant has no node, and so nothing to follow back to
    constants = [place for place in (0, 1) if node.next_functions[place][0] is None]
    if len(constants) != 1:
        return None
    other = getattr(node, TENSORS[name][constants[0]])
    return 1 - constants[0] if other is not None and not bool(other.any()) else None


def _is_mask(node: Any) -> bool:
    return any(saved is not None and saved.dtype == torch.bool for saved in (node._saved_self, node._saved_other))


def _guide(rectifier: Rectifier) -> Any:
    node: Any = rectifier.node
    name = node.name()

    def hook(grads: Grads) -> Grads | None:
        signal = grads[0]
        if signal is None:
            return None
        signal = signal.clamp(min=0)
        if name in UNEVEN:
            fed = node._saved_self if name not in TENSORS else getattr(node, TENSORS[name][rectifier.place])
            signal = signal * (fed > 0)
        return (signal,)

    return node.register_prehook(hook)


def _reverse(rectifier: Rectifier) -> Any:
    place = rectifier.place

    def hook(made: Grads, grads: Grads) -> Grads | None:
        plain, signal = made[place], grads[0]
        if plain is None or signal is None:
            return None
        passed = signal.clamp(min=0).sum_to_size(plain.shape)
        return (*made[:place], passed, *made[place + 1 :])

    return rectifier.node.register_hook(hook)
