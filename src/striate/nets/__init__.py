"""Networks: notation (text -> tree), shapes, and build (tree -> module). Torch loads when a module is built."""

from striate.nets.backbones import Demands, Findings, Trained
from striate.nets.lookup import find_net, list_zoo
from striate.nets.notation import parse
from striate.nets.pretrained import find_input_demands, inspect_backbones
from striate.nets.shapes import Placed, list_layers, place
from striate.nets.tree import Net
from striate.nets.vocabulary import WEIGHTED
from striate.nets.words.backbone import is_backbone
from striate.nets.words.word import write_shape

__all__ = [
    "WEIGHTED",
    "Demands",
    "Findings",
    "Net",
    "Placed",
    "Trained",
    "find_input_demands",
    "find_net",
    "inspect_backbones",
    "is_backbone",
    "list_layers",
    "list_zoo",
    "parse",
    "place",
    "write_shape",
]
