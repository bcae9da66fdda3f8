"""Sequences written on, one sample after the other, by a network that tells the next."""

from striate.train.generating.drawing import draw_levels
from striate.train.generating.generation import generate_levels
from striate.train.generating.queues import is_streaming, make_streaming

__all__ = ["draw_levels", "generate_levels", "is_streaming", "make_streaming"]
