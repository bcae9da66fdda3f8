"""Feature visualisation: inputs made by climbing the gradient of what a network, or a part of it, answers."""

from striate.explain.ascent.climb import Climb, Steps, climb
from striate.explain.ascent.grammar import read_objective
from striate.explain.ascent.likeness import Likeness
from striate.explain.ascent.objectives import ClassScore, Direction, Objective, Unit
from striate.explain.ascent.painting import Bounds, Canvas, decorrelate_colours

__all__ = [
    "Bounds",
    "Canvas",
    "ClassScore",
    "Climb",
    "Direction",
    "Likeness",
    "Objective",
    "Steps",
    "Unit",
    "climb",
    "decorrelate_colours",
    "read_objective",
]
