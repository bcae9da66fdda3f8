"""What each word of the notation does, in one line: for completion and help."""

from __future__ import annotations

from striate.nets.forms import write_example
from striate.nets.vocabulary import BRACKETS

SUMMARIES = {
    "conv": "convolution",
    "local": "convolution whose cells have weights of their own",
    "depthwise": "convolution of each channel by itself",
    "deconv": "transposed convolution: n cells become n times the stride",
    "fc": "every output sees every input",
    "embed": "a vector for each whole number",
    "maxpool": "the largest value of each window",
    "avgpool": "the mean of each window",
    "gap": "the mean of every axis",
    "gmp": "the maximum of every axis",
    "kmaxpool": "the k largest cells of the last axis",
    "maxout": "the largest of k channels side by side",
    "relu": "max(0, x)",
    "relu6": "min(max(0, x), 6)",
    "gelu": "x times the normal distribution at x",
    "silu": "x times its sigmoid",
    "tanh": "hyperbolic tangent",
    "sigmoid": "1 / (1 + exp(-x))",
    "softmax": "shares over the channels",
    "bn": "batch normalisation",
    "gn": "group normalisation",
    "ln": "normalisation over the channels of a position",
    "lrn": "local response normalisation",
    "dropout": "values left out at random in training",
    "flatten": "everything in one row",
    "upsample": "each cell several times, or interpolated",
    "pixelshuffle": "channels laid out as blocks of cells",
    "channelshuffle": "channels dealt out over the groups",
    "crop": "cells cut at either end",
    "scale": "a factor and a bias for each channel",
    "timm": "a trained network of timm",
    "torchvision": "a trained network of torchvision",
    "taps": "the sum of the taps so far",
    "unpool": "values back where their maximum came from",
    "add": "the sum of the branches",
    "cat": "the branches' channels behind each other",
    "mul": "the product of the branches",
    "tap": "adds its branch to a sum beside, passes on",
    "aux": "a side head for training",
}
CHOICES = {
    "pad": ("same", "valid", "full", "causal", "0", "1"),
    "mode": ("zeros", "reflect", "replicate", "circular"),
    "bias": ("yes", "no"),
    "ceil": ("yes", "no"),
    "count": ("yes", "no"),
    "weights": ("yes", "no"),
}
"""What an option is often set to, where that isn't any number."""


def write_pattern(word: str) -> str:
    """Write how a word begins in use.

    >>> write_pattern("conv"), write_pattern("add"), write_pattern("tap")
    ('conv3-64', 'add[ | ]', 'tap[ ]')
    """
    if word in BRACKETS:
        return f"{word}[ ]" if word in ("tap", "aux") else f"{word}[ | ]"
    return write_example(word)
