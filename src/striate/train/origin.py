"""What a run came from: two runs with the same origin end with the same bits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import torch

from striate.engine import Engine
from striate.errors import RunError
from striate.train.batches import Samples
from striate.train.ranks import find_ranks
from striate.train.recipe import Recipe
from striate.train.tasks import CLASSIFY, Task


def describe_origin(recipe: Recipe, engine: Engine, samples: Samples, task: Task = CLASSIFY) -> dict[str, Any]:
    """Task, recipe, data's shape, engine and software, as plain values that JSON gives back unchanged."""
    origin = {
        "task": task.to_dict(),
        "recipe": recipe.to_dict(),
        "inputs": {"shape": list(samples.inputs.shape), "type": str(samples.inputs.dtype)},
        "engine": {
            **engine.to_dict(),
            "torch": torch.__version__,
            "cpu": torch.backends.cpu.get_cpu_capability(),
            "ranks": find_ranks().count,
        },
    }
    result: dict[str, Any] = json.loads(json.dumps(origin))
    return result


def compare_origins(before: Mapping[str, Any], now: Mapping[str, Any], place: str) -> tuple[str, ...]:
    """A line for each difference that costs the exact bits; a difference that makes it another run is refused.

    Raises:
        RunError: where the task, the recipe or the data differ; the message names the first difference.
    """
    begun = {"task": CLASSIFY.to_dict(), **before, "recipe": _fill_in(before["recipe"])}
    for part in ("task", "recipe", "inputs"):
        for name, was, value in _find_differences(begun[part], now[part]):
            raise RunError(f"{place}: was started with {part} {name} {was}, now it is {value}. Resume it with {was}.")
    return tuple(
        f"resumed with {name} {value}, started with {was}: the weights will differ in their last bits."
        for name, was, value in _find_differences({"ranks": 1, **before["engine"]}, {"ranks": 1, **now["engine"]})
    )


def _fill_in(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """An older Striate's recipe with the settings that came later at what it did then."""
    result: dict[str, Any] = json.loads(json.dumps(Recipe.from_dict(dict(recipe)).to_dict()))
    return result


def _find_differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    names = [*before, *(name for name in now if name not in before)]
    return [(name, before.get(name), now.get(name)) for name in names if before.get(name) != now.get(name)]
