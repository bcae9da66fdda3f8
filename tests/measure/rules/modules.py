"""Torch's own modules, as networks have them: how to make each, and the shape of an input, without the batch."""

from collections.abc import Callable
from functools import partial
from typing import Any

from torch import Tensor, nn

LINE, PLANE, BOX, WORDS = (4, 8), (4, 8, 8), (4, 4, 4, 4), (5, 8)
Shape = tuple[int, ...]
Case = tuple[Callable[[], nn.Module], Shape]


class Twice(nn.Module):
    """A module that takes its input several times."""

    def __init__(self, module: nn.Module, times: int = 2, **options: Any) -> None:
        super().__init__()
        self.module, self.times, self.options = module, times, options

    def forward(self, input: Tensor) -> Tensor:
        result = self.module(*[input] * self.times, **self.options)
        return result[0] if isinstance(result, tuple) else result  # type: ignore[no-any-return]


class Indexed(nn.Module):
    """A module whose input is whole numbers."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, input: Tensor) -> Tensor:
        return self.module(input[:, :, 0].long())  # type: ignore[no-any-return]


def list_spatial(axes: int, shape: Shape) -> dict[str, Case]:
    """Every layer that torch has for so many axes."""

    def find(name: str) -> type[nn.Module]:
        return getattr(nn, name.replace("Nd", f"{axes}d"))  # type: ignore[no-any-return]

    options: dict[str, list[tuple[tuple[Any, ...], dict[str, Any]]]] = {
        "ConvNd": [
            ((4, 6, 3), {"stride": 2}),
            ((4, 8, 2), {"padding": "same", "groups": 2}),
            *(((4, 4, 3), {"padding": 1, "padding_mode": mode}) for mode in ("reflect", "replicate", "circular")),
        ],
        "ConvTransposeNd": [((4, 6, 3), {"stride": 2})],
        "MaxPoolNd": [((2,), {})],
        "AvgPoolNd": [((2,), {})],
        "LPPoolNd": [((2, 2), {})],
        "AdaptiveAvgPoolNd": [((1,), {}), ((3,), {})],
        "AdaptiveMaxPoolNd": [((2,), {})],
        "BatchNormNd": [((4,), {})],
        "InstanceNormNd": [((4,), {}), ((4,), {"affine": True, "track_running_stats": True})],
        "ReflectionPadNd": [((1,), {})],
        "ReplicationPadNd": [((1,), {})],
        "ZeroPadNd": [((1,), {})],
        "ConstantPadNd": [((1, 2.0), {})],
        "CircularPadNd": [((1,), {})],
        "DropoutNd": [((), {})],
    }
    cases: dict[str, Case] = {}
    for name, choices in options.items():
        for place, (given, named) in enumerate(choices):
            cases[f"{name.replace('Nd', f'{axes}d')} {place}"] = (partial(find(name), *given, **named), shape)
    return cases


SPATIAL = list_spatial(1, LINE) | list_spatial(2, PLANE) | list_spatial(3, BOX)

MODULES: dict[str, Case] = {
    "FractionalMaxPool2d": (lambda: nn.FractionalMaxPool2d(2, output_size=3), PLANE),
    "FractionalMaxPool3d": (lambda: nn.FractionalMaxPool3d(2, output_size=2), BOX),
    "Softmax2d": (nn.Softmax2d, PLANE),
    "PixelShuffle": (lambda: nn.PixelShuffle(2), PLANE),
    "PixelUnshuffle": (lambda: nn.PixelUnshuffle(2), PLANE),
    "ChannelShuffle": (lambda: nn.ChannelShuffle(2), PLANE),
    "LocalResponseNorm": (lambda: nn.LocalResponseNorm(3), PLANE),
    "CrossMapLRN2d": (lambda: nn.CrossMapLRN2d(3), PLANE),
    "GroupNorm": (lambda: nn.GroupNorm(2, 4), PLANE),
    "LayerNorm": (lambda: nn.LayerNorm((8, 8)), PLANE),
    "RMSNorm": (lambda: nn.RMSNorm(8), PLANE),
    "Flatten": (nn.Flatten, PLANE),
    "Unflatten": (lambda: nn.Unflatten(1, (2, 2)), PLANE),
    "Unfold": (lambda: nn.Unfold(3), PLANE),
    "Fold": (lambda: nn.Fold((8, 8), 3), (36, 36)),
    "Linear": (lambda: nn.Linear(8, 3), PLANE),
    "Bilinear": (lambda: Twice(nn.Bilinear(8, 8, 3)), WORDS),
    "Dropout": (nn.Dropout, PLANE),
    "Dropout inplace": (lambda: nn.Dropout(inplace=True), PLANE),
    "AlphaDropout": (nn.AlphaDropout, PLANE),
    "FeatureAlphaDropout": (nn.FeatureAlphaDropout, PLANE),
    "Upsample 1d": (lambda: nn.Upsample(scale_factor=2), LINE),
    "Upsample 1d linear": (lambda: nn.Upsample(scale_factor=2, mode="linear"), LINE),
    "Upsample": (lambda: nn.Upsample(scale_factor=2), PLANE),
    "Upsample bilinear": (lambda: nn.Upsample(scale_factor=2, mode="bilinear"), PLANE),
    "Upsample bicubic": (lambda: nn.Upsample(scale_factor=2, mode="bicubic"), PLANE),
    "Upsample 3d": (lambda: nn.Upsample(scale_factor=2), BOX),
    "Upsample trilinear": (lambda: nn.Upsample(scale_factor=2, mode="trilinear"), BOX),
    "LSTM": (lambda: Twice(nn.LSTM(8, 6, batch_first=True), 1), WORDS),
    "LSTM with all options": (
        lambda: Twice(nn.LSTM(8, 6, 2, bidirectional=True, dropout=0.1, proj_size=3, batch_first=True), 1),
        WORDS,
    ),
    "GRU": (lambda: Twice(nn.GRU(8, 6, batch_first=True), 1), WORDS),
    "RNN": (lambda: Twice(nn.RNN(8, 6, batch_first=True), 1), WORDS),
    "LSTMCell": (lambda: Twice(nn.LSTMCell(8, 6), 1), (8,)),
    "GRUCell": (lambda: nn.GRUCell(8, 6), (8,)),
    "RNNCell": (lambda: nn.RNNCell(8, 6), (8,)),
    "MultiheadAttention": (lambda: Twice(nn.MultiheadAttention(8, 2, batch_first=True), 3), WORDS),
    "MultiheadAttention alone": (
        lambda: Twice(nn.MultiheadAttention(8, 2, batch_first=True), 3, need_weights=False),
        WORDS,
    ),
    "TransformerEncoderLayer": (lambda: nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), WORDS),
    "TransformerEncoder": (
        lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2),
        WORDS,
    ),
    "TransformerDecoderLayer": (lambda: Twice(nn.TransformerDecoderLayer(8, 2, 16, batch_first=True)), WORDS),
    "Transformer": (lambda: Twice(nn.Transformer(8, 2, 1, 1, 16, batch_first=True)), WORDS),
    "Embedding": (lambda: Indexed(nn.Embedding(5, 3)), WORDS),
    "Embedding with a norm": (lambda: Indexed(nn.Embedding(5, 3, max_norm=1.0)), WORDS),
    "EmbeddingBag": (lambda: Indexed(nn.EmbeddingBag(5, 3)), WORDS),
    "CosineSimilarity": (lambda: Twice(nn.CosineSimilarity()), WORDS),
    "PairwiseDistance": (lambda: Twice(nn.PairwiseDistance()), WORDS),
    "a parametrised weight": (lambda: nn.utils.parametrizations.weight_norm(nn.Conv1d(4, 4, 3)), LINE),
    "a spectral norm": (lambda: nn.utils.parametrizations.spectral_norm(nn.Conv1d(4, 4, 3)), LINE),
}

WORDS_OF_ACTIVATIONS = """ReLU ReLU6 GELU SiLU Mish Hardswish Hardsigmoid Hardtanh ELU SELU CELU LeakyReLU PReLU RReLU
Softplus Softshrink Hardshrink Tanhshrink Softsign Tanh Sigmoid LogSigmoid"""
ACTIVATIONS: dict[str, Case] = {
    **{name: (getattr(nn, name), LINE) for name in WORDS_OF_ACTIVATIONS.split()},
    **{name: (partial(getattr(nn, name), 1), LINE) for name in ("GLU", "Softmin", "Softmax", "LogSoftmax")},
    "Threshold": (lambda: nn.Threshold(0.1, 2.0), LINE),
    "ReLU inplace": (lambda: nn.ReLU(inplace=True), LINE),
}
