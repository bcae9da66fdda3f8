"""What a recipe changes in a network before the first step: norms, how kernels begin, and what is frozen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from striate.train.batches import Samples
from striate.train.randomness import make_generator
from striate.train.recipe import Recipe
from striate.train.whitening import whiten


@contextmanager
def prepared(module: nn.Module, samples: Samples, recipe: Recipe) -> Iterator[None]:
    """A `with` in which the module is as the recipe wants it; afterwards what was frozen can be trained again."""
    configure_norms(module, recipe)
    frozen = freeze_norms(module) if recipe.freeze_norms else []
    if recipe.init == "dirac":
        begin_as_identity(module, recipe.seed)
    if recipe.whiten.images:
        weight = whiten(module, samples, recipe).get_parameter("weight")
        frozen += [weight] * recipe.whiten.frozen
    was = [value.requires_grad for value in frozen]
    for value in frozen:
        value.requires_grad_(False)
    try:
        yield
    finally:
        for value, flag in zip(frozen, was, strict=True):
            value.requires_grad_(flag)


def configure_norms(module: nn.Module, recipe: Recipe) -> None:
    """Give every batch norm the recipe's momentum and eps, where it has a word on them."""
    for layer in module.modules():
        if isinstance(layer, _BatchNorm):
            layer.momentum = layer.momentum if recipe.norm_momentum is None else recipe.norm_momentum
            layer.eps = layer.eps if recipe.norm_eps is None else recipe.norm_eps


def freeze_norms(module: nn.Module) -> list[nn.Parameter]:
    """Set the weights of every batch norm to 1, and return them."""
    weights = [layer.weight for layer in module.modules() if isinstance(layer, _BatchNorm) and layer.affine]
    for weight in weights:
        nn.init.ones_(weight)
    return weights


def begin_as_identity(module: nn.Module, seed: int) -> None:
    """Let every convolution hand its channels on, as far as it has kernels; draw the rest, and matrices, small.

    Kernel c of a convolution (of each of its groups) is 1 at channel c of the cell it stands at, else 0. What is left
    is uniform within 1/sqrt(inputs), as are the weights of linear layers. What lies otherwise (transposed, local,
    embedding) stays.

    Source:  Zagoruyko & Komodakis 2017, "DiracNets", arXiv:1706.00388; LeCun et al. 1998, "Efficient BackProp".

    >>> layer = nn.Conv1d(2, 2, 3)
    >>> begin_as_identity(layer, seed=0)
    >>> layer.weight[0].tolist(), layer.weight[1].tolist()
    ([[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    """
    generator = make_generator("dirac", seed)
    for layer in module.modules():
        weight = layer._parameters.get("weight")
        if weight is None or weight.ndim < 2 or getattr(layer, "transposed", False) or hasattr(layer, "fans"):
            continue
        drawn = torch.empty(weight.shape).uniform_(-1, 1, generator=generator) / weight[0].numel() ** 0.5
        with torch.no_grad():
            weight.copy_(drawn)
            if weight.ndim > 2:
                _put_identity(weight, int(getattr(layer, "groups", 1)))


def _put_identity(weight: Tensor, groups: int) -> None:
    inputs, outputs = weight.shape[1], len(weight) // groups
    middle = tuple((size - 1) // 2 for size in weight.shape[2:])  # the cell that `same` padding leaves a kernel at
    for group in range(groups):
        for channel in range(min(inputs, outputs)):
            kernel = weight[group * outputs + channel]
            kernel.zero_()
            kernel[(channel, *middle)] = 1
