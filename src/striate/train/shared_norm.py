"""Batch norm over the batch of all ranks together: the statistics, the running ones and the gradients of one process.

`nn.SyncBatchNorm` does the same on GPUs alone. Each rank tells the count, mean and variance of its part, which are
merged exactly (a sum of squares would lose digits); backward, two sums per channel are exchanged.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn.modules.batchnorm import _BatchNorm

from striate.train.ranks import Ranks


@contextmanager
def shared_norms(module: nn.Module, ranks: Ranks, *, compiled: bool = False) -> Iterator[None]:
    """A `with` under which each batch norm in `module` that is training sees the batch of all ranks.

    In eval mode, and with one rank, nothing changes. Of a network that is to be `compiled` these layers are left out.
    """
    norms = [part for part in module.modules() if isinstance(part, _BatchNorm)] if ranks.count > 1 else []
    for norm in norms:
        forward = partial(_forward, norm, ranks)
        vars(norm)["forward"] = torch.compiler.disable(forward) if compiled else forward  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        for norm in norms:
            del vars(norm)["forward"]  # what the class says comes back


def merge(counts: Tensor, means: Tensor, variances: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Count, mean and (biased) variance of all parts together, from those of each.

    Shape:   counts [parts, 1], means and variances [parts, channels].
    Source:  Chan, Golub & LeVeque 1979, "Updating formulae and a pairwise algorithm for computing sample variances",
             eq. 2.1, for any number of parts.

    >>> parts = torch.tensor([[1.0], [3.0]]), torch.tensor([[2.0], [6.0]]), torch.tensor([[0.0], [2.0]])
    >>> [value.tolist() for value in merge(*parts)]
    [[4.0], [5.0], [4.5]]
    """
    count = counts.sum(0)
    mean = (counts * means).sum(0) / count
    return count, mean, (counts * (variances + (means - mean) ** 2)).sum(0) / count


def _forward(norm: _BatchNorm, ranks: Ranks, input: Tensor) -> Tensor:
    if not norm.training:
        return type(norm).forward(norm, input)
    norm._check_input_dim(input)  # type: ignore[no-untyped-call]
    kind = torch.promote_types(input.dtype, torch.float32)
    count, mean, variance = _describe(input.detach().to(kind), ranks)
    if count <= 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {list(input.shape)}")
    _follow(norm, count, mean, variance)
    result: Tensor = _Normalise.apply(  # type: ignore[no-untyped-call]
        input, norm.weight, norm.bias, mean.to(kind), variance.to(kind), count, norm.eps, ranks
    )
    return result


def _describe(input: Tensor, ranks: Ranks) -> tuple[float, Tensor, Tensor]:
    """The number of values per channel, their mean and variance, over all ranks."""
    variance, mean = torch.var_mean(input, [0, *range(2, input.ndim)], correction=0)
    channels = len(mean)
    own = torch.cat([mean.new_tensor([input.numel() / channels], dtype=torch.float64), mean, variance])
    rows = own.new_zeros(ranks.count, len(own))
    rows[ranks.rank] = own
    ranks.add_up([rows])
    count, mean, variance = merge(*torch.split(rows, [1, channels, channels], dim=1))
    return float(count), mean, variance


@torch.no_grad()
def _follow(norm: _BatchNorm, count: float, mean: Tensor, variance: Tensor) -> None:
    """Move the running statistics as `_BatchNorm` does: the variance is the unbiased one there."""
    if norm.running_mean is None or norm.running_var is None or norm.num_batches_tracked is None:
        return
    norm.num_batches_tracked.add_(1)
    share = 1 / float(norm.num_batches_tracked) if norm.momentum is None else norm.momentum
    norm.running_mean.lerp_(mean.to(norm.running_mean.dtype), share)
    norm.running_var.lerp_((variance * (count / (count - 1))).to(norm.running_var.dtype), share)


class _Normalise(torch.autograd.Function):
    """y = weight (x - mean) / sqrt(variance + eps) + bias, where mean and variance depend on every rank's x.

    Source: Ioffe & Szegedy 2015, "Batch normalization", arXiv:1502.03167, section 3: with z = (x - mean) / deviation,
    dx = weight / deviation (dy - mean(dy) - z mean(dy z)), both means over all ranks.
    """

    @staticmethod
    def forward(
        ctx: Any,
        input: Tensor,
        weight: Tensor | None,
        bias: Tensor | None,
        mean: Tensor,
        variance: Tensor,
        count: float,
        eps: float,
        ranks: Ranks,
    ) -> Tensor:
        ctx.save_for_backward(input, weight, mean, torch.rsqrt(variance + eps))
        ctx.count, ctx.ranks = count, ranks
        return F.batch_norm(input, mean, variance, weight, bias, training=False, eps=eps)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        inputs, weight, mean, sharpness = ctx.saved_tensors
        shape = [1, -1] + [1] * (inputs.ndim - 2)
        kind = mean.dtype
        gradient = gradient.to(kind)
        centred = inputs.to(kind) - mean.view(shape)
        axes = [0, *range(2, inputs.ndim)]
        own = torch.stack([gradient.sum(axes), (gradient * centred).sum(axes) * sharpness])
        total = own.clone()
        ctx.ranks.add_up([total])
        slope = sharpness if weight is None else weight.to(kind) * sharpness
        plain, tilt = total / ctx.count
        result = torch.addcmul(-(slope * plain).view(shape), centred, -(slope * tilt * sharpness).view(shape))
        result.addcmul_(gradient, slope.view(shape))
        needs = ctx.needs_input_grad
        bias_gradient, weight_gradient = own
        return (
            result.to(inputs.dtype),
            weight_gradient.to(weight.dtype) if needs[1] else None,
            bias_gradient.to(weight.dtype if weight is not None else kind) if needs[2] else None,
            *[None] * 5,
        )
