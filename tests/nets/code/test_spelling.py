"""Expressions that make modules, against the modules: the same kind of state, the same answer."""

from __future__ import annotations

import ast
import inspect
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from striate.layers import (
    CellEmbedding,
    ChannelNorm,
    ChannelScale,
    Crop,
    FixedScale,
    KMaxPool,
    Maxout,
    ResponseNorm,
)
from striate.layers.convolutions import MODES, make_convolution, make_transposed
from striate.layers.upsampling import make_upsample
from striate.nets.code.parts import PARTS
from striate.nets.code.spelling import Spelled, spell


def make(spelled: Spelled) -> nn.Module:
    space: dict[str, Any] = {"torch": torch, "nn": nn, "F": F}
    for part in spelled.parts:
        exec(PARTS[part], space)
    module = eval(spelled.text, space)
    assert isinstance(module, nn.Module)
    return module


def draw(*shape: int) -> Tensor:
    return torch.randn(2, *shape, generator=torch.Generator().manual_seed(1))


def check(module: nn.Module, shape: tuple[int, ...], inputs: Tensor | None = None) -> str:
    """The text, once what it makes was found to compute the same, in eval and in training."""
    spelled = spell(module)
    assert spelled is not None
    made = make(spelled)
    own, others = module.state_dict(), made.state_dict()
    assert [tensor.shape for tensor in others.values()] == [tensor.shape for tensor in own.values()]
    for tensor in own.values():
        if tensor.is_floating_point():
            nn.init.uniform_(tensor, 0.5, 1.5)
    made.load_state_dict(dict(zip(others, own.values(), strict=True)))
    x = draw(*shape) if inputs is None else inputs
    with torch.no_grad():
        for training in (False, True):
            torch.testing.assert_close(made.train(training)(x), module.train(training)(x))
    for mine, other in zip(module.state_dict().values(), made.state_dict().values(), strict=True):
        torch.testing.assert_close(mine, other)  # running figures went the same way
    return spelled.text


EXTENTS = {1: (9,), 2: (8, 9), 3: (6, 7, 8)}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("alike", [True, False])
def test_convolutions_however_they_are_padded(axes: int, mode: str, alike: bool) -> None:
    pads = [(1, 1), (0, 0), (2, 2)] if alike else [(1, 2), (0, 1), (2, 0)]
    options: dict[str, Any] = {"stride": (1, 2, 1)[:axes], "dilation": (2, 1, 1)[:axes], "padding_mode": mode}
    module = make_convolution(axes, 4, 6, (3, 2, 1)[:axes], pads=pads[:axes], groups=2, bias=False, **options)
    text = check(module, (4, *EXTENTS[axes]))
    assert text.startswith(f"nn.Conv{axes}d(" if alike else "nn.Sequential(nn.")


def test_a_fill_that_is_not_0_stands_in_the_padding() -> None:
    text = check(make_convolution(2, 3, 4, 3, pads=[(1, 1), (1, 1)], fill=-1.5), (3, 5, 6))
    assert "-1.5" in text


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("crops", [(1, 1), (1, 0), (0, 1), (0, 0), (0, 2)])
def test_transposed_convolutions_however_they_are_cropped(axes: int, crops: tuple[int, int]) -> None:
    module = make_transposed(axes, 4, 6, 4, 2, [crops] * axes, groups=2)
    check(module, (4, *(4,) * axes))


def test_cells_that_are_added_before_the_bias_have_no_words() -> None:
    module = make_transposed(1, 2, 3, 3, 1, [(-2, 1)])
    assert module(draw(2, 5)).shape == (2, 3, 8)
    assert spell(module) is None


OTHERS: dict[str, tuple[nn.Module, tuple[int, ...]]] = {
    "maxpool": (nn.MaxPool2d((3, 2), (2, 1), (1, 0), (1, 2), ceil_mode=True), (2, 8, 9)),
    "maxpool, plain": (nn.MaxPool1d(3), (2, 8)),
    "avgpool": (nn.AvgPool2d((3, 2), 2, 1, ceil_mode=True, count_include_pad=False), (2, 8, 9)),
    "avgpool, plain": (nn.AvgPool3d(2), (2, 4, 5, 6)),
    "gap": (nn.AdaptiveAvgPool2d(1), (2, 5, 6)),
    "gmp": (nn.AdaptiveMaxPool1d(1), (2, 5)),
    "batch norm": (nn.BatchNorm2d(4, eps=1e-2, momentum=0.3), (4, 5, 6)),
    "batch norm, plain": (nn.BatchNorm1d(4), (4, 5)),
    "group norm": (nn.GroupNorm(2, 4, eps=0.1), (4, 5)),
    "channel norm": (ChannelNorm(4, eps=0.1), (4, 5, 6)),
    "response norm": (ResponseNorm(3, alpha=0.1, beta=0.5, k=2.0), (6, 5)),
    "linear": (nn.Linear(4, 3, bias=False), (4,)),
    "softmax": (nn.Softmax(dim=1), (4, 5)),
    "upsample": (make_upsample(2, (2, 3)), (2, 3, 4)),
    "interpolated": (make_upsample(2, (2, 3), "linear"), (2, 3, 4)),
    "shuffled": (nn.ChannelShuffle(2), (4, 5, 6)),
    "laid out": (nn.PixelShuffle(2), (8, 3, 4)),
    "cropped": (Crop([(1, 2), (0, 1)]), (2, 6, 7)),
    "scale": (ChannelScale(4, initial=0.5, bias=False), (4, 5)),
    "scale, plain": (ChannelScale(4), (4, 5, 6)),
    "by a number": (FixedScale(-0.5), (4, 5)),
    "maxout": (Maxout(2), (4, 5)),
    "kmax": (KMaxPool(3), (4, 7)),
    "gelu": (nn.GELU(), (4,)),
}
BARE = {
    *("maxpool, plain", "avgpool, plain", "gap", "gmp", "batch norm, plain", "shuffled", "laid out", "cropped"),
    *("scale, plain", "by a number", "maxout", "kmax", "gelu", "channel norm"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_every_other_module_that_has_words(name: str) -> None:
    check(*OTHERS[name])


def test_words_of_inputs_that_are_numbers() -> None:
    check(CellEmbedding(5, 3), (), torch.tensor([[[0, 4, 2]], [[1, 1, 3]]]))


def test_a_rate_of_dropout_is_kept() -> None:
    for rate in (0.5, 0.125):
        spelled = spell(nn.Dropout(rate))
        assert spelled is not None
        assert getattr(make(spelled), "p", None) == rate


@pytest.mark.parametrize("name", OTHERS)
def test_what_holds_anyway_is_left_out(name: str) -> None:
    spelled = spell(OTHERS[name][0])
    assert spelled is not None
    call = ast.parse(spelled.text, mode="eval").body
    assert isinstance(call, ast.Call)
    defaults = inspect.signature(type(make(spelled))).parameters
    for keyword in call.keywords:
        assert keyword.arg is not None
        assert ast.literal_eval(keyword.value) != defaults[keyword.arg].default
    assert bool(call.keywords) == (name not in BARE)


def test_what_torch_has_no_words_for_is_left_to_its_text() -> None:
    class Own(nn.ReLU):
        pass

    for module in (Own(), nn.LSTM(2, 3), make_convolution(4, 1, 2, 2)):
        assert spell(module) is None
