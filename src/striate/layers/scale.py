"""Scaling: each channel by a coefficient and a bias that are learned, or everything by one fixed number."""

from __future__ import annotations

import torch
from torch import Tensor, fx, nn

from striate.arithmetic import require_positive
from striate.errors import ShapeError


class ChannelScale(nn.Module):
    """y_c = weight_c * x_c + bias_c; the weights begin as `initial`, the biases as 0.

    After an average pool it is LeNet-5's subsampling; with `initial=1e-6, bias=False` it is LayerScale.

    Shape:   [N, C, *extents] -> the same; a flat [N, C] too.
    Cost:    2*C parameters (C without bias); its products are declared free.
    Raises:  ShapeError for an input of other channels.
    Source:  LeCun et al. 1998, sec. II.B; Touvron et al. 2021, arXiv:2103.17239, sec. 2.

    >>> ChannelScale(2, initial=3.0)(torch.tensor([[[1.0], [2.0]]]))
    tensor([[[3.],
             [6.]]], grad_fn=<...>)
    """

    bias: nn.Parameter | None

    def __init__(self, channels: int, initial: float = 1.0, bias: bool = True) -> None:
        super().__init__()
        require_positive(channels=channels)
        self.initial = float(initial)
        self.weight = nn.Parameter(torch.full((channels,), self.initial))
        self.register_parameter("bias", nn.Parameter(torch.zeros(channels)) if bias else None)

    def forward(self, input: Tensor) -> Tensor:
        weight = _align(self.weight, input)
        if self.bias is None:
            return input * weight
        return torch.addcmul(_align(self.bias, input), input, weight)

    def extra_repr(self) -> str:
        return f"{self.weight.shape[0]}, initial={self.initial}, bias={self.bias is not None}"


class FixedScale(nn.Module):
    """Multiply everything by one number, which isn't learned.

    Shape:   any -> the same.
    Cost:    0 parameters; its products are declared free.

    >>> FixedScale(-0.5)(torch.tensor([4.0, -2.0]))
    tensor([-2.,  1.])
    """

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = float(factor)

    def forward(self, input: Tensor) -> Tensor:
        return input * self.factor

    def extra_repr(self) -> str:
        return str(self.factor)


@fx.wrap
def _align(numbers: Tensor, input: Tensor) -> Tensor:
    """One number per channel, with an axis of 1 for each of the input's extents."""
    if input.shape[1] != numbers.shape[0]:
        raise ShapeError(
            f"scale has coefficients for {numbers.shape[0]} channels, but its input has {input.shape[1]}. "
            "Make a layer for as many."
        )
    return numbers.reshape(-1, *(1,) * (input.dim() - 2))
