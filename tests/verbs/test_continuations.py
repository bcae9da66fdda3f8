"""Which held-out sequences a report continues: long ones, from easily told to hardly told."""

from __future__ import annotations

import numpy as np

from striate.verbs.continuations import SHOWN, choose_places


def test_long_ones_are_chosen_in_the_order_of_their_bits() -> None:
    random = np.random.default_rng(0)
    counts = random.integers(100, 1000, 40).astype(np.float32)
    bits = counts * random.uniform(3, 8, 40).astype(np.float32)
    kept = np.stack([bits, counts], 1)[:, :, None] / np.ones(5, np.float32) / 5
    places = choose_places(kept.astype(np.float32))
    means = [bits[place] / counts[place] for place in places]
    assert len(places) == SHOWN
    assert means == sorted(means)
    assert all(counts[place] >= np.median(counts) for place in places)


def test_there_may_be_none() -> None:
    assert choose_places(np.zeros((2, 2, 3), np.float32)) == []
