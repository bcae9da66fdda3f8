"""A small made-up story for the tests to vary, and the browser that some of them look at it with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import exp
from typing import Any

import numpy as np
import pytest
from tests.browsing import open_chromium

from striate.report.story import Layer, Story
from striate.train.scores import Scores


def draw_scores(samples: int, classes: int, seed: int = 0) -> Scores:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, samples)
    logits = rng.normal(size=(samples, classes))
    logits[np.arange(samples), labels] += 2
    return Scores(logits.astype(np.float32), labels)


def draw_history(epochs: int) -> tuple[dict[str, Any], ...]:
    return tuple(
        {
            "epoch": i + 1,
            "train_loss": 2 * exp(-i / 5),
            "train_accuracy": 1 - 0.8 * exp(-i / 5),
            "validation_loss": 2 * exp(-i / 5) + 0.1,
            "validation_accuracy": 0.95 - 0.8 * exp(-i / 5),
            "lr": 0.1 / (i + 1),
            "seconds": 1.5 * (i + 1),
            "images_per_second": 900.0 + i,
        }
        for i in range(epochs)
    )


@pytest.fixture
def tell() -> Callable[..., Story]:
    """Give a maker of stories: `samples`, `kinds` (of classes) and `extents` shape it, all else replaces fields."""

    def make(samples: int = 60, kinds: int = 4, extents: tuple[int, ...] = (1, 8, 8), **fields: Any) -> Story:
        rng = np.random.default_rng(7)
        story: dict[str, Any] = {
            "title": "a run",
            "data": "made-up digits",
            "net": "conv3-8, relu\ngap, flatten, fc-classes",
            "reasons": ("it is small",),
            "classes": tuple(f"class {i}" for i in range(kinds)),
            "layers": (
                Layer("0", "conv3-8", (8, 8, 8), 80),
                Layer("1", "relu", (8, 8, 8), 0),
                Layer("2", "fc-4", (4,), 36),
            ),
            "kernels": rng.normal(size=(8, extents[0], *(3 for _ in extents[1:]))),
            "history": draw_history(6),
            "settings": {"seed": 0, "recipe": {"lr": 0.1}},
            "set_aside": (("broken.png", "cut short"),),
            "test": draw_scores(samples, kinds),
            "val": draw_scores(samples, kinds, seed=1),
            "inputs": rng.integers(0, 256, (samples, *extents)).astype(np.uint8),
            "names": [f"images/{i}.png" for i in range(samples)],
            "part": "test",
            "notes": ("3 test images also stand in the training part",),
        }
        return Story(**(story | fields))

    return make


@pytest.fixture(scope="module")  # not the session: playwright's event loop would stand in the way of other tests' own
def browser() -> Iterator[Any]:
    """Start Chromium, or skip where it or playwright is missing."""
    with open_chromium() as chromium:
        yield chromium
