"""Insertion begins with a blur; with nothing where the numbers are names."""

from __future__ import annotations

import torch

from striate.explain.trust.blurring import blur
from striate.explain.trust.starts import make_start


def test_a_start_is_blurred_unless_its_numbers_are_names() -> None:
    one = torch.randn(2, 5, 6, generator=torch.Generator().manual_seed(0))
    assert torch.equal(make_start(one), blur(one[None])[0])
    assert not make_start(one, symbols=True).any()
    assert float(make_start(one).std()) < float(one.std())
