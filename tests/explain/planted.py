"""Data whose truth is known: something planted at a known place in noise, and small networks that learn to name it.

What makes the class is nowhere but in the planted cells, so an explanation of a network that is right has to point
there. Pictures hold a shape, recordings a tone burst, clips a moving patch; each sample says where (`where`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Composer = Callable[[int, int], "Planted"]


@dataclass(frozen=True)
class Planted:
    """`inputs` [count, 1, *extents], `labels` [count], and `where` [count, *extents]: true in the planted cells."""

    inputs: Tensor
    labels: Tensor
    where: Tensor


@dataclass(frozen=True)
class Trained:
    """A network that learned one kind of planted data, and samples that it never saw, with its accuracy on them."""

    module: nn.Module
    held: Planted
    accuracy: float


def compose_pictures(count: int, seed: int, side: int = 48) -> Planted:
    """A disk, a square, a cross or a ring, 9 to 15 cells across, in noise."""
    generator = torch.Generator().manual_seed(seed)
    inputs = 0.5 * torch.randn(count, 1, side, side, generator=generator)
    where = torch.zeros(count, side, side, dtype=torch.bool)
    labels = torch.arange(count) % 4
    for index, label in enumerate(labels.tolist()):
        size = 9 + 2 * draw(4, generator)
        top, left = draw(side - size + 1, generator), draw(side - size + 1, generator)
        inputs[index, 0, top : top + size, left : left + size] += 1.2 * draw_shape(label, size)
        where[index, top : top + size, left : left + size] = True
    return Planted(inputs, labels, where)


def draw_shape(label: int, size: int) -> Tensor:
    """1 within the shape, 0 beside it, [size, size]."""
    axis = torch.arange(size) - (size - 1) / 2
    down, across = torch.meshgrid(axis, axis, indexing="ij")
    distance, half = (down**2 + across**2).sqrt(), size / 2
    disk = distance <= half
    shapes = (
        disk,
        torch.ones_like(disk),
        (down.abs() < size / 8) | (across.abs() < size / 8),
        disk & (distance > half - 2.2),
    )
    return shapes[label].float()


def compose_sounds(count: int, seed: int, length: int = 512) -> Planted:
    """A burst of one of three tones, 64 to 96 cells long, in noise as loud."""
    generator = torch.Generator().manual_seed(seed)
    inputs = 0.5 * torch.randn(count, 1, length, generator=generator)
    where = torch.zeros(count, length, dtype=torch.bool)
    labels = torch.arange(count) % 3
    for index, label in enumerate(labels.tolist()):
        size = 64 + draw(33, generator)
        start = draw(length - size + 1, generator)
        turns = (0.06, 0.11, 0.2)[label] * torch.arange(size) + torch.rand((), generator=generator)
        inputs[index, 0, start : start + size] += torch.hann_window(size) * (2 * torch.pi * turns).sin()
        where[index, start : start + size] = True
    return Planted(inputs, labels, where)


def compose_clips(count: int, seed: int, frames: int = 8, side: int = 20) -> Planted:
    """A patch of 5x5 that moves a cell per frame to the right, left, down or up, in noise."""
    generator = torch.Generator().manual_seed(seed)
    inputs = 0.4 * torch.randn(count, 1, frames, side, side, generator=generator)
    where = torch.zeros(count, frames, side, side, dtype=torch.bool)
    labels = torch.arange(count) % 4
    for index, label in enumerate(labels.tolist()):
        way = ((0, 1), (0, -1), (1, 0), (-1, 0))[label]
        first = [draw(side - 5 - frames + 2, generator) + (frames - 1) * (step < 0) for step in way]
        for frame in range(frames):
            top, left = (begin + frame * step for begin, step in zip(first, way, strict=True))
            where[index, frame, top : top + 5, left : left + 5] = True
    inputs[:, 0] += 1.2 * where
    return Planted(inputs, labels, where)


def draw(below: int, generator: torch.Generator) -> int:
    """A whole number from 0 to below it."""
    return int(torch.randint(below, (), generator=generator))


def make_stack(axes: int, classes: int, layers: tuple[tuple[int, int, int], ...]) -> nn.Sequential:
    """Convolutions with batch norm, the mean over all places, and a layer of scores, over so many axes.

    `layers` says of each its channels, size and stride.
    """
    conv, norm, pool = (
        (nn.Conv1d, nn.BatchNorm1d, nn.AdaptiveAvgPool1d),
        (nn.Conv2d, nn.BatchNorm2d, nn.AdaptiveAvgPool2d),
        (nn.Conv3d, nn.BatchNorm3d, nn.AdaptiveAvgPool3d),
    )[axes - 1]
    parts: list[nn.Module] = []
    before = 1
    for channels, size, stride in layers:
        parts += [conv(before, channels, size, stride, size // 2, bias=False), norm(channels), nn.ReLU()]
        before = channels
    return nn.Sequential(*parts, pool(1), nn.Flatten(), nn.Linear(before, classes))


@dataclass(frozen=True)
class Kind:
    """A kind of planted data, and what learns it in how many steps of 32."""

    compose: Composer
    make: Callable[[], nn.Module]
    steps: int


PICTURES = ((12, 5, 2), (16, 3, 1), (24, 3, 2), (24, 3, 1), (32, 3, 1))
SOUNDS = ((16, 15, 2), (16, 7, 1), (24, 7, 2), (24, 5, 1), (32, 5, 2), (32, 3, 1))
CLIPS = ((8, 5, 2), (16, 3, 1), (24, 3, 1), (24, 3, 1))
KINDS = {
    "pictures": Kind(compose_pictures, lambda: make_stack(2, 4, PICTURES), 240),
    "sounds": Kind(compose_sounds, lambda: make_stack(1, 3, SOUNDS), 120),
    "clips": Kind(compose_clips, lambda: make_stack(3, 4, CLIPS), 120),
}


@cache
def train_planted(kind: str) -> Trained:
    """A network that has learned this kind of planted data: a few seconds on one core, the same every time."""
    made = KINDS[kind]
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        module = made.make()
    fit(module, made.compose(2048, 1), made.steps)
    held = made.compose(128, 2)
    with torch.no_grad():
        right = module(held.inputs).argmax(1) == held.labels
    return Trained(module, held, float(right.float().mean()))


def fit(module: nn.Module, data: Planted, steps: int, rows: int = 32) -> None:
    """Adam with a rate that falls to nothing; leaves the module in eval mode."""
    optimizer = torch.optim.Adam(module.parameters(), lr=4e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 6e-3, total_steps=steps)
    generator = torch.Generator().manual_seed(0)
    module.train()
    for _ in range(steps):
        chosen = torch.randint(len(data.inputs), (rows,), generator=generator)
        loss = F.cross_entropy(module(data.inputs[chosen]), data.labels[chosen])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    module.eval()


def find_pointing(values: Tensor, where: Tensor) -> float:
    """The share of maps whose hottest cell is a planted one."""
    peaks = values.flatten(1).argmax(1, keepdim=True)
    return float(where.flatten(1).gather(1, peaks).float().mean())


def find_mass(values: Tensor, where: Tensor) -> float:
    """The share of the maps' magnitude that lies in planted cells, the mean over the maps."""
    heat = values.abs()
    return float(((heat * where).flatten(1).sum(1) / heat.flatten(1).sum(1).clamp(min=1e-30)).mean())
