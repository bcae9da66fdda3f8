"""Torch modules that torch lacks: own padding at either end, channel norm, branches that meet."""

from striate.layers.branches import Add, Cat, Mul
from striate.layers.carried import Aux, Carried, CarryingNet, CarryingRow, Tap, Taps, carries
from striate.layers.cellbias import CellBias, add_cell_bias
from striate.layers.convolutions import make_convolution, make_transposed
from striate.layers.crop import Crop
from striate.layers.embedding import CellEmbedding
from striate.layers.globalpool import GlobalAvgPool, GlobalMaxPool, make_global_pool
from striate.layers.kmaxpool import KMaxPool
from striate.layers.local import LocalConv
from striate.layers.maxout import Maxout
from striate.layers.norm import BatchNormNd, ChannelNorm, make_batch_norm
from striate.layers.padded import PaddedConv1d, PaddedConv2d, PaddedConv3d
from striate.layers.padded_nd import PaddedConvNd
from striate.layers.pools import (
    PaddedAvgPool1d,
    PaddedAvgPool2d,
    PaddedAvgPool3d,
    PaddedMaxPool1d,
    PaddedMaxPool2d,
    PaddedMaxPool3d,
    make_pool,
)
from striate.layers.response import ResponseNorm
from striate.layers.scale import ChannelScale, FixedScale
from striate.layers.separable import Separable
from striate.layers.shuffles import PixelShuffleNd, make_pixel_shuffle
from striate.layers.table import TableConv
from striate.layers.transposed import CroppedConvTranspose1d, CroppedConvTranspose2d, CroppedConvTranspose3d
from striate.layers.transposed_nd import CroppedConvTransposeNd
from striate.layers.unpool import RememberingMaxPool, Unpool
from striate.layers.upsampling import make_upsample

__all__ = [
    "Add",
    "Aux",
    "BatchNormNd",
    "Carried",
    "CarryingNet",
    "CarryingRow",
    "Cat",
    "CellBias",
    "CellEmbedding",
    "ChannelNorm",
    "ChannelScale",
    "Crop",
    "CroppedConvTranspose1d",
    "CroppedConvTranspose2d",
    "CroppedConvTranspose3d",
    "CroppedConvTransposeNd",
    "FixedScale",
    "GlobalAvgPool",
    "GlobalMaxPool",
    "KMaxPool",
    "LocalConv",
    "Maxout",
    "Mul",
    "PaddedAvgPool1d",
    "PaddedAvgPool2d",
    "PaddedAvgPool3d",
    "PaddedConv1d",
    "PaddedConv2d",
    "PaddedConv3d",
    "PaddedConvNd",
    "PaddedMaxPool1d",
    "PaddedMaxPool2d",
    "PaddedMaxPool3d",
    "PixelShuffleNd",
    "RememberingMaxPool",
    "ResponseNorm",
    "Separable",
    "TableConv",
    "Tap",
    "Taps",
    "Unpool",
    "add_cell_bias",
    "carries",
    "make_batch_norm",
    "make_convolution",
    "make_global_pool",
    "make_pixel_shuffle",
    "make_pool",
    "make_transposed",
    "make_upsample",
]
