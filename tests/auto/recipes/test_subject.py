from __future__ import annotations

from fractions import Fraction
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from striate.auto.recipes.subject import count_length, limit_batch


@given(st.integers(1, 10**7), st.sampled_from([256, 1024, 2000]))
def test_a_batch_leaves_an_epoch_20_steps_or_more(samples: int, most: int) -> None:
    batch = limit_batch(samples, most)
    assert 8 <= batch <= most
    assert batch == most or batch & (batch - 1) == 0
    assert batch in (8, most) or 20 <= samples // batch < 42


@given(st.integers(1, 10**6), st.sampled_from([8, 256, 1024]), st.sampled_from([9.9, 8.0]))
def test_lengths_are_rounded_up(samples: int, batch: int, epochs: float) -> None:
    steps, begun = count_length(samples, batch, epochs, most=256)
    per_epoch = max(1, samples // batch)
    assert steps == max(400 if batch < 256 else 1, ceil(Fraction(str(epochs)) * per_epoch))
    assert begun == ceil(Fraction(steps, per_epoch))
