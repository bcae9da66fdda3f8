"""Networks that begin with a table of symbols get bytes as they are."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from striate.auto import Plan, keep_symbols
from striate.nets import parse, place
from striate.train import Recipe
from striate.train.batches import normalise

RECIPE = Recipe(epochs=1, mean=(0.5,), std=(0.2,))


@pytest.mark.parametrize(("text", "kept"), [("embed256-8, conv1-classes", True), ("conv3-8, conv1-classes", False)])
def test_bytes_stay_whole_numbers_before_a_table(text: str, kept: bool) -> None:
    plan = keep_symbols(Plan(RECIPE, ()), place(parse(text), (1, 9), 4))
    values = torch.from_numpy(np.arange(256, dtype=np.uint8))[None, None]
    assert torch.equal(normalise(values, plan.recipe), values.float()) == kept
    assert bool(plan.reasons) == kept
