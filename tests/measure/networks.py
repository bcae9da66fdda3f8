"""Networks of many kinds, small enough to run: what memory is predicted for them is compared with what they take."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from striate.nets import find_net
from striate.nets.build import make_module

Shape = tuple[int, ...]
UNET = """
def pair(n) = [conv3-n, relu]*2
pair(16)
cat[ | maxpool2, pair(32), cat[ | maxpool2, pair(64), deconv2-32/2], pair(32), deconv2-16/2]
pair(16)
conv1-classes
"""
DILATED = "[conv3-32 dilation=2, bn, relu]*5, gap, flatten, fc-classes"


def make_zoo(text: str, shape: Shape) -> nn.Module:
    return make_module(find_net(text), shape, 10)


def convolve(inner: int, outer: int, kernel: int = 3, stride: int = 1, groups: int = 1) -> list[nn.Module]:
    convolution = nn.Conv2d(inner, outer, kernel, stride, kernel // 2, groups=groups, bias=False)
    return [convolution, nn.BatchNorm2d(outer), nn.ReLU6(inplace=True)]


class Inverted(nn.Module):
    """MobileNet's block: wide inside, with a convolution per channel."""

    def __init__(self, inner: int, outer: int, stride: int) -> None:
        super().__init__()
        self.skips = stride == 1 and inner == outer
        wide = 6 * inner
        last = [nn.Conv2d(wide, outer, 1, bias=False), nn.BatchNorm2d(outer)]
        self.body = nn.Sequential(*convolve(inner, wide, 1), *convolve(wide, wide, 3, stride, wide), *last)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.body(x)
        return x + result if self.skips else result


def make_mobile() -> nn.Module:
    blocks = [Inverted(16, 24, 2), Inverted(24, 24, 1), Inverted(24, 40, 2), Inverted(40, 40, 1)]
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(160, 10)]
    return nn.Sequential(*convolve(3, 16, 3, 2), *blocks, *convolve(40, 160, 1), *head)


class Dense(nn.Module):
    """DenseNet's layer: what it makes is laid beside what it got."""

    def __init__(self, inner: int, growth: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inner, 4 * growth, 1, bias=False)
        self.second = nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False)
        self.norms = nn.ModuleList([nn.BatchNorm2d(inner), nn.BatchNorm2d(4 * growth)])

    def forward(self, x: Tensor) -> Tensor:
        inside = self.first(F.relu(self.norms[0](x)))
        return torch.cat([x, self.second(F.relu(self.norms[1](inside)))], 1)


def make_dense() -> nn.Module:
    layers: list[nn.Module] = [
        nn.Conv2d(3, 32, 7, 2, 3, bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.MaxPool2d(3, 2, 1),
    ]
    channels = 32
    for _ in range(2):
        layers += [Dense(channels + 16 * number, 16) for number in range(4)]
        channels += 64
        layers += [
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels // 2, 1, bias=False),
            nn.AvgPool2d(2),
        ]
        channels //= 2
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10))


def make_sound() -> nn.Module:
    """M5's beginning: a long first kernel over samples, then three small ones."""
    layers: list[nn.Module] = [nn.Conv1d(1, 32, 80, 4, 38), nn.BatchNorm1d(32), nn.ReLU(), nn.MaxPool1d(4)]
    for inner in (32, 64, 128):
        layers += [nn.Conv1d(inner, 2 * inner, 3, padding=1), nn.BatchNorm1d(2 * inner), nn.ReLU(), nn.MaxPool1d(4)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(256, 10))


def make_video() -> nn.Module:
    first = [nn.Conv3d(3, 16, 3, padding=1), nn.BatchNorm3d(16), nn.ReLU(), nn.MaxPool3d((1, 2, 2))]
    second = [nn.Conv3d(16, 32, 3, padding=1), nn.BatchNorm3d(32), nn.ReLU(), nn.MaxPool3d(2)]
    third = [nn.Conv3d(32, 64, 3, stride=2, padding=1), nn.ReLU(), nn.AdaptiveAvgPool3d(1)]
    return nn.Sequential(*first, *second, *third, nn.Flatten(), nn.Linear(64, 10))


