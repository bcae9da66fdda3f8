"""Torch modules that torch lacks: own padding at either end, channel norm, branches that meet."""

from striate.layers.branches import Add, Cat, Mul
from striate.layers.norm import ChannelNorm
from striate.layers.padded import PaddedConv1d, PaddedConv2d, PaddedConv3d, make_convolution
from striate.layers.pools import (
    PaddedAvgPool1d,
    PaddedAvgPool2d,
    PaddedAvgPool3d,
    PaddedMaxPool1d,
    PaddedMaxPool2d,
    PaddedMaxPool3d,
    make_pool,
)
from striate.layers.transposed import (
    CroppedConvTranspose1d,
    CroppedConvTranspose2d,
    CroppedConvTranspose3d,
    make_transposed,
)

__all__ = [
    "Add",
    "Cat",
    "ChannelNorm",
    "CroppedConvTranspose1d",
    "CroppedConvTranspose2d",
    "CroppedConvTranspose3d",
    "Mul",
    "PaddedAvgPool1d",
    "PaddedAvgPool2d",
    "PaddedAvgPool3d",
    "PaddedConv1d",
    "PaddedConv2d",
    "PaddedConv3d",
    "PaddedMaxPool1d",
    "PaddedMaxPool2d",
    "PaddedMaxPool3d",
    "make_convolution",
    "make_pool",
    "make_transposed",
]
