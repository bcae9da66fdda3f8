"""The catalogue of the notation's words. A new word is a file in `words/`, its test, and a line here."""

from __future__ import annotations

from striate.nets.words.activation import ACTIVATION
from striate.nets.words.convolution import CONV, DECONV, DEPTHWISE
from striate.nets.words.linear import FC
from striate.nets.words.normalisation import BN, GN, LN
from striate.nets.words.pooling import AVGPOOL, GLOBAL, MAXPOOL
from striate.nets.words.shaping import DROPOUT, FLATTEN, UPSAMPLE
from striate.nets.words.word import Word

LAYERS: dict[str, Word] = {
    "conv": CONV,
    "depthwise": DEPTHWISE,
    "deconv": DECONV,
    "fc": FC,
    "maxpool": MAXPOOL,
    "avgpool": AVGPOOL,
    "gap": GLOBAL,
    "gmp": GLOBAL,
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
    "dropout": DROPOUT,
    "flatten": FLATTEN,
    "upsample": UPSAMPLE,
}
BRACKETS = frozenset({"add", "cat", "mul", "tap", "aux"})
# The notation reads these, but no module is made of them yet; `build` says so in one line.
UNBUILT = frozenset(
    {"local", "embed", "kmaxpool", "unpool", "maxout", "lrn", "pixelshuffle", "channelshuffle", "crop", "scale"}
    | {"tap", "taps", "aux"}
)
WORDS = frozenset(LAYERS) | BRACKETS | UNBUILT

# A conv, deconv, depthwise or local right before bn has no bias; weights are drawn for the activation that follows.
WITHOUT_BIAS_BEFORE_BN = frozenset({"conv", "deconv", "depthwise", "local"})
WEIGHTED = WITHOUT_BIAS_BEFORE_BN | {"fc", "embed"}
ACTIVATIONS = frozenset({"relu", "relu6", "gelu", "silu", "tanh", "sigmoid", "softmax"})
