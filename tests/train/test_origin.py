from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from striate.engine import Engine
from striate.errors import RunError
from striate.train import Recipe
from striate.train.batches import read_samples
from striate.train.origin import compare_origins, describe_origin

RECIPE = Recipe(epochs=2, mean=(0.5,), std=(0.5,))
SAMPLES = read_samples(np.zeros((4, 1, 3), dtype=np.uint8), np.zeros(4, dtype=np.int64), RECIPE)
ORIGIN = describe_origin(RECIPE, Engine(), SAMPLES)


def test_the_same_origin_has_no_differences() -> None:
    assert compare_origins(json.loads(json.dumps(ORIGIN)), ORIGIN, "run") == ()


def test_another_recipe_or_other_data_is_another_run() -> None:
    with pytest.raises(RunError, match=r"^run: was started with recipe lr 0.1, now it is 0.2\. Resume it with 0.1\.$"):
        compare_origins(ORIGIN, describe_origin(replace(RECIPE, lr=0.2), Engine(), SAMPLES), "run")
    fewer = read_samples(np.zeros((3, 1, 3), dtype=np.uint8), np.zeros(3, dtype=np.int64), RECIPE)
    with pytest.raises(RunError, match=r"inputs shape \[4, 1, 3\], now it is \[3, 1, 3\]"):
        compare_origins(ORIGIN, describe_origin(RECIPE, Engine(), fewer), "run")


def test_another_engine_is_told_but_taken() -> None:
    lines = compare_origins(ORIGIN, describe_origin(RECIPE, Engine(threads=2), SAMPLES), "run")
    assert lines == ("resumed with threads 2, started with 1: the weights will differ in their last bits.",)
