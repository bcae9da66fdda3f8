"""Whether a training step fits into what memory is free here; where it won't, into how many parts each batch goes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from striate.nets import inspect_backbones, list_layers

if TYPE_CHECKING:
    from torch import nn

    from striate.engine import Engine
    from striate.train import Recipe
    from striate.verbs.planning import Plan

_PLENTY = 16  # so many times all outputs and weights are more than any step takes


def choose_parts(plan: Plan, module: nn.Module, samples: int, engine: Engine | None = None) -> tuple[int, list[str]]:
    """The parts that each batch goes in, by the memory that `measure` predicts, and the lines that say why.

    Nothing is predicted where there is plenty, nor where the system doesn't tell what is free.
    """
    import torch

    from striate.train.memory import read_free_bytes
    from striate.train.ranks import find_ranks

    ranks = find_ranks()
    device = engine.device if engine else "cuda" if torch.cuda.is_available() else "cpu"
    free, taken = read_free_bytes(device), ranks.take(min(plan.recipe.batch, samples))
    batch = taken.stop - taken.start
    if free is None or batch < 2:
        return 1, []
    free //= ranks.launch.local_count if device == "cpu" else 1
    if _PLENTY * _count_bytes(plan, batch) <= free and not inspect_backbones(plan.placed):
        return 1, []
    from striate.train.fitting import choose_parts  # measuring loads torch's compiler, a second that most runs spare

    precision = engine.precision if engine else "fp32"
    parts, whole = choose_parts(module, plan.placed[0].input, batch, free, name_optimizer(plan.recipe), precision)
    if parts == 1:
        return 1, []
    found = f"a step would take {write_bytes(whole)}, of which {write_bytes(free)} are free"
    return parts, [f"memory   {found}: each batch goes through in {parts} parts (batch norm sees each by itself)"]


def _count_bytes(plan: Plan, batch: int) -> int:
    """All outputs of a pass, and all weights, as floats."""
    layers = [part for _, part in list_layers(plan.placed)]
    outputs = sum(math.prod(part.output) for part in layers) + math.prod(plan.placed[0].input)
    return 4 * (batch * outputs + sum(part.parameters for part in layers))


def name_optimizer(recipe: Recipe) -> str:
    """The optimizer that `measure` knows with as many states as the recipe's."""
    return "adamw" if recipe.optimizer == "adamw" else "momentum"


def write_bytes(count: int) -> str:
    """A number of bytes for people.

    >>> write_bytes(850_000_000), write_bytes(12_300_000_000)
    ('850 MB', '12.3 GB')
    """
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
