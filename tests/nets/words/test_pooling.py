from __future__ import annotations

import itertools
import math

import pytest
import torch
from tests.layers import loops

from striate.errors import NetShapeError
from striate.nets import parse, place
from striate.nets.build import make_module


def pool_slowly(x: torch.Tensor, size: int, stride: int, pad: tuple[int, int], *, largest: bool) -> list[float]:
    """Every window by hand: padding never wins a maximum, and counts as zeros in a mean."""
    fill = -math.inf if largest else 0.0
    cells = [fill] * pad[0] + x.tolist() + [fill] * pad[1]
    windows = [cells[start : start + size] for start in range(0, len(cells) - size + 1, stride)]
    return [max(window) if largest else sum(window) / size for window in windows]


PADS = {"0": (0, 0), "1": (1, 1), "0:1": (0, 1), "2:0": (2, 0), "same": (1, 1), "causal": (2, 0)}


@pytest.mark.parametrize(("pad", "stride", "word"), [*itertools.product(PADS, (1, 2, 3, 4), ("maxpool", "avgpool"))])
def test_pools_window_by_window(pad: str, stride: int, word: str) -> None:
    x = torch.randn(8, dtype=torch.float64) - 3
    module = make_module(parse(f"{word}3/{stride} pad={pad}"), (1, 8))
    expected = pool_slowly(x, 3, stride, PADS[pad], largest=word == "maxpool")
    torch.testing.assert_close(module(x.reshape(1, 1, 8)).flatten().tolist(), expected)


@pytest.mark.parametrize("word", ["maxpool", "avgpool"])
def test_a_pools_stride_is_its_size(word: str) -> None:
    for size in (1, 2, 3):
        alone, spelled = (place(parse(f"{word}{text}"), (2, 7, 8))[0].output for text in (f"{size}", f"{size}/{size}"))
        assert alone == spelled == (2, 7 // size, 8 // size)


@pytest.mark.parametrize(("extent", "size", "stride"), [*itertools.product(range(1, 9), (2, 3), (1, 2, 3))])
def test_ceil_as_torch_rounds(extent: int, size: int, stride: int) -> None:
    plain = torch.nn.MaxPool1d(size, stride, ceil_mode=True)
    text = f"maxpool{size}/{stride} ceil=yes"
    try:
        expected = plain(torch.zeros(1, 1, extent)).shape[-1]
    except RuntimeError:
        expected = 0
    if expected:
        assert place(parse(text), (1, extent))[0].output == (1, expected)
    else:
        with pytest.raises(NetShapeError):
            place(parse(text), (1, extent))


def test_global_pools_keep_extents_of_one() -> None:
    x = torch.randn(2, 3, 4, 5)
    assert torch.equal(make_module(parse("gmp"), (3, 4, 5))(x), x.amax((2, 3), keepdim=True))
    torch.testing.assert_close(make_module(parse("gap"), (3, 4, 5))(x), x.mean((2, 3), keepdim=True))


def test_a_window_of_padding_alone_is_refused() -> None:
    for text in ("maxpool2 pad=2", "avgpool3x2 pad=0x2", "maxpool3 pad=0:3"):
        with pytest.raises(NetShapeError, match="wholly in the padding"):
            place(parse(text), (1, 8, 8))


@pytest.mark.parametrize("axes", [1, 2, 3, 4])
@pytest.mark.parametrize("word", ["maxpool", "avgpool", "avgpool count=no"])
@pytest.mark.parametrize("ceil", ["yes", "no"])
def test_every_option_over_any_axes(axes: int, word: str, ceil: str) -> None:
    extents, pads = [4, 3, 2, 5][:axes], [(0, 1), (1, 0), (1, 1), (2, 0)][:axes]
    name, *options = word.split()
    written = "x".join(f"{before}:{after}" for before, after in pads)
    net = parse(" ".join([f"{name}3/2", *options, f"pad={written}", f"ceil={ceil}"]))
    x = torch.randn(2, 1, *extents, dtype=torch.float64)
    y = make_module(net, (1, *extents))(x)
    assert y.shape[1:] == place(net, (1, *extents))[0].output
    numbers = [(extent, 3, 2, 1, *pad) for extent, pad in zip(extents, pads, strict=True)]
    for sample, pooled in zip(x[:, 0], y[:, 0], strict=True):
        expected = loops.pool_slowly(
            sample, "max" if name == "maxpool" else "average", numbers, ceil == "yes", not options
        )
        torch.testing.assert_close(pooled, expected)


def test_padding_counts_unless_told_otherwise() -> None:
    """A row of ones: beside the border the mean is two thirds of it, or all of it."""
    x = torch.ones(1, 1, 4)
    counted, left_out = (make_module(parse(f"avgpool3/1 pad=1 count={count}"), (1, 4))(x) for count in ("yes", "no"))
    torch.testing.assert_close(counted.flatten(), torch.tensor([2 / 3, 1, 1, 2 / 3]))
    assert torch.equal(left_out, x)
    alone = make_module(parse("avgpool3/1 pad=1"), (1, 4))(x)
    assert torch.equal(alone, counted)


def test_global_pools_of_five_axes() -> None:
    x = torch.randn(2, 3, 2, 1, 3, 2, 2)
    flat = x.flatten(2)
    assert torch.equal(make_module(parse("gmp, flatten"), x.shape[1:])(x), flat.amax(2))
    torch.testing.assert_close(make_module(parse("gap, flatten"), x.shape[1:])(x), flat.mean(2))
