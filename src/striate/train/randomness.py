"""All that is random in a run, as a function of (seed, epoch, sample) or of (seed, step), never of what ran before.

That is why a run that was killed and taken up again ends with the same bits, and why the caller's random numbers stay
as they were.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from striate.engine import Engine


def derive_seed(purpose: str, *numbers: int) -> int:
    """A 63-bit seed for one purpose at one place of the run; neighbouring places have unrelated seeds.

    >>> derive_seed("order", 0, 1) != derive_seed("order", 1, 0) != derive_seed("augment", 1, 0)
    True
    """
    text = " ".join((purpose, *map(str, numbers)))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little") >> 1


def make_generator(purpose: str, *numbers: int) -> torch.Generator:
    """A generator of its own for one purpose at one place of the run."""
    return torch.Generator().manual_seed(derive_seed(purpose, *numbers))


def epoch_order(seed: int, epoch: int, count: int) -> Tensor:
    """The order in which an epoch takes its samples.

    Shape: [count].

    >>> sorted(epoch_order(seed=3, epoch=0, count=4).tolist())
    [0, 1, 2, 3]
    """
    return torch.randperm(count, generator=make_generator("order", seed, epoch))


def seed_step(engine: Engine, seed: int, step: int, rank: int = 0) -> None:
    """Set torch's global random state, from which dropout draws, for one step; each rank draws its own."""
    value = derive_seed("step", seed, step, *([rank] if rank else []))
    torch.default_generator.manual_seed(value)
    if not engine.is_cpu:
        torch.cuda.manual_seed_all(value)


@contextmanager
def random_state_kept(engine: Engine) -> Iterator[None]:
    """A `with` after which torch's global random state is the caller's again, also after an error."""
    devices = () if engine.is_cpu else range(torch.cuda.device_count())
    with torch.random.fork_rng(devices=devices):
        yield
