"""The views of a whole network by name: what `explore` offers. A new one is a file, its test, and a line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from striate.explain.ascent.caricature import CARICATURE_OPTIONS, caricature
from striate.explain.ascent.classes import CLASS_OPTIONS, visualise_classes
from striate.explain.ascent.units import UNIT_OPTIONS, visualise_units
from striate.explain.cells.tuning import TUNING, compute_tuning
from striate.explain.look import Look
from striate.explain.motion.invariance import INVARIANCE, compute_invariance
from striate.explain.surface.landscape import SURFACE, compute_surface
from striate.explain.units.kernels import MOST_UNITS, view_kernels
from striate.explain.units.maps import view_maps
from striate.explain.units.unitpatches import PATCHES, find_unit_patches


@dataclass(frozen=True)
class View:
    """What can be seen of a network: `compute` gives a frozen dataclass that `report.figure` draws.

    `needs` names what a view can't do without: "inputs", "data" or "layer". `options` are the names of its own options,
    with what they default to. `symbols`: also of inputs that are numbers of words; `classes`: of classifiers alone.
    """

    name: str
    title: str
    compute: Callable[[Look], Any]
    needs: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    symbols: bool = True
    classes: bool = False


VIEWS: dict[str, View] = {
    "tuning": View("tuning", "What the first units are tuned to", compute_tuning, (), TUNING, symbols=False),
    "patches": View("patches", "Where units fire most", find_unit_patches, ("data",), PATCHES),
    "kernels": View("kernels", "The kernels of every convolution", view_kernels, (), {"most": MOST_UNITS}),
    "maps": View("maps", "What each layer makes of an input", view_maps, ("inputs",), {"most": 0}),
    "invariance": View(
        "invariance", "What follows and what ignores motions", compute_invariance, (), INVARIANCE, symbols=False
    ),
    "caricature": View(
        "caricature", "What a layer noticed", caricature, ("inputs",), CARICATURE_OPTIONS, symbols=False
    ),
    "classpictures": View(
        "classpictures", "A picture of each class", visualise_classes, (), CLASS_OPTIONS, symbols=False
    ),
    "visualise": View("visualise", "What units like", visualise_units, (), UNIT_OPTIONS, symbols=False),
    "surface": View("surface", "The loss around the weights", compute_surface, ("data",), SURFACE, classes=True),
}
