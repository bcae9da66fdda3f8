"""The counter's numbers against plain integers, and what they look like."""

from __future__ import annotations

import math

import pytest
import torch

from striate.train.tasks.draws import draw_normal, draw_uniform, make_keys, scramble

MASK = 2**64 - 1
STEP = 0x9E3779B97F4A7C15


def scramble_slowly(number: int) -> int:
    """SplitMix64's last step in Python's own whole numbers."""
    number &= MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & MASK
    return number ^ (number >> 31)


@pytest.mark.parametrize("number", [0, 1, -1, 2**63 - 1, -(2**63), 123456789])
def test_scramble_is_splitmix(number: int) -> None:
    found = int(scramble(torch.tensor([number]))[0])
    assert found & MASK == scramble_slowly(number)


@pytest.mark.parametrize("count", [1, 4, 5])
def test_normal_is_box_and_muller_of_the_counter(count: int) -> None:
    keys, half = make_keys(7, torch.arange(2)), -(-count // 2)
    found = draw_normal(keys, count)
    for row, key in enumerate(keys.tolist()):
        numbers = [scramble_slowly(key + STEP * (place + 1)) for place in range(half)]
        radius = [math.sqrt(-2 * math.log(((number >> 40) + 0.5) / 2**24)) for number in numbers]
        angle = [2 * math.pi * (number % 2**24) / 2**24 for number in numbers]
        cos = [r * math.cos(a) for r, a in zip(radius, angle, strict=True)]
        sin = [r * math.sin(a) for r, a in zip(radius, angle, strict=True)]
        assert found[row].tolist() == pytest.approx((cos + sin)[:count], abs=1e-5)


def test_each_row_has_its_own_numbers_whatever_stands_beside_it() -> None:
    keys = make_keys(3, torch.arange(10))
    assert torch.equal(draw_normal(keys, 6)[4:7], draw_normal(keys[4:7], 6))
    assert torch.equal(draw_uniform(keys, 6)[4:7], draw_uniform(keys[4:7], 6))
    assert len({tuple(row) for row in draw_normal(keys, 6).tolist()}) == 10
    assert not torch.equal(draw_normal(keys, 6), draw_normal(keys, 6, stream=1))
    assert not torch.equal(make_keys(3, torch.arange(10)), make_keys(4, torch.arange(10)))


def test_distribution() -> None:
    """Mean, deviation, fourth moment and correlation of neighbours, within five standard errors."""
    values = draw_normal(make_keys(0, torch.arange(50)), 4000).double()
    count = values.numel()
    assert abs(float(values.mean())) < 5 / math.sqrt(count)
    assert abs(float(values.square().mean()) - 1) < 5 * math.sqrt(2 / count)
    assert abs(float((values**4).mean()) - 3) < 5 * math.sqrt(96 / count)
    assert abs(float((values[:, 1:] * values[:, :-1]).mean())) < 5 / math.sqrt(count)
    assert abs(float((values[1:] * values[:-1]).mean())) < 5 / math.sqrt(count)
    flat = draw_uniform(make_keys(0, torch.arange(50)), 4000)
    assert float(flat.min()) >= 0
    assert float(flat.max()) < 1
    assert abs(float(flat.double().mean()) - 0.5) < 5 * math.sqrt(1 / 12 / count)
