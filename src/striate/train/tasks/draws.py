"""Random numbers for each cell of each sample, as a function of a key and the cell's place: alike in any batch.

A counter is scrambled instead of a state being carried on, so a batch is drawn at once, on any device, and a sample's
numbers depend neither on the samples beside it nor on what was drawn before.

Source: Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators" (SplitMix64),
doi:10.1145/2660193.2660195; Box and Muller 1958, "A note on the generation of random normal deviates".
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

_STEP = 0x9E3779B97F4A7C15 - 2**64  # as a signed number, which is what torch has
_FIRST = 0xBF58476D1CE4E5B9 - 2**64
_SECOND = 0x94D049BB133111EB - 2**64
_BITS = 24  # of a float's fraction


def make_keys(seed: int, rows: Tensor) -> Tensor:
    """A key for each sample, by its row.

    Shape: int64 [count].

    >>> make_keys(0, torch.arange(3))[1:].equal(make_keys(0, torch.tensor([1, 2])))
    True
    """
    return scramble(scramble(torch.full_like(rows, seed)) + (rows + 1) * _STEP)


def draw_uniform(keys: Tensor, count: int, stream: int = 0) -> Tensor:
    """Numbers from 0 up to 1 for each key; each `stream` has its own.

    Shape: float32 [keys, count].
    """
    numbers = _count_up(keys, count, stream) & (2**_BITS - 1)
    uniform: Tensor = numbers.float() * 2.0**-_BITS
    return uniform


def draw_normal(keys: Tensor, count: int, stream: int = 0) -> Tensor:
    """Numbers of mean 0 and deviation 1 for each key, normally distributed.

    Shape: float32 [keys, count].
    """
    half = -(-count // 2)
    numbers = _count_up(keys, half, stream)
    above_zero = (((numbers >> (64 - _BITS)) & (2**_BITS - 1)).float() + 0.5) * 2.0**-_BITS
    angle = (numbers & (2**_BITS - 1)).float() * (2 * math.pi * 2.0**-_BITS)
    radius = above_zero.log_().mul_(-2).sqrt_()
    return torch.cat([radius * angle.cos(), radius * angle.sin()], 1)[:, :count]


def scramble(numbers: Tensor) -> Tensor:
    """Change every bit by every other: the last step of SplitMix64.

    Shape: int64 of any.
    """
    numbers = (numbers ^ _shift(numbers, 30)) * _FIRST
    numbers = (numbers ^ _shift(numbers, 27)) * _SECOND
    return numbers ^ _shift(numbers, 31)


def _count_up(keys: Tensor, count: int, stream: int) -> Tensor:
    base = scramble(keys + stream) if stream else keys
    places = torch.arange(1, count + 1, device=keys.device) * _STEP
    return scramble(base[:, None] + places)


def _shift(numbers: Tensor, places: int) -> Tensor:
    """To the right, zeros coming in: torch's own shift repeats the sign."""
    return (numbers >> places).bitwise_and_(2 ** (64 - places) - 1)
