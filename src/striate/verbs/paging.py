"""What an exported page tells and asks by: of a run its classes, its result and how its data were read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from striate.nets import Net, list_layers, place
from striate.verbs.runs import Run

if TYPE_CHECKING:
    from torch import nn


def tell_page(network: Run | Net | nn.Module, metadata: Mapping[str, str]) -> dict[str, Any]:
    """Plain values for the page; of a module nothing is known. No path of this machine is among them."""
    if isinstance(network, Run):
        return _tell_run(network)
    if not isinstance(network, Net):
        return {}
    classes = json.loads(metadata["classes"]) if "classes" in metadata else None
    shape = tuple(json.loads(metadata["input"]))
    return {"title": _name(network), "net": network.text, "layers": _name_layers(network, shape, classes)}


def _tell_run(run: Run) -> dict[str, Any]:
    recipe, about, words = run.recipe, run.settings["data"], (run.reading or {}).get("kind") == "words"
    channels = run.input[0]
    return {
        "title": run.path.name,
        "net": run.net.text,
        "classes": list(run.classes),
        "task": run.task.to_dict(),
        "result": _tell_result(run),
        "data": "" if about.get("in_memory") else str(about.get("name", "")),
        "trained": int(about.get("train", 0)),
        "reading": run.reading,
        "mean": [0.0] * channels if words else list(recipe.mean),
        "std": [1.0] * channels if words else list(recipe.std),
        "views": {"mirror": recipe.mirror, "nudge": recipe.nudge, "unsure": recipe.unsure},
        "colours": _choose_colours(run),
        "layers": _name_layers(run.net, run.input, len(run.classes)),
    }


def _choose_colours(run: Run) -> list[list[int]]:
    """A colour for each class of cells, the same as in masks and reports."""
    from striate.report.cellcolours import choose_colours

    colours: list[list[int]] = choose_colours(run.classes).tolist() if run.task.name == "segment" else []
    return colours


def _tell_result(run: Run) -> dict[str, Any] | None:
    """How well it did on what it had not seen."""
    result = run.result
    if result is None:
        return None
    merit = run.task.merit
    return {
        "name": "accuracy" if result.task == "classify" else merit.name,
        "percent": result.task == "classify" or merit.unit == "%",
        "unit": merit.unit,
        "merit": result.merit,
        "interval": list(result.interval),
        "part": {"val": "validation"}.get(result.part, result.part),
        "total": result.total,
    }


def _name(net: Net) -> str:
    """A network's own name, where it has one that is no path."""
    name = net.source.rsplit("/", 1)[-1].removesuffix(".net")
    return "A network" if name in ("", "text") else name


def _name_layers(net: Net, shape: tuple[int, ...], classes: int | None) -> dict[str, str]:
    """The text of each layer by its path."""
    return {path: placed.text for path, placed in list_layers(place(net, shape, classes))}
