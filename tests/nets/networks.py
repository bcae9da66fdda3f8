"""Networks of the zoo as a user of plain torch writes them: other names, other containers, the same order."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


def make_conv(before: int, after: int, size: int = 3, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(before, after, size, stride, size // 2, bias=False)


class BasicBlock(nn.Module):
    """He et al. 2015, figure 2; `option` is the paper's name for what a shortcut does where shapes change."""

    def __init__(self, before: int, after: int, stride: int, option: str) -> None:
        super().__init__()
        self.first, self.norm_a = make_conv(before, after, 3, stride), nn.BatchNorm2d(after)
        self.second, self.norm_b = make_conv(after, after), nn.BatchNorm2d(after)
        self.option, self.stride, self.gain = option, stride, after - before
        if option == "B" and (stride > 1 or self.gain):
            self.project = nn.Sequential(make_conv(before, after, 1, stride), nn.BatchNorm2d(after))

    def forward(self, x: Tensor) -> Any:
        y = self.norm_b(self.second(functional.relu(self.norm_a(self.first(x)))))
        if self.option == "none":
            return functional.relu(y)
        if hasattr(self, "project"):
            x = self.project(x)
        elif self.gain:
            x = functional.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.gain))
        return functional.relu(x + y)


class PreBlock(nn.Module):
    """He et al. 2016, figure 4e; the first of all gets its input already activated."""

    def __init__(self, before: int, after: int, stride: int, *, activate: bool) -> None:
        super().__init__()
        self.norm_a = nn.BatchNorm2d(before) if activate else nn.Identity()
        self.first, self.norm_b = make_conv(before, after, 3, stride), nn.BatchNorm2d(after)
        self.second = make_conv(after, after)
        self.project = make_conv(before, after, 1, stride) if stride > 1 else None
        self.activate = activate

    def forward(self, x: Tensor) -> Any:
        active = functional.relu(self.norm_a(x)) if self.activate else x
        y = self.second(functional.relu(self.norm_b(self.first(active))))
        return y + (x if self.project is None else self.project(active))


class ResNet18(nn.Module):
    """Eighteen layers at `width` 64; the activation after the weights, or before them."""

    def __init__(self, classes: int, *, pre: bool = False) -> None:
        super().__init__()
        self.stem, self.norm, self.pre = make_conv(3, 64, 7, 2), nn.BatchNorm2d(64), pre
        self.blocks = nn.ModuleList()
        before = 64
        for after in (64, 128, 256, 512):
            for number in range(2):
                stride = 2 if after > before else 1
                active = not (after == 64 and number == 0)
                block = PreBlock(before, after, stride, activate=active) if pre else None
                self.blocks.append(block or BasicBlock(before, after, stride, "B"))
                before = after
        self.last = nn.BatchNorm2d(512) if pre else nn.Identity()
        self.head = nn.Linear(512, classes)

    def forward(self, x: Tensor) -> Any:
        x = functional.max_pool2d(functional.relu(self.norm(self.stem(x))), 3, 2, 1)
        for block in self.blocks:
            x = block(x)
        x = functional.relu(self.last(x)) if self.pre else x
        return self.head(x.mean((2, 3)))


class CifarNet(nn.Module):
    """He et al. 2015, sec. 4.2: 6n+2 layers, with shortcuts of option A or with none."""

    def __init__(self, n: int, option: str = "A", classes: int = 10) -> None:
        super().__init__()
        self.stem, self.norm = make_conv(3, 16), nn.BatchNorm2d(16)
        widths = [16] * n + [32] * n + [64] * n
        pairs = zip([16, *widths], widths, strict=False)
        self.body = nn.Sequential(*(BasicBlock(a, b, 2 if b > a else 1, option) for a, b in pairs))
        self.head = nn.Linear(64, classes)

    def forward(self, x: Tensor) -> Any:
        return self.head(self.body(functional.relu(self.norm(self.stem(x)))).mean((2, 3)))


def make_mobilenet(classes: int) -> nn.Sequential:
    """Howard et al. 2017, table 1."""
    rows = [(32, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1), (256, 512, 2)]
    rows += [(512, 512, 1)] * 5 + [(512, 1024, 2), (1024, 1024, 1)]
    layers: list[nn.Module] = [make_conv(3, 32, 3, 2), nn.BatchNorm2d(32), nn.ReLU()]
    for before, after, stride in rows:
        layers += [nn.Conv2d(before, before, 3, stride, 1, groups=before, bias=False), nn.BatchNorm2d(before)]
        layers += [nn.ReLU(), make_conv(before, after, 1), nn.BatchNorm2d(after), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1024, classes))


def make_vgg(stages: str, classes: int) -> nn.Sequential:
    """Simonyan and Zisserman 2014, with bn after each convolution; `stages` as `64 64 M 128 M`."""
    layers: list[nn.Module] = []
    before = 3
    for stage in stages.split():
        if stage == "M":
            layers.append(nn.MaxPool2d(2))
            continue
        layers += [nn.Conv2d(before, int(stage), 3, padding=1), nn.BatchNorm2d(int(stage)), nn.ReLU()]
        before = int(stage)
    head = [nn.Flatten(), nn.Linear(512, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout()]
    return nn.Sequential(nn.Sequential(*layers), nn.Sequential(*head, nn.Linear(4096, classes)))


def scatter(module: nn.Module, seed: int = 0) -> nn.Module:
    """Give every entry values that tell it from any other: also what begins as all ones or zeros."""
    generator = torch.Generator().manual_seed(seed)
    for name, value in module.state_dict().items():
        if value.is_floating_point():
            fresh = torch.randn(value.shape, generator=generator, dtype=value.dtype)
            scale = (2 / value[0].numel()) ** 0.5 if value.ndim > 1 else 0.1
            value.copy_(scale * (fresh.abs() if name.endswith("var") else fresh) + float(value.ndim == 1))
        else:
            value.fill_(seed + 3)
    return module.eval()
