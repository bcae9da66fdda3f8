"""What may change in a recording depends on its rate and view alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from striate.auto.hearing import choose_sound_augment
from striate.auto.recipe import choose_recipe
from striate.data import Facts, load_dataset


@pytest.fixture(scope="module")
def facts() -> Facts:
    """Facts of waveforms of half a second."""
    found = load_dataset((np.zeros((20, 1, 8, 8), np.uint8), np.arange(20) % 2)).facts
    return replace(found, kind="sound", extents=(4000,), rate=8000)


def test_waveforms_are_shifted_by_time_and_never_mirrored(facts: Facts) -> None:
    augment, reasons = choose_sound_augment(facts)
    assert augment.shift == 400
    assert choose_sound_augment(replace(facts, rate=16_000, extents=(16_000,)))[0].shift == 800
    assert choose_sound_augment(replace(facts, extents=(100,)))[0].shift == 10
    assert augment.gain
    assert augment.noise
    assert not augment.flip
    assert len(reasons) == 2


def test_spectrograms_are_shifted_by_cells(facts: Facts) -> None:
    augment, _ = choose_sound_augment(replace(facts, extents=(64, 50), rate=100.0))
    assert 1 <= augment.shift <= 3
    assert not augment.flip
    assert not augment.rotate


def test_the_recipe_takes_them(facts: Facts) -> None:
    plan = choose_recipe(facts)
    assert plan.recipe.augment == choose_sound_augment(facts)[0]
    assert not plan.recipe.mirror
