"""The catalogue of the notation's words. A new word is a file in `words/`, its test, and a line here."""

from __future__ import annotations

from striate.nets.words.activation import ACTIVATION
from striate.nets.words.backbone import TIMM, TORCHVISION
from striate.nets.words.convolution import CONV, DECONV, DEPTHWISE
from striate.nets.words.cropping import CROP
from striate.nets.words.embedding import EMBED
from striate.nets.words.linear import FC
from striate.nets.words.local import LOCAL
from striate.nets.words.normalisation import BN, GN, LN, LRN
from striate.nets.words.pooling import AVGPOOL, GLOBAL, MAXPOOL
from striate.nets.words.scaling import SCALE
from striate.nets.words.selecting import KMAXPOOL, MAXOUT
from striate.nets.words.shaping import DROPOUT, FLATTEN, UPSAMPLE
from striate.nets.words.shuffling import CHANNELSHUFFLE, PIXELSHUFFLE
from striate.nets.words.side import TAPS, UNPOOL
from striate.nets.words.word import Readers, Word, read_number

LAYERS: dict[str, Word] = {
    "conv": CONV,
    "local": LOCAL,
    "depthwise": DEPTHWISE,
    "deconv": DECONV,
    "fc": FC,
    "embed": EMBED,
    "maxpool": MAXPOOL,
    "avgpool": AVGPOOL,
    "gap": GLOBAL,
    "gmp": GLOBAL,
    "kmaxpool": KMAXPOOL,
    "maxout": MAXOUT,
    "relu": ACTIVATION,
    "relu6": ACTIVATION,
    "gelu": ACTIVATION,
    "silu": ACTIVATION,
    "tanh": ACTIVATION,
    "sigmoid": ACTIVATION,
    "softmax": ACTIVATION,
    "bn": BN,
    "gn": GN,
    "ln": LN,
    "lrn": LRN,
    "dropout": DROPOUT,
    "flatten": FLATTEN,
    "upsample": UPSAMPLE,
    "pixelshuffle": PIXELSHUFFLE,
    "channelshuffle": CHANNELSHUFFLE,
    "crop": CROP,
    "scale": SCALE,
    "timm": TIMM,
    "torchvision": TORCHVISION,
    "taps": TAPS,
    "unpool": UNPOOL,
}
# Brackets, with the options that stand behind their `]`; a side bracket has one branch, and passes its input on.
BRACKETS: dict[str, Readers] = {"add": {}, "cat": {}, "mul": {}, "tap": {}, "aux": {"weight": read_number}}
SIDES = frozenset({"tap", "aux"})
WORDS = frozenset(LAYERS) | BRACKETS.keys()

# A conv, deconv, depthwise or local right before bn has no bias; weights are drawn for the activation that follows.
WITHOUT_BIAS_BEFORE_BN = frozenset({"conv", "deconv", "depthwise", "local"})
BACKBONES = frozenset({"timm", "torchvision"})  # made whole by their libraries, weights and all
WEIGHTED = WITHOUT_BIAS_BEFORE_BN | {"fc", "embed"} | BACKBONES
ACTIVATIONS = frozenset({"relu", "relu6", "gelu", "silu", "tanh", "sigmoid", "softmax"})
