from __future__ import annotations

import pytest
import torch

from striate.errors import NotationError
from striate.measure import measure
from striate.nets import parse, place
from striate.nets.build import make_module
from striate.nets.words.side import TAPS, UNPOOL
from striate.nets.words.word import Plain

WAVENET = """
def layer(d) = add[mul[conv2-4 pad=causal dilation=d, tanh | conv2-4 pad=causal dilation=d, sigmoid], tap[conv1-6] | ]
conv2-4 pad=causal, layer(1), layer(2), layer(4), taps, relu, conv1-3
"""


def test_they_give_what_reaches_them_beside() -> None:
    for word in (TAPS, UNPOOL):
        assert word.shape(Plain("taps", beside=(4, 7)), (2, 3)) == (4, 7)
        assert word.parameters(Plain("taps", beside=(4, 7)), (2, 3)) == 0


def test_a_small_wavenet_sees_what_it_should() -> None:
    """Kernels of 2 at dilations 1, 1, 2, 4: 1 + 1 + 1 + 2 + 4 cells, none of them later."""
    module = make_module(parse(WAVENET), (1, 24))
    x = torch.randn(1, 1, 24, requires_grad=True)
    module(x)[0, :, 15].sum().backward()
    assert x.grad is not None
    assert x.grad.flatten().nonzero().flatten().tolist() == list(range(15 - 8, 16))
    table = measure(module, input=(1, 24))
    assert (table.rows[-1].field.size, table.rows[-1].field.offset) == ((9,), (-8,))  # type: ignore[union-attr]


def test_segnet_in_small() -> None:
    text = "conv3-4, relu, maxpool2, conv3-6, relu, maxpool3/2 pad=1, conv3-6, unpool, conv3-4, unpool, conv3-2"
    module = make_module(parse(text), (3, 11, 13))
    x = torch.randn(2, 3, 11, 13)
    assert module(x).shape == (2, 2, 11, 13)
    # The field of an unpooled cell: its own pool window, or the few that overlap there, not the whole image.
    table = measure(module, input=(3, 32, 32))
    found = table.find_row("unpool2").field
    assert found is not None
    assert max(found.size) < 32


@pytest.mark.parametrize("text", ["taps3", "unpool2", "taps-4", "unpool/2", "relu, taps p=1"])
def test_parts_they_do_not_take(text: str) -> None:
    with pytest.raises(NotationError, match="needed no"):
        place(parse(text), (3, 8, 8))


def test_weight_of_a_side_head() -> None:
    text = "aux[gap, flatten, fc-2] weight={}, relu, aux[gap, flatten, fc-2], gap, flatten, fc-2"
    module = make_module(parse(text.format("0.25")), (3, 8))
    assert module.side_weights == (0.25, 0.3)
    with pytest.raises(NotationError, match="found `weight=no` on `aux`, needed a number from 0"):
        make_module(parse(text.format("no")), (3, 8))
    with pytest.raises(NotationError, match="needed `weight=`"):
        parse(text.format("1 wait=2"))


def test_weights_may_be_arguments() -> None:
    text = "def head(w) = aux[gap, flatten, fc-2] weight=w\nhead(0.5), relu, head(2), gap, flatten, fc-2"
    assert make_module(parse(text), (3, 8)).side_weights == (0.5, 2.0)
