"""Conversions: a network that slides over larger inputs; a convolution as a matrix, as a linear layer, and inverted."""

from striate.nets.convert.connection import make_fully_connected
from striate.nets.convert.inversion import solve_input
from striate.nets.convert.matrix import compose_matrix
from striate.nets.convert.sliding import SlidingWindow, fully_convolutional

__all__ = ["SlidingWindow", "compose_matrix", "fully_convolutional", "make_fully_connected", "solve_input"]
