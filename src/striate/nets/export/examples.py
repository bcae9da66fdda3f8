"""What a module is fed with to take it away: batches of any size, drawn or repeated from given tensors."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import torch
from torch import Tensor, nn

from striate.errors import InputError
from striate.measure.inputs import Given, find_device, find_type, name_inputs

Feed: TypeAlias = "tuple[tuple[Tensor, ...], dict[str, Tensor]]"
TRACED = 2  # rows of the traced batch: torch takes 0 and 1 for special
COMPARED = (1, 3)


@dataclass(frozen=True)
class Examples:
    """Inputs by place or keyword, each with its rows; `take` gives a batch of as many rows as are asked for."""

    rows: Mapping[str | int, Tensor]

    def take(self, batch: int) -> Feed:
        """Arguments and keywords of a batch; the rows begin anew where there are too few."""
        taken = {
            key: rows.index_select(0, torch.arange(batch, device=rows.device) % len(rows))
            for key, rows in self.rows.items()
        }
        places = sorted(key for key in taken if isinstance(key, int))
        return tuple(taken[key] for key in places), {key: taken[key] for key in taken if isinstance(key, str)}

    @cached_property
    def traced(self) -> Feed:
        """A batch of zeros to trace with: a program keeps its example, and nobody's data should lie in it."""
        arguments, keywords = self.take(TRACED)
        return tuple(map(torch.zeros_like, arguments)), {key: torch.zeros_like(of) for key, of in keywords.items()}


def make_examples(module: nn.Module, input: Given, *, unit: bool = False) -> Examples:
    """Draw inputs of the given shapes, from a generator of their own: normal, or from 0 to 1 where `unit` is true.

    A module that looks vectors up gets whole numbers. A tensor that is given, its batch first, is taken as it is.

    Raises:  InputError for anything but shapes and tensors, and for a tensor without a batch.
    """
    named = name_inputs(input)
    device, dtype = find_device(module), find_type(module)
    symbols = min((part.num_embeddings for part in module.modules() if isinstance(part, nn.Embedding)), default=0)
    generator = torch.Generator().manual_seed(0)
    rows: dict[str | int, Tensor] = {}
    for key in _sort_keywords(module, named):
        value = named[key]
        if isinstance(value, Tensor):
            rows[key] = _check(key, value).detach().to(device)
        else:
            drawn = _draw((max(COMPARED), *value), generator, unit, symbols)
            rows[key] = drawn.to(device, dtype)
    return Examples(rows)


def _draw(shape: tuple[int, ...], generator: torch.Generator, unit: bool, symbols: int) -> Tensor:
    if symbols:
        return torch.randint(symbols, shape, generator=generator)
    return (torch.rand if unit else torch.randn)(shape, generator=generator)


def _check(key: str | int, value: Tensor) -> Tensor:
    if not value.dim() or not len(value):
        found = f"input {key}: found a tensor of {'no rows' if value.dim() else 'no axes'}"
        raise InputError(f"{found}, needed its batch first. Give one or more rows")
    return value


def _sort_keywords(module: nn.Module, named: Mapping[str | int, object]) -> list[str | int]:
    """As forward takes them: the file's inputs stand in that order."""
    order = list(inspect.signature(module.forward).parameters)
    return sorted(named, key=lambda key: key if isinstance(key, int) else order.index(key) if key in order else 999)
