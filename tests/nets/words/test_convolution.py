from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.layers.loops import convolve_slowly
from torch import nn

from striate.errors import NetShapeError
from striate.nets import parse, place
from striate.nets.build import make_module

Pair = tuple[int, int]


def build(text: str, *shape: int) -> nn.Module:
    """The one layer of this text, in doubles."""
    return make_module(parse(text), shape)[0].double()


def pad_slowly(word: str | int | Pair, size: int, dilation: int = 1) -> Pair:
    """What each padding word means, told by where the taps of one kernel lie."""
    taps = [tap * dilation for tap in range(size)]
    if isinstance(word, int):
        return word, word
    if isinstance(word, tuple):
        return word
    if word == "same":
        middle = taps[-1] // 2
        return middle, taps[-1] - middle
    return {"valid": (0, 0), "full": (taps[-1], taps[-1]), "causal": (taps[-1], 0)}[word]


WORDS: list[str | int | Pair] = ["same", "valid", "full", "causal", 0, 1, 3, (2, 1), (0, 3)]


def write(pad: str | int | Pair) -> str:
    return f"{pad[0]}:{pad[1]}" if isinstance(pad, tuple) else str(pad)


@pytest.mark.parametrize("pad", WORDS)
@pytest.mark.parametrize(("size", "dilation", "stride"), [(1, 1, 1), (2, 1, 1), (3, 2, 2), (4, 1, 3), (4, 2, 1)])
def test_padding_words_as_padding_by_hand(pad: str | int | Pair, size: int, dilation: int, stride: int) -> None:
    layer = build(f"conv{size}-3/{stride} pad={write(pad)} dilation={dilation}", 2, 11)
    x = torch.randn(2, 2, 11, dtype=torch.float64)
    weight, bias = (values.detach() for values in layer.parameters())
    expected = F.conv1d(F.pad(x, pad_slowly(pad, size, dilation)), weight, bias, stride, 0, dilation)
    torch.testing.assert_close(layer(x), expected)


@pytest.mark.parametrize("pads", [*itertools.permutations(["causal", (2, 1), 1], 2)])
def test_padding_per_axis(pads: tuple[str | int | Pair, ...]) -> None:
    layer = build(f"conv2x3-3 pad={'x'.join(map(write, pads))}", 2, 5, 6)
    x = torch.randn(2, 2, 5, 6, dtype=torch.float64)
    height, width = pad_slowly(pads[0], 2), pad_slowly(pads[1], 3)
    weight, bias = (values.detach() for values in layer.parameters())
    torch.testing.assert_close(layer(x), F.conv2d(F.pad(x, (*width, *height)), weight, bias))


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
@pytest.mark.parametrize("size", [3, 4])
def test_modes_of_padding(mode: str, size: int) -> None:
    layer = build(f"conv{size}-3 mode={mode}", 2, 7, 5)
    x = torch.randn(2, 2, 7, 5, dtype=torch.float64)
    weight, bias = (values.detach() for values in layer.parameters())
    padded = F.pad(x, pad_slowly("same", size) * 2, mode=mode)
    torch.testing.assert_close(layer(x), F.conv2d(padded, weight, bias))


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
@pytest.mark.parametrize("extent", range(1, 7))
def test_a_mode_is_refused_just_where_torch_refuses_it(mode: str, extent: int) -> None:
    try:
        F.pad(torch.zeros(1, 1, extent), (3, 3), mode=mode)
        fits = True
    except RuntimeError:
        fits = False
    if fits:
        assert place(parse(f"conv7-1 mode={mode}"), (1, extent))
    else:
        with pytest.raises(NetShapeError, match=f"mode={mode}"):
            place(parse(f"conv7-1 mode={mode}"), (1, extent))


@pytest.mark.parametrize(("size", "stride", "dilation"), [*itertools.product(range(1, 6), range(1, 6), (1, 2))])
def test_same_keeps_the_extent_over_the_stride(size: int, stride: int, dilation: int) -> None:
    for extent in range(1, 12):
        (found,) = place(parse(f"conv{size}-1/{stride} dilation={dilation}"), (1, extent))
        assert found.output == (1, len(range(0, extent, stride)))


