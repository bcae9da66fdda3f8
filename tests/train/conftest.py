from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from torch import nn

Arrays = tuple[NDArray[np.uint8], NDArray[np.int64]]


def make_small_net() -> nn.Sequential:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        return nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Dropout(0.2),
            nn.Flatten(),
            nn.Linear(128, 10),
        )


@pytest.fixture(scope="session")
def digits() -> Arrays:
    """320 real digits, 1 x 8 x 8 bytes."""
    found = load_digits()
    images = np.round(found.images[:320] * (255 / 16)).astype(np.uint8)
    return images[:, None], found.target[:320].astype(np.int64)


@pytest.fixture
def make_net() -> Callable[[], nn.Sequential]:
    return make_small_net
