"""Networks as people write them slide as the notation's do."""

from __future__ import annotations

from typing import cast

import pytest
import torch
import torch.nn.functional as F
from tests.nets.convert.crops import check_sliding
from torch import Tensor, nn


class HandWritten(nn.Module):
    """A network as people write them: functional calls, views, sizes asked for on the way."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 8, 5)
        self.fc1 = nn.Linear(8 * 5 * 5, 20)
        self.norm = nn.BatchNorm1d(20)
        self.fc2 = nn.Linear(20, 7)
        self.shift = nn.Parameter(torch.randn(7))

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = x.view(x.size(0), -1)
        x = F.dropout(F.relu(self.norm(self.fc1(x))), training=self.training)
        return F.log_softmax(self.fc2(x) + self.shift, dim=1)


class Sounds(nn.Module):
    """M5's way of ending: a functional pool as long as what there is."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(1, 4, kernel_size=8, stride=4)
        self.bn1 = nn.BatchNorm1d(4)
        self.conv2 = nn.Conv1d(4, 6, kernel_size=3)
        self.fc1 = nn.Linear(6, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool1d(F.relu(self.bn1(self.conv1(x))), 2)
        x = F.relu(self.conv2(x))
        x = F.avg_pool1d(x, x.shape[-1])
        return cast(Tensor, self.fc1(x.squeeze(-1)))


class Volume(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv3d(2, 4, 2), nn.ReLU(inplace=True), nn.MaxPool3d((1, 2, 2)))
        self.head = nn.Sequential(nn.Dropout(), nn.Linear(4, 3))

    def forward(self, x: Tensor) -> Tensor:
        x = self.features(x)
        return cast(Tensor, self.head(torch.mean(x, dim=(2, 3, 4)) + torch.amax(x, (2, 3, 4))))


class Branching(nn.Module):
    """Parts of the channels, concatenated features, an adaptive pool that divides, shared layers."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, bias=False)
        self.scale = nn.Parameter(torch.rand(1, 8, 1, 1))
        self.pool = nn.AdaptiveMaxPool2d((2, None))
        self.fc = nn.Linear(4 * 2 * 4 + 4 * 2 * 2, 6)
        self.fc2 = nn.Linear(6, 6)

    def forward(self, x: Tensor) -> Tensor:
        left, right = torch.chunk(self.conv(x) * self.scale, 2, dim=1)
        left = torch.flatten(self.pool(left), 1)
        right = torch.flatten(F.avg_pool2d(right, 2), start_dim=1)
        y = self.fc(torch.cat([left, F.relu(right)], 1))
        return cast(Tensor, y + self.fc2(self.fc2(y)) / 2)


@pytest.mark.parametrize(
    ("module", "input", "extents", "step"),
    [
        (HandWritten(), (3, 32, 32), (41, 38), 4),
        (Sounds(), (1, 80), (113,), 8),
        (Volume(), (2, 3, 5, 5), (4, 8, 7), (1, 2, 2)),
        (Branching(), (1, 6, 6), (10, 9), (2, 2)),
    ],
)
def test_hand_written_modules(
    module: nn.Module, input: tuple[int, ...], extents: tuple[int, ...], step: int | tuple[int, ...]
) -> None:
    check_sliding(module, input, extents, step)
