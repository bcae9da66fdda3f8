"""How fast a network's answer goes as a map's hottest cells are taken away, and comes as they are put back.

A map that shows what the network looked at loses the answer soon (a small deletion area) and brings it back soon (a
large insertion area). Both curves are read at `STEPS` + 1 points, from no cell to all of them.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from striate.explain.trust.controls import draw_random
from striate.explain.trust.responding import Respond
from striate.explain.trust.starts import make_start

STEPS = 16


def measure_areas(
    respond: Respond, inputs: Tensor, heat: Tensor, seed: int, rows: int, *, symbols: bool = False
) -> Tensor:
    """The area below the deletion curve and that below the insertion curve, of each input.

    The cells go in the order of the signed heat: what speaks against the target goes last, as the picture says. Of
    equally hot cells chance decides, by the seed and the input, so a flat map is as good as a random one. All channels
    of a cell go at once. The baselines are zeros for deletion (of normalised inputs, the mean) and the blurred input
    for insertion. Samples pass by themselves, so the batch makes no difference.

    Shape:   [batch, channels, *extents], [batch, *extents] -> [batch, 2], in float64.
    Cost:    2 x (STEPS + 1) inputs through the network for each sample, at most `rows` at a time.
    Source:  Petsiuk et al. 2018, "RISE", section 4.2.
    """
    places = order_cells(heat.to(inputs.device), draw_random(inputs, seed))
    series = enumerate(step_through(inputs, places, symbols=symbols))
    curves = [
        torch.cat([respond(part, sample) for part in torch.split(steps, max(1, rows))]) for sample, steps in series
    ]
    return torch.stack([torch.stack([find_area(half) for half in curve.chunk(2)]) for curve in curves]).cpu()


def order_cells(heat: Tensor, chance: Tensor) -> Tensor:
    """The place of each cell in the order of heat, 0 for the hottest; of equally hot ones the greater `chance` is
    first.

    Shape:   [batch, *extents], twice, and the same again.

    >>> order_cells(torch.tensor([[1., 3., 1.]]), torch.tensor([[.1, .2, .9]])).tolist()
    [[2, 0, 1]]
    """
    shuffled = chance.flatten(1).argsort(dim=1, descending=True, stable=True)
    by_heat = heat.flatten(1).gather(1, shuffled).argsort(dim=1, descending=True, stable=True)
    return shuffled.gather(1, by_heat).argsort(dim=1).reshape(heat.shape)


def step_through(inputs: Tensor, places: Tensor, *, symbols: bool = False) -> Iterator[Tensor]:
    """Of each input its series: ever more of it taken away, then ever more of it put back.

    Of `symbols`, whose numbers are names, there is nothing between two: they are put back into zeros, not into a blur.

    Shape:   [batch, channels, *extents], [batch, *extents] -> each [2 x (STEPS + 1), channels, *extents].
    """
    cells = places[0].numel()
    counts = torch.tensor([round(cells * step / STEPS) for step in range(STEPS + 1)], device=places.device)
    for one, place in zip(inputs, places, strict=True):
        taken = (place < counts.reshape(-1, *[1] * place.ndim))[:, None]
        yield torch.cat([one.masked_fill(taken, 0), torch.where(taken, one, make_start(one, symbols=symbols))])


def find_area(curve: Tensor) -> Tensor:
    """The area below a curve over 0 to 1, by trapezia, in float64.

    >>> find_area(torch.tensor([0., 1., 1.])).item()
    0.75
    """
    return torch.trapezoid(curve.double(), dx=1 / (len(curve) - 1))
