"""Copies of a network whose weights are shuffled from the top layer down: what stays of a map was not learned.

Each tensor's entries are permuted, which keeps their scale and distribution, biases' and norms' included: the signals
stay of the size that the network is used to, so a map doesn't change for the trivial reason that all is saturated or
faded; and it needs to know of no layer how it was first drawn, so it holds for anyone's module.
The statistics that norms have collected stay.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.hooks import watch

STAGES = 6
Layers = tuple[str, ...]


def plan_stages(module: nn.Module, inputs: Tensor, top: str | None = None) -> list[Layers]:
    """Which layers are shuffled one after the other: first the top one, at last those at the input; STAGES at most.

    What runs after the layer `top` is left out, if one is named: of a unit's map it says nothing.

    Raises:  InputError where the network has no weights.
    """
    layers = join_vectors(module, order_layers(module, inputs, top))
    if not layers:
        raise InputError("trust: the network has no weights to randomise, needed some. Ask without trust")
    return group_layers(layers)


def randomise_down(module: nn.Module, stages: Sequence[Layers], seed: int) -> Iterator[nn.Module]:
    """For each stage a copy in which its layers and those of all stages before are shuffled.

    It is one copy that goes on: use each before the next. The module itself isn't touched.

    Raises:  InputError where the module can't be copied.
    Source:  Adebayo et al. 2018, "Sanity Checks for Saliency Maps", section 3.1 (cascading randomisation).
    """
    copied = copy_module(module)
    generator = torch.Generator().manual_seed(seed % 2**32)
    done: set[int] = set()
    for layers in stages:
        for path in layers:
            shuffle_weights(copied.get_submodule(path), generator, done)
        yield copied


def order_layers(module: nn.Module, inputs: Tensor, top: str | None = None) -> list[str]:
    """The paths of all modules that hold weights of their own, in the order in which they run, up to `top`.

    One that is never called (its weights are used from outside it) keeps its place in the order of registration, and
    so do all where one puts out something that isn't a tensor.
    """
    holders = [path for path, part in module.named_modules() if [*part.parameters(recurse=False)]]
    ran = watch_order(module, inputs, [*holders, *([top] if top else [])])
    called = iter([path for path in ran if path in holders])
    order = [next(called) if path in ran else path for path in holders]
    after = ran[ran.index(top) + 1 :] if top in ran else []
    return [path for path in order if path not in after]


def watch_order(module: nn.Module, inputs: Tensor, paths: list[str]) -> list[str]:
    """Those of some modules that are called, in the order in which they first are."""
    try:
        with torch.no_grad(), watch(module, [path for path in dict.fromkeys(paths) if path]) as seen:
            module(inputs[:1].clone())
    except InputError:  # a layer that doesn't put out a tensor can't be watched
        return []
    return [*seen]


def join_vectors(module: nn.Module, paths: list[str]) -> list[Layers]:
    """The layers from the top down; one that holds vectors only, as a norm does, goes with the one it follows."""
    joined: list[list[str]] = []
    for path in paths:
        if joined and all(parameter.ndim < 2 for parameter in module.get_submodule(path).parameters(recurse=False)):
            joined[-1].append(path)
        else:
            joined.append([path])
    return [tuple(layers) for layers in reversed(joined)]


def group_layers(layers: list[Layers]) -> list[Layers]:
    """Layers from the top down in at most STAGES groups: the top one alone, the others shared out evenly.

    >>> group_layers([("d",), ("c", "norm"), ("b",)])
    [('d',), ('c', 'norm'), ('b',)]
    """
    top, *below = layers
    count = min(STAGES - 1, len(below))
    edges = [round(index * len(below) / count) for index in range(count + 1)] if count else []
    return [top, *(sum(below[start:end], ()) for start, end in pairwise(edges))]


def copy_module(module: nn.Module) -> nn.Module:
    """The module once more, with weights of its own.

    Raises:  InputError where it can't be copied.
    """
    try:
        return copy.deepcopy(module)
    except (RuntimeError, TypeError) as fault:
        raise InputError(
            f"trust: the network can't be copied ({fault}), so as to randomise it. Ask without trust"
        ) from fault


def shuffle_weights(part: nn.Module, generator: torch.Generator, done: set[int]) -> None:
    """Permute the entries of each parameter that a module holds itself, once for those that several hold."""
    for parameter in part.parameters(recurse=False):
        if id(parameter) not in done:
            done.add(id(parameter))
            order = torch.randperm(parameter.numel(), generator=generator).to(parameter.device)
            with torch.no_grad():
                parameter.copy_(parameter.flatten()[order].reshape(parameter.shape))
