"""Queues against the whole network: moment by moment, in pieces, in batches; and which networks can go on so."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor, nn

from striate.nets import parse
from striate.nets.build import make_module
from striate.train.generating import is_streaming, make_streaming

LENGTH = 40
TEXTS = {
    "dilated": "conv2-6 pad=causal, tanh, conv3-6 pad=causal dilation=4, relu, conv1-classes",
    "first wide": "conv16-6 pad=causal, relu, conv1-classes",
    "residual": "conv1-6, add[conv2-6 pad=causal dilation=8, relu, conv1-6 | ], conv1-classes",
    "gated, with taps": "def half(d) = conv2-6 pad=causal dilation=d\n"
    "def gate(d) = mul[half(d), tanh | half(d), sigmoid]\n"
    "def layer(d) = add[gate(d), tap[conv1-8], conv1-6 | ]\n"
    "conv1-6, layer(1), layer(2), layer(4)\ntaps, relu, conv1-classes",
    "grouped": "conv1-6, conv3-6 pad=causal dilation=2 groups=3, gelu, conv1-classes",
    "normed": "conv2-6 pad=causal, bn, relu, conv2-6 pad=causal dilation=2, ln, "
    "cat[conv1-3 | conv2-3 pad=causal], conv1-classes",
    "dropped": "conv2-6 pad=causal, dropout p=0.5, silu, conv1-classes",
    "symbols": "embed256-6, conv2-6 pad=causal dilation=3, relu, conv1-classes",
    "without bias": "conv4-6 pad=causal bias=no, relu6, conv1-classes",
}


def build(text: str, seed: int = 0) -> nn.Module:
    """A network whose norms have statistics of their own."""
    module = make_module(parse(text), (1, LENGTH), 9, seed=seed).eval()
    for part in module.modules():
        if isinstance(part, nn.BatchNorm1d) and part.running_mean is not None and part.running_var is not None:
            part.running_mean.normal_(generator=torch.Generator().manual_seed(1))
            part.running_var.uniform_(0.5, 2, generator=torch.Generator().manual_seed(2))
    return module


def draw_input(count: int = 3) -> Tensor:
    return torch.randint(0, 256, (count, 1, LENGTH), generator=torch.Generator().manual_seed(0)).float()


def feed(module: nn.Module, input: Tensor, pieces: Sequence[int]) -> Tensor:
    """What a network that goes on gives for an input that comes in pieces."""
    network = make_streaming(module)
    with torch.no_grad():
        return torch.cat([network(piece) for piece in torch.split(input, list(pieces), 2)], 2)


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("pieces", [[1] * LENGTH, [LENGTH], [7] + [1] * 10 + [20, 1, 2], [1, 1, 30] + [1] * 8])
def test_what_comes_in_pieces_is_answered_as_the_whole(name: str, pieces: list[int]) -> None:
    module = build(TEXTS[name])
    signal = draw_input() if name == "symbols" else draw_input() / 128 - 1
    with torch.no_grad():
        whole = module(signal)
    assert is_streaming(module)
    assert float((feed(module, signal, pieces) - whole).abs().max()) <= 1e-5 * max(1.0, float(whole.abs().max()))


def test_the_network_is_left_as_it_was() -> None:
    module = build(TEXTS["normed"]).train()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    feed(module, draw_input(), [1] * LENGTH)
    assert module.training
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())


def test_each_copy_begins_anew() -> None:
    module = build(TEXTS["dilated"])
    assert torch.equal(feed(module, draw_input(), [1] * LENGTH), feed(module, draw_input(), [1] * LENGTH))


@pytest.mark.parametrize(
    "text",
    [
        "conv3-6, conv1-classes",
        "conv2-6 pad=causal, maxpool2, conv1-classes",
        "conv2-6 pad=causal, gap, conv1-classes",
        "conv2-6/2 pad=causal, conv1-classes",
        "conv2-6 pad=causal mode=replicate, conv1-classes",
        "conv2-6 pad=causal, gn groups=2, conv1-classes",
    ],
)
def test_networks_that_look_elsewhere_are_told(text: str) -> None:
    module = build(text)
    assert not is_streaming(module)
    with pytest.raises(ValueError, match="other moments"):
        make_streaming(module)
