"""What the page shows of the inside: for each layer the last tensor that it makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import Any

from torch import nn

from striate.nets.export.page.listing import Listing, Step
from striate.nets.export.page.operations import VIEWS


@dataclass(frozen=True)
class Layer:
    """A layer by its path and text: the number and shape of its result, and the steps, first and last, that make it."""

    name: str
    text: str
    tensor: int
    shape: tuple[int, ...]
    steps: tuple[int, int]

    def to_dict(self) -> dict[str, Any]:
        """As the page reads it."""
        return asdict(self)


def list_layers(listing: Listing, module: nn.Module, names: Mapping[str, str]) -> list[Layer]:
    """The layers in the order in which they run; `names` are the texts of the layers that the network's text names.

    Steps in a row that belong to one such layer, or to one module without children, are one layer. Any other step is
    a layer by itself, unless it only puts cells elsewhere.
    """
    parts = dict(module.named_modules())
    keyed = [(_find_key(step, place, parts, names), place, step) for place, step in enumerate(listing.steps)]
    found = []
    for key, run in groupby(keyed, key=lambda each: each[0]):
        steps = [(place, step) for _, place, step in run]
        layer = _read(key, steps, parts, names)
        if layer is not None:
            found.append(layer)
    return _number(found)


def _find_key(step: Step, place: int, parts: Mapping[str, nn.Module], names: Mapping[str, str]) -> tuple[str, int]:
    """The path of the layer, and a number that tells steps apart that are layers by themselves."""
    path = step.path.split("@")[0]
    owners = [name for name in names if path == name or path.startswith(f"{name}.")]
    if owners:
        return step.path if path in owners else max(owners, key=len), -1
    is_leaf = path in parts and path != "" and not any(parts[path].children())
    return step.path, -1 if is_leaf else place


def _read(
    key: tuple[str, int], steps: Sequence[tuple[int, Step]], parts: Mapping[str, nn.Module], names: Mapping[str, str]
) -> Layer | None:
    path = key[0].split("@")[0]
    only_moved = all(step.name in VIEWS for _, step in steps)
    if only_moved and (path not in names or names[path].startswith("flatten")):
        return None
    for _, step in reversed(steps):
        number, kind, shape = step.outputs[0]
        if number is not None and kind == "float32" and len(shape) >= 2 and shape[0] == 1 and 0 not in shape:
            text = names.get(path) or _describe(path, key[1], step, parts)
            return Layer(path or step.name, text, number, shape, (steps[0][0], steps[-1][0]))
    return None


def _describe(path: str, alone: int, step: Step, parts: Mapping[str, nn.Module]) -> str:
    return step.name.strip("_") if alone >= 0 else str(parts[path]) if path in parts else step.kind


def _number(layers: list[Layer]) -> list[Layer]:
    """A layer that runs several times is told apart: relu, relu (2)."""
    met: dict[str, int] = {}
    told = []
    for layer in layers:
        met[layer.name] = met.get(layer.name, 0) + 1
        told.append(replace(layer, name=f"{layer.name} ({met[layer.name]})") if met[layer.name] > 1 else layer)
    return told
