"""Runs that nobody trained: a network's first weights, sharpened so that its answers differ from place to place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

import striate
from striate.engine import Engine
from striate.train import Recipe


def make_run(
    text: str, input: tuple[int, ...], *, classes: int = 4, engine: Engine | None = None, **recipe: Any
) -> striate.Run:
    """A run as `load` gives it, without a folder."""
    module = striate.build(text, input=input, classes=classes, seed=3).eval()
    _spread_answers(module, input)
    channels = input[0]
    settled = Recipe(epochs=1, mean=(0.4,) * channels, std=(0.25,) * channels, **recipe)
    settings = {"input": list(input), "recipe": settled.to_dict(), "engine": (engine or Engine()).to_dict()}
    return striate.Run(
        Path("untrained"), striate.read(text), module, tuple(f"class{i}" for i in range(classes)), (), settings
    )


def _spread_answers(module: nn.Module, input: tuple[int, ...]) -> None:
    """Let the class scores of noise have mean 0 and deviation 2."""
    *_, last = (part for part in module.modules() if isinstance(part, nn.Linear))
    noise = (torch.rand(200, *input, generator=torch.Generator().manual_seed(0)) - 0.4) / 0.25
    with torch.no_grad():
        scores = module(noise)
        last.weight *= 2 / scores.std(0)[:, None]
        last.bias.copy_(2 * (last.bias - scores.mean(0)) / scores.std(0))
