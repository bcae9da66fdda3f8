"""Backbones of other libraries, without their heads: what they ask of an input, what they give, how they are made."""

from striate.nets.backbones.backbone import Findings, find_demands, inspect_backbone, make_backbones, make_stand_in
from striate.nets.backbones.demands import Demands, Trained

__all__ = [
    "Demands",
    "Findings",
    "Trained",
    "find_demands",
    "inspect_backbone",
    "make_backbones",
    "make_stand_in",
]
