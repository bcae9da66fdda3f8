"""What can't slide says where, and what else to do."""

from __future__ import annotations

import pytest
import torch
from tests.nets.convert.test_sliding import build
from torch import Tensor, nn

from striate.errors import InputError, ShapeError
from striate.nets.convert import fully_convolutional


class Gate(nn.Module):
    """Squeeze and excitation."""

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(x.mean((2, 3), keepdim=True))


class Place(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.place = nn.Parameter(torch.randn(1, 1, 6, 6))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.place


class Choosing(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(1) if x.sum() > 0 else x.flatten(1) * 2


class Turned(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.permute(0, 2, 3, 1).flatten(1)


class Two(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x.flatten(1), x


def behind(part: nn.Module) -> nn.Module:
    return nn.Sequential(part, nn.Flatten(), nn.Linear(36, 2))


@pytest.mark.parametrize(
    ("module", "said"),
    [
        (behind(Gate()), r"0 \(mul\): brings 1x6x6 and 1x1x1 together.*squeeze and excitation"),
        (behind(Place()), r"0 \(add\): has numbers of 1x1x6x6, one for each place"),
        (nn.Sequential(Choosing()), r"Sequential: torch.fx can't trace it \(TraceError: .*crops one by one"),
        (nn.Sequential(Turned()), r"0 \(permute\): isn't known to slide"),
        (Two(), "Two: gives several outputs"),
        (nn.Sequential(Turned(), nn.Unflatten(1, (1, 6, 6))), "Sequential: gives a map of 1x6x6 already"),
        (nn.Conv2d(1, 2, 3), "Conv2d: gives a map of 2x4x4 already.*as it is"),
        (behind(nn.GroupNorm(1, 1)), r"0 \(GroupNorm\): normalises by what the whole map holds"),
        (behind(nn.LayerNorm([1, 6, 6])), r"0 \(LayerNorm\): normalises by what the whole map holds"),
        (behind(nn.LayerNorm(6)), r"0 \(LayerNorm\): normalises"),
        (behind(nn.Linear(6, 6)), r"0 \(Linear\): works along the last axis of a map, .*Flatten the map before it"),
        (behind(nn.Softmax(-1)), r"0 \(Softmax\): runs along an axis of the map"),
        (nn.Sequential(nn.AdaptiveAvgPool2d(4), nn.Flatten()), r"0 \(AdaptiveAvgPool2d\): pools 6 cells to 4"),
        (nn.Sequential(nn.Flatten(2), nn.LSTM(36, 4)), r"1 \(LSTM\): goes from cell to cell"),
        (nn.Sequential(nn.Flatten(2), nn.TransformerEncoderLayer(36, 4)), "isn't known to slide|can't take an input"),
        (nn.Sequential(nn.Flatten(), nn.Linear(35, 2)), r"Sequential: can't take an input of 1x6x6 \("),
        (nn.Sequential(nn.Upsample(scale_factor=1.5), nn.Flatten()), r"0 \(Upsample\): resizes by what isn't a whole"),
        (nn.Sequential(nn.FractionalMaxPool2d(2, 3), nn.Flatten()), r"0 \(FractionalMaxPool2d\): isn't known to slide"),
    ],
)
def test_what_can_not_slide_says_where_and_what_else_to_do(module: nn.Module, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        fully_convolutional(module.eval(), (1, 6, 6))
    assert "\n" not in str(caught.value)


def test_strange_inputs() -> None:
    module = build("conv3-4 pad=valid, flatten, fc-classes", (1, 6, 6))
    for shape in ((1,), (1, 0, 3), ("a", 2)):
        with pytest.raises(InputError, match=r"needed channels x extents, such as \(3, 224, 224\)"):
            fully_convolutional(module, shape)  # type: ignore[arg-type]
    sliding = fully_convolutional(module, (1, 6, 6))
    for small in (torch.zeros(1, 1, 5, 6), torch.zeros(1, 6, 6)):
        with pytest.raises(ShapeError, match="with extents from 6x6"):
            sliding(small)