@pytest.mark.parametrize(("size", "stride", "dilation"), [*itertools.product(range(1, 6), range(1, 6), (1, 2))])
def test_deconv_multiplies_the_extent(size: int, stride: int, dilation: int) -> None:
    for extent in (1, 2, 5):
        for pad in ("same", "causal"):
            layer = build(f"deconv{size}-2/{stride} dilation={dilation} pad={pad}", 3, extent)
            assert layer(torch.zeros(1, 3, extent, dtype=torch.float64)).shape == (1, 2, extent * stride)


@pytest.mark.parametrize(("size", "stride"), [*itertools.product(range(1, 6), range(1, 4))])
def test_deconv_is_the_transposed_matrix_where_nothing_is_cut(size: int, stride: int) -> None:
    layer = build(f"deconv{size}-1/{stride} pad=valid bias=no", 1, 4)
    weight = next(layer.parameters()).detach().flatten()
    x = torch.randn(4, dtype=torch.float64)
    expected = torch.zeros((4 - 1) * stride + size, dtype=torch.float64)
    for cell, tap in itertools.product(range(4), range(size)):
        expected[cell * stride + tap] += x[cell] * weight[tap]
    torch.testing.assert_close(layer(x.reshape(1, 1, 4)).flatten(), expected)


@pytest.mark.parametrize(
    ("text", "stride"),
    [
        ("conv4-2 pad=causal", 1),
        ("conv3-2 pad=causal dilation=3", 1),
        ("depthwise5 pad=causal", 1),
        ("deconv5-2/2 pad=causal", 2),
    ],
)
def test_causal_layers_see_no_later_input(text: str, stride: int) -> None:
    layer: Callable[[Any], Any] = build(text, 2, 9)
    x = torch.randn(1, 2, 9, dtype=torch.float64)
    jacobian = torch.autograd.functional.jacobian(layer, x)  # type: ignore[no-untyped-call]
    assert isinstance(jacobian, torch.Tensor)
    seen = jacobian[0].abs().sum((0, 2, 3)) > 0  # output cell x input cell
    for output, cell in itertools.product(range(seen.shape[0]), range(9)):
        assert not (seen[output, cell] and cell > output // stride)
    assert all(seen[stride * cell, cell] for cell in range(9))


def test_depthwise_keeps_channels_apart() -> None:
    layer = build("depthwise3-6", 3, 5)
    x = torch.zeros(1, 3, 5, dtype=torch.float64)
    x[0, 1] = 1
    still = layer(torch.zeros_like(x))
    touched = [channel for channel in range(6) if not torch.equal(layer(x)[0, channel], still[0, channel])]
    assert touched == [2, 3]


@pytest.mark.parametrize(
    "text",
    [
        "conv3x2-8",
        "conv3x2-8 groups=4",
        "conv3x2-8 bias=no",
        "depthwise3x2",
        "depthwise3x2-8",
        "deconv3x2-8",
        "deconv3x2-8 groups=2",
    ],
)
def test_parameters_as_torch_has_them(text: str) -> None:
    (found,) = place(parse(text), (4, 8, 8))
    assert found.parameters == sum(values.numel() for values in build(text, 4, 8, 8).parameters())


@pytest.mark.parametrize("text", ["conv2-8 groups=2", "conv2-6 bias=no", "depthwise2-8", "deconv2-8 groups=4"])
def test_parameters_over_five_axes(text: str) -> None:
    shape = (4, 2, 3, 2, 2, 3)
    (found,) = place(parse(text), shape)
    layer = build(text, *shape)
    assert found.parameters == sum(values.numel() for values in layer.parameters())
    assert layer(torch.zeros(1, *shape, dtype=torch.float64)).shape == (1, *found.output)


numbers = st.lists(st.tuples(*(st.integers(1, high) for high in (3, 3, 2, 2))), min_size=1, max_size=4)


@settings(deadline=None, max_examples=60)
@given(numbers, st.sampled_from(["conv", "depthwise", "deconv"]), st.booleans())
def test_causal_layers_see_no_later_input_over_any_axes(axes: list[tuple[int, ...]], word: str, bias: bool) -> None:
    """The gradient of each output cell, to all inputs: none lies later along any axis."""
    extents, sizes, strides, dilations = map(list, zip(*axes, strict=True))
    written = ["x".join(map(str, values)) for values in (sizes, strides, dilations)]
    assume(len(axes) < 4 or max(sizes) < 3)
    text = f"{word}{written[0]}-2/{written[1]} dilation={written[2]} pad=causal bias={'yes' if bias else 'no'}"
    layer: Callable[[Any], Any] = build(text, 2, *extents)
    x = torch.randn(1, 2, *extents, dtype=torch.float64)
    jacobian: Any = torch.autograd.functional.jacobian(layer, x, vectorize=True)  # type: ignore[no-untyped-call]
    seen = jacobian[0].abs().sum((0, 1 + len(axes), 2 + len(axes))) > 0  # output cell x input cell
    for place_out in itertools.product(*map(range, seen.shape[: len(axes)])):
        latest = [
            cell // stride if word == "deconv" else cell * stride
            for cell, stride in zip(place_out, strides, strict=True)
        ]
        for place_in in itertools.product(*map(range, extents)):
            later = any(cell > last for cell, last in zip(place_in, latest, strict=True))
            assert not (later and seen[place_out + place_in])
        present = [cell % stride == 0 for cell, stride in zip(place_out, strides, strict=True)]
        if all(present) or word != "deconv":
            assert seen[place_out + tuple(latest)]


FILLINGS = ["zeros", "reflect", "replicate", "circular"]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(1, 2), st.sampled_from(WORDS)), min_size=1, max_size=4),
    st.sampled_from(FILLINGS),
)
def test_every_padding_and_mode_over_any_axes(axes: list[tuple[int, int, Any]], mode: str) -> None:
    """numpy pads, loops sum: `same`, `valid`, `full`, `causal` and numbers, in each mode."""
    assume(len(axes) < 4 or sum(size > 2 for size, *_ in axes) < 2)
    pads = [pad_slowly(word, size, dilation) for size, dilation, word in axes]
    extents = [max(2, 1 + max(pad)) for pad in pads]
    spans = [1 + (size - 1) * dilation for size, dilation, _ in axes]
    assume(all(extent + sum(pad) >= span for extent, pad, span in zip(extents, pads, spans, strict=True)))
    assume(math.prod(extent + sum(pad) for extent, pad in zip(extents, pads, strict=True)) < 3000)
    sizes, dilations, words = (
        "x".join(map(str, values)) for values in (*list(zip(*axes, strict=True))[:2], [write(w) for *_, w in axes])
    )
    layer = build(f"conv{sizes}-1 dilation={dilations} pad={words} mode={mode}", 1, *extents)
    x = torch.randn(1, 1, *extents, dtype=torch.float64)
    named = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}[mode]
    padded = torch.from_numpy(np.pad(x.numpy(), [(0, 0), (0, 0), *pads], mode=named))  # type: ignore[call-overload]
    torch.testing.assert_close(layer(x), convolve_slowly(layer, padded, [(0, 0)] * len(axes)))


@pytest.mark.parametrize("axes", [1, 2, 4])
@pytest.mark.parametrize("word", ["conv3-2", "depthwise3-2"])
def test_a_fill_is_what_the_padding_holds(axes: int, word: str) -> None:
    extents = [2, 3, 2, 2][:axes]
    layer = build(f"{word} fill=-1", 2, *extents)
    x = torch.randn(1, 2, *extents, dtype=torch.float64)
    framed = torch.from_numpy(np.pad(x.numpy(), [(0, 0), (0, 0), *[(1, 1)] * axes], constant_values=-1))
    torch.testing.assert_close(layer(x), convolve_slowly(layer, framed, [(0, 0)] * axes))


def test_a_fill_is_an_ordinary_layer_where_nothing_is_filled() -> None:
    assert type(build("conv3-2 fill=0", 2, 5)) is nn.Conv1d
    assert type(build("conv3-2 fill=-1 pad=valid", 2, 5)) is nn.Conv1d
    with pytest.raises(NetShapeError, match=r"found fill= beside mode=reflect.*Leave out one"):
        place(parse("conv3-2 fill=-1 mode=reflect"), (2, 5))
