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
    `reading` says how to read what is drawn.
    """

    name: str
    title: str
    compute: Callable[[Look], Any]
    needs: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    symbols: bool = True
    classes: bool = False
    reading: str = ""


VIEWS: dict[str, View] = {
    view.name: view
    for view in (
        View(
            "kernels",
            "The kernels of every convolution",
            view_kernels,
            (),
            {"most": MOST_UNITS},
            reading="Each square is one unit's kernel: what it multiplies its input with. Mid-grey is 0, light adds, "
            "dark takes away; in the first layer of a picture's network they are in colour.",
        ),
        View(
            "maps",
            "What each layer makes of an input",
            view_maps,
            ("inputs",),
            {"most": 0},
            reading="Below each layer's name stand its channels, with the real values: blue below 0, orange above. "
            "Crossed out is a channel that is 0 everywhere.",
        ),
        View(
            "visualise",
            "What units like",
            visualise_units,
            (),
            UNIT_OPTIONS,
            symbols=False,
            reading="Each picture was made for one unit, by climbing from faint noise to an input that drives it. It "
            "shows what the unit answers to; another seed gives another picture.",
        ),
        View(
            "patches",
            "Where units fire most",
            find_unit_patches,
            ("data",),
            PATCHES,
            reading="For each unit the nine places in the data where it fires most, and beside each what it saw there.",
        ),
        View(
            "classpictures",
            "A picture of each class",
            visualise_classes,
            (),
            CLASS_OPTIONS,
            symbols=False,
            reading="Inputs that drive a class's score, with that score and the network's certainty. They need not look"
            " like anything: that they do is a property of the network.",
        ),
        View(
            "caricature",
            "What a layer noticed",
            caricature,
            ("inputs",),
            CARICATURE_OPTIONS,
            symbols=False,
            reading="The input made anew, so that what the layer noticed is exaggerated and what it ignored is left to "
            "chance.",
        ),
        View(
            "tuning",
            "What the first units are tuned to",
            compute_tuning,
            (),
            TUNING,
            symbols=False,
            reading="The first units as physiologists measure cells of the striate cortex: which angle and width of "
            "bars each prefers, which colours, and how well a Gabor function fits it.",
        ),
        View(
            "invariance",
            "What follows and what ignores motions",
            compute_invariance,
            (),
            INVARIANCE,
            symbols=False,
            reading="Inputs are shifted, turned and scaled by ever more. A curve at 0 stands for a layer whose maps "
            "move along (on the left), or don't change at all (on the right).",
        ),
        View(
            "surface",
            "The loss around the weights",
            compute_surface,
            ("data",),
            SURFACE,
            classes=True,
            reading="The network itself is in the middle; to the sides is its loss with the weights changed along two "
            "directions drawn by chance.",
        ),
    )
}
