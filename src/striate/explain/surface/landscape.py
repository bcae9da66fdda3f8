"""The view `surface`: the loss on a plane through a network's weights, for one network or several side by side.

The plane is spanned by two random directions, scaled filter by filter; its middle is the network itself. It is filled
from coarse to fine, and may be stopped at any time: what is known by then is a surface.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from striate.errors import InputError
from striate.explain.look import Look
from striate.explain.options import settle_options
from striate.explain.surface.directions import Direction, Moved, draw_direction
from striate.explain.surface.losses import fetch_samples, measure_loss

SURFACE: dict[str, Any] = {"cells": 21, "span": 1.0, "samples": 1000, "rows": 250}
STATISTICS = "Batch norm works with its running statistics, as they are at the middle, everywhere on the plane."


@dataclass(frozen=True)
class Surface:
    """The loss of networks on a plane each through their weights.

    `losses` are [networks, cells, cells], float64: NaN where not yet known, infinite where it isn't a finite number.
    Cell (i, j) lies `steps[i]` along the first and `steps[j]` along the second direction; the middle one is
    the network as it is. The loss is the mean cross-entropy over `samples` samples.
    """

    names: tuple[str, ...]
    steps: tuple[float, ...]
    losses: Tensor = field(repr=False)
    samples: int
    seed: int = 0
    notes: tuple[str, ...] = ()

    @property
    def centres(self) -> tuple[float, ...]:
        """Each network's own loss."""
        middle = len(self.steps) // 2
        return tuple(self.losses[:, middle, middle].tolist())

    @property
    def known(self) -> float:
        """The share of the cells that are known: 1 where the surface is whole."""
        return float((~self.losses.isnan()).double().mean())

    @property
    def flatness(self) -> tuple[float, ...]:
        """Of each network the share of the known cells whose loss is at most twice that of the middle."""
        below = [(losses <= 2 * centre).sum() for losses, centre in zip(self.losses, self.centres, strict=True)]
        return tuple(float(count / (~losses.isnan()).sum()) for count, losses in zip(below, self.losses, strict=True))


def compute_surface(look: Look) -> Surface:
    """Compute the loss on a plane through each network's weights.

    An interruption from the keyboard, or an `on_progress` that returns False, ends the work; the cells that aren't
    known by then are NaN.

    Cost:    a pass over the samples for each cell and network.
    Raises:  InputError where there is no labelled data, or a network can't take it.
    Source:  Li, Xu, Taylor, Studer, Goldstein 2018, "Visualizing the loss landscape of neural nets", sec. 4.
    """
    surface: Surface | None = None
    try:
        for surface in reveal_surface(look):  # noqa: B007
            pass
    except KeyboardInterrupt:
        if surface is None:
            raise
    assert surface is not None  # the generator yields at least once
    return surface


def reveal_surface(look: Look) -> Iterator[Surface]:
    """Yield the surface after each level from coarse to fine: the same cells, ever more of them known."""
    options = settle_options("surface", SURFACE, look.options)
    cells, networks = _check_cells(options["cells"], options["span"]), _name_networks(look)
    samples = fetch_samples(look, options["samples"], options["rows"])
    steps = tuple(options["span"] * (2 * place - cells + 1) / (cells - 1) for place in range(cells))
    planes = {name: _draw_plane(name, module, look.seed) for name, module in networks.items()}
    losses = torch.full((len(networks), cells, cells), math.nan, dtype=torch.float64)
    surface = Surface(tuple(networks), steps, losses, len(samples), look.seed, _take_notes(networks))
    done = 0
    for level in order_cells(cells):
        for (row, column), (number, (name, module)) in product(level, enumerate(networks.items())):
            try:
                moved = Moved(module, planes[name], (steps[row], steps[column]))
                losses[number, row, column] = measure_loss(moved, samples, name)
                done += 1
                goes_on = _tell(look, done, losses.numel())
            except KeyboardInterrupt:
                goes_on = False
            if not goes_on:
                if done < len(networks):
                    raise KeyboardInterrupt  # not even the middle is known
                yield replace(surface, losses=losses.clone())
                return
        yield replace(surface, losses=losses.clone())


def order_cells(cells: int) -> list[list[tuple[int, int]]]:
    """Levels of cells from coarse to fine: the middle, then those 2^k cells apart for ever smaller k; outwards in each.

    >>> [len(level) for level in order_cells(9)]
    [1, 8, 16, 56]
    """
    middle = cells // 2
    step = 2 ** int(math.log2(max(middle, 1)))
    seen, levels = {(middle, middle)}, [[(middle, middle)]]
    while step:
        places = range(middle % step, cells, step)
        level = [(row, column) for row in places for column in places if (row, column) not in seen]
        seen.update(level)
        levels.append(sorted(level, key=lambda cell: math.dist(cell, (middle, middle))))
        step //= 2
    return levels


def _name_networks(look: Look) -> dict[str, nn.Module]:
    if look.name in look.beside:
        raise InputError(f"surface: found two networks called {look.name}, needed a name of each")
    return {look.name: look.module, **look.beside}


def _draw_plane(name: str, module: nn.Module, seed: int) -> tuple[Direction, Direction]:
    generator = torch.Generator().manual_seed(seed)
    plane = draw_direction(module, generator), draw_direction(module, generator)
    if not plane[0]:
        raise InputError(f"{name}: found no filters, needed weights to move. Name another network")
    return plane


def _take_notes(networks: Mapping[str, nn.Module]) -> tuple[str, ...]:
    parts = (part for module in networks.values() for part in module.modules())
    return (STATISTICS,) if any(isinstance(part, _BatchNorm) for part in parts) else ()


def _tell(look: Look, done: int, total: int) -> bool:
    """Tell how far the work is; whether it shall go on."""
    hear: Any = look.on_progress
    return hear is None or hear(done, total) is not False


def _check_cells(cells: int, span: float) -> int:
    if cells < 3 or cells % 2 == 0:
        raise InputError(f"surface: option cells is {cells}, needed an odd number from 3, for a middle")
    if not 0 < span < math.inf:
        raise InputError(f"surface: option span is {span:g}, needed a length above 0")
    return cells
