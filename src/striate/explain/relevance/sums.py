"""Rules for all that is a weighted sum: convolutions, dense layers, averages, interpolation, the meeting of branches.

A convolution, which slides, gives to what spoke for its output; every other sum in proportion, with sign. A convolution
whose window covers all of its input is a dense layer written otherwise, and is taken for one.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from striate.explain.relevance.call import Call, depends
from striate.explain.relevance.contributions import Contributions, Term
from striate.explain.relevance.rules import share_positive, share_signed
from striate.explain.relevance.share import Share, carry, find_share

_CONVOLUTION = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")
_TRANSPOSED = ("input", "weight", "bias", "stride", "padding", "output_padding", "groups", "dilation")


def share_out(total: Contributions, sources: Sequence[Tensor], call: Call, value: Tensor) -> Tensor:
    """A sum as an operation: what it gets goes to its sources by the rule of such a sum."""
    rule = share_positive if total.sliding else share_signed
    versions = [term.x._version for term in total.terms]

    def hand(relevance: Tensor) -> list[Tensor]:
        if versions != [term.x._version for term in total.terms]:
            raise call.refuse("its input was overwritten afterwards by an operation in place")
        return total.hand(relevance, rule)

    return carry(Share(sources, hand, call.layer, sum=total), value, call.into())


def convolve(call: Call) -> Tensor:
    """A convolution, transposed or not."""
    given = call.bind(*(_TRANSPOSED if "transpose" in call.name else _CONVOLUTION))
    x, weight, bias = (given.pop(name) for name in ("input", "weight", "bias"))
    if depends(weight) or depends(bias):
        raise call.refuse("its weights depend on the network's input")
    options = {name: value for name, value in given.items() if value is not None}
    value = call.value()
    sliding = value.shape[2:].numel() > 1
    term = Term(x.detach(), lambda part, kernel: call.func(part, kernel, None, **options), weight)
    return share_out(Contributions([term], sliding, output=None if sliding else value.clone()), [x], call, value)


def connect(call: Call) -> Tensor:
    """A dense layer."""
    given = call.bind("input", "weight", "bias")
    if depends(given["weight"]) or depends(given["bias"]):
        raise call.refuse("its weights depend on the network's input")
    value = call.value()
    term = Term(given["input"].detach(), lambda part, weight: call.func(part, weight), given["weight"])
    return share_out(Contributions([term], output=value.clone()), [given["input"]], call, value)


def multiply_matrices(call: Call) -> Tensor:
    """A product with a matrix that doesn't depend on the input."""
    operands = [leaf for leaf in call.leaves() if isinstance(leaf, Tensor)]
    varying = [operand for operand in operands if depends(operand)]
    if len(operands) != 2 or len(varying) != 1:
        raise call.refuse("more than one of its operands depends on the network's input, as in attention")
    (x,) = varying
    (weight,) = (operand for operand in operands if operand is not x)
    term = Term(x.detach(), lambda part, matrix: call.on([(x, part), (weight, matrix)]), weight)
    return share_out(Contributions([term]), [x], call, call.value())


def average(call: Call) -> Tensor:
    """A sum whose weights are fixed and none below 0: a mean, an average pool, linear interpolation."""
    x = call.source()
    if "bicubic" in (*call.args, *call.kwargs.values()):
        raise call.refuse("bicubic interpolation has weights below 0")
    term = Term(x.detach(), lambda part, _: call.on([(x, part)]))
    return share_out(Contributions([term]), [x], call, call.value())


def add(call: Call) -> Tensor:
    """Two tensors share by what each brings; a constant is an affine step."""
    return _meet(call, 1.0)


def subtract(call: Call) -> Tensor:
    """As adding the negative."""
    return _meet(call, -1.0)


def subtract_from(call: Call) -> Tensor:
    """The first argument taken from the second."""
    x, other = call[0], call[1]
    if depends(other):
        raise call.refuse("both of its arguments depend on the network's input")
    return follow(call, x, torch.tensor(-1.0, dtype=x.dtype, device=x.device))


def _meet(call: Call, sign: float) -> Tensor:
    given = call.bind("input", "other", "alpha")
    sign = sign * (1.0 if given["alpha"] is None else given["alpha"])
    pairs = [(given["input"], 1.0), (given["other"], sign)]
    varying = [(tensor, weight) for tensor, weight in pairs if depends(tensor)]
    if len(varying) == 1:
        ((x, weight),) = varying
        return follow(call, x, torch.tensor(weight, dtype=x.dtype, device=x.device))
    value = call.value()
    terms = [_weigh(call.kept(x), weight, value.shape) for x, weight in varying]
    return share_out(Contributions(terms), [x for x, _ in varying], call, value)


def _weigh(x: Tensor, weight: float, shape: torch.Size) -> Term:
    whole = torch.tensor(weight, dtype=x.dtype, device=x.device)
    return Term(x, lambda part, factor: torch.mul(part, whole if factor is None else factor).expand(shape), whole)


def follow(call: Call, source: Tensor, scale: Tensor) -> Tensor:
    """An affine step: folded into the sum that made its input, if one did; else it passes on cell by cell.

    `scale` is what the step multiplies by; the rest of it is a constant.
    """
    value, shape = call.value(), source.shape
    before = find_share(source)
    if before is None or before.sum is None or not before.can_fold() or value.shape != shape:
        return carry(Share([source], lambda relevance: [relevance.sum_to_size(shape)], call.layer), value, call.into())
    output = None if before.sum.sliding else value.clone()
    return share_out(before.sum.fold(scale.expand(shape), output), before.sources, call, value)
