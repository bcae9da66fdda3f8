"""The whole sum behind any cell of any layer of a module, on an input of the user's."""

from striate.explain.sums.layers import Layer, list_layers
from striate.explain.sums.playing import Play, play
from striate.explain.sums.spelled import Step, Sum, Terms
from striate.explain.sums.spelling import find_layer, spell_cell
from striate.explain.sums.text import write_sum
from striate.explain.sums.uses import Uses, find_uses
from striate.explain.sums.values import Histogram, count_values, read_values

__all__ = [
    "Histogram",
    "Layer",
    "Play",
    "Step",
    "Sum",
    "Terms",
    "Uses",
    "count_values",
    "find_layer",
    "find_uses",
    "list_layers",
    "play",
    "read_values",
    "spell_cell",
    "write_sum",
]
