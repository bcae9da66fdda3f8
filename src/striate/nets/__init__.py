"""Networks: notation (text -> tree), shapes, and build (tree -> module). Torch loads when a module is built."""

from striate.nets.lookup import find_net, list_zoo
from striate.nets.notation import parse
from striate.nets.shapes import Placed, list_layers, place
from striate.nets.tree import Net
from striate.nets.vocabulary import WEIGHTED
from striate.nets.words.word import write_shape

__all__ = ["WEIGHTED", "Net", "Placed", "find_net", "list_layers", "list_zoo", "parse", "place", "write_shape"]