class Next(nn.Module):
    """ConvNeXt's block: a wide kernel per channel, then two linear layers with the channels last."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.deep = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm, self.up, self.down = nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.scale = nn.Parameter(torch.full((width,), 1e-6))

    def forward(self, x: Tensor) -> Tensor:
        inside = self.norm(self.deep(x).permute(0, 2, 3, 1))
        result: Tensor = x + (self.scale * self.down(F.gelu(self.up(inside)))).permute(0, 3, 1, 2)
        return result


def make_next() -> nn.Module:
    first = [nn.Conv2d(3, 32, 4, 4), Next(32), Next(32)]
    second = [nn.Conv2d(32, 64, 2, 2), Next(64), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*first, *second, nn.LayerNorm(64), nn.Linear(64, 10))


class Attending(nn.Module):
    """A vision transformer's block, its attention as one function."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        self.inner, self.outer = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.hidden = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x: Tensor) -> Tensor:
        batch, length, width = x.shape
        split = self.inner(self.norms[0](x)).reshape(batch, length, 3, self.heads, width // self.heads)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(query, key, value).transpose(1, 2)
        x = x + self.outer(seen.reshape(batch, length, width))
        result: Tensor = x + self.hidden(self.norms[1](x))
        return result


class Transformer(nn.Module):
    """Patches, a token for the class, three blocks."""

    def __init__(self) -> None:
        super().__init__()
        self.patches, self.token = nn.Conv2d(3, 96, 8, 8), nn.Parameter(torch.zeros(1, 1, 96))
        self.blocks = nn.Sequential(*[Attending(96, 3) for _ in range(3)])
        self.head = nn.Sequential(nn.LayerNorm(96), nn.Linear(96, 10))

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = self.blocks(torch.cat([self.token.expand(len(x), -1, -1), x], 1))
        result: Tensor = self.head(x[:, 0])
        return result


class Recurrent(nn.Module):
    """Convolutions, then a recurrent layer in both directions over what they see."""

    def __init__(self, kind: Callable[..., nn.Module]) -> None:
        super().__init__()
        layers = [
            nn.Conv2d(1, 32, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1),
            nn.ReLU(),
        ]
        self.convolutions = nn.Sequential(*layers, nn.MaxPool2d(2))
        self.recurrent = kind(512, 128, batch_first=True, bidirectional=True)
        self.head = nn.Linear(256, 10)

    def forward(self, x: Tensor) -> Tensor:
        states: Any = self.recurrent(self.convolutions(x).flatten(1, 2).transpose(1, 2))
        result: Tensor = self.head(states[0][:, -1])
        return result


NETWORKS: dict[str, tuple[Callable[[], nn.Module], Shape]] = {
    "lenet5": (lambda: make_zoo("lenet5", (1, 28, 28)), (1, 28, 28)),
    "mlp": (lambda: make_zoo("mlp", (1, 28, 28)), (1, 28, 28)),
    "cs231n": (lambda: make_zoo("cs231n", (3, 32, 32)), (3, 32, 32)),
    "vgg11": (lambda: make_zoo("vgg11", (3, 32, 32)), (3, 32, 32)),
    "resnet18": (lambda: make_zoo("resnet18", (3, 64, 64)), (3, 64, 64)),
    "resnet18-1d": (lambda: make_zoo("resnet18", (1, 2000)), (1, 2000)),
    "resnet50": (lambda: make_zoo("resnet50", (3, 64, 64)), (3, 64, 64)),
    "unet": (lambda: make_zoo(UNET, (1, 64, 64)), (1, 64, 64)),
    "dilated": (lambda: make_zoo(DILATED, (3, 48, 48)), (3, 48, 48)),
    "mobile": (make_mobile, (3, 64, 64)),
    "dense": (make_dense, (3, 64, 64)),
    "sound": (make_sound, (1, 8000)),
    "video": (make_video, (3, 8, 32, 32)),
    "convnext": (make_next, (3, 64, 64)),
    "transformer": (Transformer, (3, 64, 64)),
    "lstm": (lambda: Recurrent(nn.LSTM), (1, 32, 64)),
    "gru": (lambda: Recurrent(nn.GRU), (1, 32, 64)),
}
