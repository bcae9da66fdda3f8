"""What an input becomes on its way: the feature maps that each layer makes of it, as the real values."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod

import torch
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.hooks import find_part, record
from striate.explain.look import Look
from striate.explain.untouched import untouched

MOST_MAPS, MOST_ROWS, MOST_LAYERS = 16, 64, 20


@dataclass(frozen=True)
class LayerMaps:
    """Maps of one layer: `values` [shown, *extents] of the channels `channels`.

    `low` and `high` are the lowest and highest value over all `count` channels of the layer. `dead` are the channels
    that are 0 everywhere on this input, `flat` those of another value that is the same everywhere.
    """

    path: str
    kind: str
    values: Tensor = field(repr=False)
    channels: tuple[int, ...]
    count: int
    low: float
    high: float
    dead: tuple[int, ...] = ()
    flat: tuple[int, ...] = ()

    @property
    def signed(self) -> bool:
        """Whether there are values below 0."""
        return self.low < 0


@dataclass(frozen=True)
class Maps:
    """One input, [channels, *extents] as the network took it, and what each layer makes of it, in order."""

    name: str
    network: str
    input: Tensor = field(repr=False)
    layers: tuple[LayerMaps, ...]
    rate: int | None = None
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()


def view_maps(look: Look) -> Maps:
    """Gather the feature maps of the first input at every layer with cells, or at `layer`; of `unit` if it is named.

    Option `most`: how many maps of a layer, left at 0 16 (of a series 64); of more, those that vary most (L2 about
    their mean), in the channels' order.
    Cost:    one pass, and a copy of what each layer puts out.
    Raises:  InputError without an input, for a layer without cells, and for a unit that there isn't.
    """
    if look.inputs is None or not len(look.inputs):
        raise InputError("maps: found no input, needed one. Name a file")
    most = int(look.options.get("most", 0)) or (MOST_ROWS if look.inputs.ndim == 3 else MOST_MAPS)
    if most < 1:
        raise InputError(f"maps: most is {most}, needed a number from 1, or 0 for as many as can be looked at")
    if look.layer:
        find_part(look.module, look.layer)
    paths = [look.layer] if look.layer else list_leaves(look.module)
    sample = look.inputs[:1]
    with untouched(look.module):
        outputs = record(look.module, sample, paths)
    shaped = {path: output for path, output in outputs.items() if _has_cells(output, sample)}
    if not shaped:
        found = f"layer {look.layer}" if look.layer else look.name
        raise InputError(f"{found}: found no maps over {sample.ndim - 2} axes, needed some. Name another layer")
    chosen, notes = choose_layers(look.module, shaped)
    layers = tuple(_take_layer(look.module, path, shaped[path][0].cpu(), look.unit, most) for path in chosen)
    if len(look.inputs) > 1:
        notes = (*notes, f"The maps of the first of {len(look.inputs)} inputs are shown.")
    name = look.names[0] if look.names else "input"
    return Maps(name, look.name, sample[0].detach().cpu(), layers, look.rate, look.mean, look.std, notes)


def list_leaves(module: nn.Module) -> list[str]:
    """The paths of all modules that have no parts of their own."""
    return [path for path, part in module.named_modules() if path and not list(part.children())]


def _has_cells(output: Tensor, sample: Tensor) -> bool:
    """Whether an output is a batch of maps with as many axes as the input, not all of one cell."""
    return output.ndim == sample.ndim and len(output) == 1 and prod(output.shape[2:]) > 1 and output.is_floating_point()


def choose_layers(module: nn.Module, shaped: dict[str, Tensor]) -> tuple[list[str], tuple[str, ...]]:
    """All layers; of too many, those that aren't just another's values passed on or rescaled."""
    paths = list(shaped)
    if len(paths) <= MOST_LAYERS:
        return paths, ()
    weighty = [path for path in paths if getattr(find_part(module, path), "weight", torch.empty(0)).ndim > 1]
    kept = weighty if 0 < len(weighty) <= MOST_LAYERS else _spread(weighty or paths)
    which = "convolutions" if len(kept) == len(weighty) else f"{MOST_LAYERS} evenly apart"
    return kept, (f"Of {len(paths)} layers the {which} are shown: name a layer to see another.",)


def _spread(paths: list[str]) -> list[str]:
    places = torch.linspace(0, len(paths) - 1, MOST_LAYERS).round().int().tolist()
    return [paths[place] for place in dict.fromkeys(places)]


def _take_layer(module: nn.Module, path: str, output: Tensor, unit: int | None, most: int) -> LayerMaps:
    """The maps to show of one layer [channels, *extents], and which of all are dead."""
    values = output.float() if output.dtype in (torch.float16, torch.bfloat16) else output
    cells = values.flatten(1)
    lows, highs = cells.amin(1), cells.amax(1)
    still = lows == highs
    dead = torch.nonzero(still & (highs == 0)).flatten().tolist()
    flat = torch.nonzero(still & (highs != 0)).flatten().tolist()
    if unit is not None and not 0 <= unit < len(values):
        raise InputError(f"unit: found {unit}, needed one of layer {path}, from 0 to {len(values) - 1}")
    strength = (cells - cells.mean(1, keepdim=True)).square().sum(1)
    strongest = strength.argsort(descending=True, stable=True)[:most].sort().values
    chosen = torch.tensor([unit]) if unit is not None else strongest
    bounds = (float(lows.min()), float(highs.max()))
    kind = type(find_part(module, path)).__name__
    return LayerMaps(path, kind, values[chosen], tuple(chosen.tolist()), len(values), *bounds, tuple(dead), tuple(flat))
