"""A list of steps as the page's own program: plain values for JSON, and the way back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from striate.nets.export.page.layers import Layer
from striate.nets.export.page.listing import Listing, Ref


def write_program(listing: Listing, layers: list[Layer], places: list[dict[str, Any]]) -> dict[str, Any]:
    """The program: the input, where each stored tensor lies, the steps, the layers, the outputs."""
    number, kind, shape = listing.input
    return {
        "input": {"id": number, "type": kind, "shape": list(shape)},
        "constants": places,
        "steps": [
            [step.name, [[each, kind, list(shape)] for each, kind, shape in step.outputs], _write(step.arguments)]
            for step in listing.steps
        ],
        "layers": [layer.to_dict() for layer in layers],
        "outputs": list(listing.outputs),
    }


def _write(value: Any) -> Any:
    """A tensor as {"t": number}; what JSON has no number for as {"n": text}."""
    if isinstance(value, Ref):
        return {"t": value.number}
    if isinstance(value, list | tuple):
        return [_write(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {"n": "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"}
    return value


def run_program(
    program: Mapping[str, Any], listing: Listing, constants: Mapping[int, Tensor], input: Tensor
) -> list[Tensor]:
    """Run a written program by torch, a step at a time; only which function a step means is taken from the listing.

    Every tensor is made contiguous, as the page's are.

    Shape:  [1, ...] -> the outputs, each [1, ...].
    """
    values: dict[int, Tensor] = {**constants, program["input"]["id"]: input}
    for step, (_, outputs, arguments) in zip(listing.steps, program["steps"], strict=True):
        read = _read(arguments, values)
        names = step.target._schema.arguments
        plain = [value for name, value in zip(names, read, strict=True) if not name.kwarg_only]
        keywords = {name.name: _restore(value) for name, value in zip(names, read, strict=True) if name.kwarg_only}
        made = step.target(*plain, **{key: each for key, each in keywords.items() if each is not None})
        several = made if isinstance(made, tuple | list) else [made]
        pairs = zip(outputs, several, strict=True)
        values |= {number: each.contiguous() for (number, *_), each in pairs if number is not None}
    return [values[number] for number in program["outputs"]]


def _read(value: Any, values: Mapping[int, Tensor]) -> Any:
    if isinstance(value, list):
        return [_read(each, values) for each in value]
    if isinstance(value, dict):
        return values[value["t"]] if "t" in value else float(value["n"])
    return value


def _restore(value: Any) -> Any:
    found = getattr(torch, value, None) if isinstance(value, str) else None
    return found if isinstance(found, torch.dtype) else value
