"""Rules for what works cell by cell: activations, products, and the softmax that may stand at the end.

An activation passes on what it gets. Where it isn't 0 at 0 (a sigmoid), that value is a constant, which keeps its
share.
"""

from __future__ import annotations

import torch
from torch import Tensor

from striate.explain.relevance.call import Call, depends
from striate.explain.relevance.rules import divide
from striate.explain.relevance.share import Share, carry, trace_back
from striate.explain.relevance.sums import follow


def activate(call: Call) -> Tensor:
    """An activation: it passes on all but the share of its value at 0."""
    source, value = call.source(), call.value()
    shape = source.shape
    with torch.no_grad():
        base = call.on([(source, torch.zeros_like(source))])
    if not base.isfinite().all():
        raise call.refuse("its value at 0 isn't finite")
    kept = (value - base, value.clone()) if base.any() else None

    def hand(relevance: Tensor) -> list[Tensor]:
        passed = relevance if kept is None else divide(relevance, kept[1]) * kept[0]
        return [passed.sum_to_size(shape)]

    return carry(Share([source], hand, call.layer, gate=call.name in ("sigmoid", "hardsigmoid")), value, call.into())


def negate(call: Call) -> Tensor:
    """The negative, an affine step."""
    return follow(call, call[0], torch.tensor(-1.0, dtype=call[0].dtype, device=call[0].device))


def multiply(call: Call) -> Tensor:
    """By a constant: an affine step. Of two tensors a gate gets nothing, else each gets half.

    Source:  Arras et al. 2017, arXiv:1706.07206 (the signal takes all); Achtibat et al. 2024,
             arXiv:2402.05602 (a product is shared evenly).
    """
    given = call.bind("input", "other")
    one, other = given["input"], given["other"]
    if not (depends(one) and depends(other)):
        x, factor = (one, other) if depends(one) else (other, one)
        return follow(call, x, torch.as_tensor(factor, dtype=x.dtype, device=x.device))
    weights = [0.0 if gate else 1.0 for gate in (is_gate(one), is_gate(other))]
    if sum(weights) != 1:
        weights = [0.5, 0.5]
    shapes = [one.shape, other.shape]

    def hand(relevance: Tensor) -> list[Tensor]:
        return [(weight * relevance).sum_to_size(shape) for weight, shape in zip(weights, shapes, strict=True)]

    return carry(Share([one, other], hand, call.layer), call.value(), call.into())


def is_gate(tensor: Tensor) -> bool:
    """Whether a sigmoid made the tensor, reshaped since or not."""
    share = trace_back(tensor)
    return share is not None and share.gate


def divide_by(call: Call) -> Tensor:
    """By a constant: an affine step. What is divided gets all; a divisor that depends on the input is held fixed.

    Source:  Ali et al. 2022, arXiv:2202.07304 (a normaliser is held fixed).
    """
    given = call.bind("input", "other", "rounding_mode")
    x, other = given["input"], given["other"]
    if given["rounding_mode"] is not None or not depends(x):
        raise call.refuse("what it divides doesn't depend on the network's input, or it rounds")
    if not depends(other):
        return follow(call, x, 1 / torch.as_tensor(other, dtype=x.dtype, device=x.device))
    shape = x.shape
    return carry(Share([x], lambda relevance: [relevance.sum_to_size(shape)], call.layer), call.value(), call.into())


def multiply_and_add(call: Call) -> Tensor:
    """A constant plus a product of which one factor is a constant: an affine step."""
    given = call.bind("input", "tensor1", "tensor2", "value")
    varying = call.source()
    if depends(given["input"]) or given["value"] is not None:
        raise call.refuse("its summand depends on the network's input, or it has a `value`")
    return follow(call, varying, given["tensor2"] if varying is given["tensor1"] else given["tensor1"])


def pass_gate(call: Call) -> Tensor:
    """A gated linear unit: the half that isn't the gate gets all."""
    source, value = call.source(), call.value()
    axis = call.bind("input", "dim")["dim"]
    axis = -1 if axis is None else axis
    return carry(Share([source], lambda r: [torch.cat([r, torch.zeros_like(r)], axis)], call.layer), value)


def normalise_exponentials(call: Call) -> Tensor:
    """A softmax at the very end, where what is shared out is the score that it was made of (given 1 for the target)."""
    source = call.source()
    logits = source.detach().clone()
    return carry(Share([source], lambda chosen: [chosen * logits], call.layer, logits=logits), call.value())
