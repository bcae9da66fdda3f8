"""A causal network made to go on where it stopped: each convolution keeps what it still needs of its past inputs.

The next sample then costs one cell of each layer, not a window of them. What goes in may be one moment or many; the
answers are those of the whole network on all that went in so far.

Source: Le Paine et al. 2016, "Fast Wavenet generation algorithm", arXiv:1611.09482, sec. 2.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from striate.layers import (
    Add,
    Aux,
    CarryingNet,
    CarryingRow,
    Cat,
    CellEmbedding,
    ChannelNorm,
    ChannelScale,
    FixedScale,
    Mul,
    PaddedConv1d,
    Tap,
    Taps,
)

_ROWS = (nn.Sequential, CarryingNet, CarryingRow, Add, Cat, Mul, Tap, Taps, Aux)
_POINTWISE = (
    nn.ReLU,
    nn.ReLU6,
    nn.GELU,
    nn.SiLU,
    nn.Tanh,
    nn.Sigmoid,
    nn.Identity,
    nn.Dropout,
    nn.BatchNorm1d,
    CellEmbedding,
    ChannelNorm,
    ChannelScale,
    FixedScale,
)


class QueuedConv(nn.Module):
    """A causal convolution that remembers its last inputs; before the first of them were zeros.

    Shape:   [N, channels, any moments] -> [N, out_channels, as many].
    """

    def __init__(self, conv: nn.Conv1d) -> None:
        """Take over the weights of `conv`."""
        super().__init__()
        self.weight, self.bias, self.groups = conv.weight, conv.bias, conv.groups
        self.size, self.step = conv.kernel_size[0], conv.dilation[0]
        self.reach = (self.size - 1) * self.step
        self.matrix = _spread_groups(conv.weight.detach(), conv.groups).permute(0, 2, 1).flatten(1).contiguous()
        self.past: Tensor | None = None  # [reach, N, channels], the input of moment m at m modulo reach
        self.moment = 0

    def forget(self) -> None:
        """Begin a new sequence."""
        self.past, self.moment = None, 0

    def forward(self, input: Tensor) -> Tensor:
        if not self.reach:
            return F.conv1d(input, self.weight, self.bias, 1, 0, 1, self.groups)
        if self.past is None:
            self.past = input.new_zeros(self.reach, *input.shape[:2])
        return self._take_one(input) if input.shape[-1] == 1 else self._take_many(input)

    def _take_one(self, input: Tensor) -> Tensor:
        """One moment: the taps are picked out of the queue, and the oldest gives way."""
        assert self.past is not None
        now = input[:, :, 0]
        back = range(self.reach, 0, -self.step)
        seen = torch.cat([*(self.past[(self.moment - each) % self.reach] for each in back), now], 1)
        self.past[self.moment % self.reach] = now
        self.moment += 1
        return F.linear(seen, self.matrix, self.bias)[:, :, None]

    def _take_many(self, input: Tensor) -> Tensor:
        """Many moments at once, as the convolution does it, behind those that are remembered."""
        assert self.past is not None
        order = (torch.arange(self.reach, device=input.device) + self.moment) % self.reach
        joined = torch.cat([self.past[order].permute(1, 2, 0), input], 2)
        self.moment += input.shape[-1]
        order = (torch.arange(self.reach, device=input.device) + self.moment) % self.reach
        self.past[order] = joined[:, :, -self.reach :].permute(2, 0, 1)
        return F.conv1d(joined, self.weight, self.bias, 1, 0, self.step, self.groups)


def is_streaming(module: nn.Module) -> bool:
    """Whether a network has causal convolutions, and layers that look at one moment alone, and no others.

    >>> is_streaming(nn.Sequential(nn.Conv1d(1, 4, 1), nn.ReLU())), is_streaming(nn.Conv1d(1, 4, 3, padding=1))
    (True, False)
    """
    if isinstance(module, nn.Conv1d):
        return _is_causal(module)
    if isinstance(module, _ROWS):
        return all(is_streaming(child) for child in module.children())
    return isinstance(module, _POINTWISE)


def make_streaming(module: nn.Module) -> nn.Module:
    """A copy of a network, in eval mode, that goes on where it stopped; the network is left as it was.

    Raises:  ValueError for one that `is_streaming` doesn't tell so.

    >>> network = make_streaming(PaddedConv1d(1, 1, 2, pads=((1, 0),), bias=False))
    >>> with torch.no_grad():
    ...     whole = torch.cat([network(torch.ones(1, 1, 1)) for _ in range(3)], 2)
    >>> whole.shape
    torch.Size([1, 1, 3])
    """
    if not is_streaming(module):
        raise ValueError("the network has layers that look at other moments than a causal convolution does")
    return _replace(deepcopy(module).eval())


def _replace(module: nn.Module) -> nn.Module:
    if isinstance(module, nn.Conv1d):
        return QueuedConv(module)
    for name, child in module.named_children():
        setattr(module, name, _replace(child))
    return module


def _is_causal(conv: nn.Conv1d) -> bool:
    reach = (conv.kernel_size[0] - 1) * conv.dilation[0]
    pads: Any = conv.pads[0] if isinstance(conv, PaddedConv1d) else (conv.padding[0], conv.padding[0])
    plain = conv.padding_mode == "zeros" and not getattr(conv, "fill", 0.0)
    return conv.stride == (1,) and tuple(pads) == (reach, 0) and (plain or not reach)


def _spread_groups(weight: Tensor, groups: int) -> Tensor:
    """The weight of a convolution in groups as one over all channels, with zeros between the groups."""
    if groups == 1:
        return weight
    out, inside, size = weight.shape
    whole = weight.new_zeros(out, inside * groups, size)
    for group in range(groups):
        rows = slice(group * out // groups, (group + 1) * out // groups)
        whole[rows, group * inside : (group + 1) * inside] = weight[rows]
    return whole
