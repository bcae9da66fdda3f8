"""Where in a larger input each class fires: a network's window slid over it, at several scales."""

from striate.locate.locations import Locations
from striate.locate.places import Place, pick_places
from striate.locate.pyramid import choose_scales, rescale, scale_extents
from striate.locate.sweep import Sweep, count_windows, sweep_crops, sweep_map

__all__ = [
    "Locations",
    "Place",
    "Sweep",
    "choose_scales",
    "count_windows",
    "pick_places",
    "rescale",
    "scale_extents",
    "sweep_crops",
    "sweep_map",
]
