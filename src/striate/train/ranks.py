"""One process among those that train together: its number, its share of the work, and what they tell each other.

A launcher such as torchrun starts the same command several times and tells each process its rank. A single process is
the plain case: every exchange here gives back what it was given, and torch.distributed isn't loaded. What several ranks
do instead is in group.py.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from torch import Tensor

from striate.launch import Launch, read_launch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_Plain = TypeVar("_Plain")


class Ranks:
    """The ranks of a run, as one of them sees them; as it stands here, there is one alone.

    All of them must make the same calls in the same order.

    >>> ranks = Ranks()
    >>> ranks.is_first, ranks.take(10), ranks.share(10), ranks.tell({"lr": 0.1})
    (True, slice(0, 10, None), 1.0, {'lr': 0.1})
    """

    def __init__(self, launch: Launch | None = None) -> None:
        """Take over what the launcher said."""
        self.launch = launch or Launch()

    @property
    def count(self) -> int:
        """How many there are."""
        return self.launch.count

    @property
    def rank(self) -> int:
        """Which one this is, from 0."""
        return self.launch.rank

    @property
    def is_first(self) -> bool:
        """Whether this is the one that writes and speaks."""
        return self.rank == 0

    def take(self, length: int) -> slice:
        """The part of `length` things that is this rank's; the parts follow each other and differ by one at most.

        >>> [Ranks(Launch(rank, 3)).take(10) for rank in range(3)]
        [slice(0, 3, None), slice(3, 6, None), slice(6, 10, None)]
        """
        return slice(self.rank * length // self.count, (self.rank + 1) * length // self.count)

    def share(self, length: int) -> float:
        """What this rank's mean over its part counts in the mean over all `length`."""
        part = self.take(length)
        return float(part.stop - part.start) / length

    def add_up(self, tensors: Sequence[Tensor]) -> None:
        """Put the sum over all ranks in each tensor's place."""

    def add_up_gradients(self, parameters: Iterable[Tensor], beside: Sequence[Tensor] = ()) -> None:
        """Put the sum over all ranks in each gradient's place, and in that of the tensors `beside` them.

        A parameter that some rank has no gradient for counts 0 there; one that none has a gradient for stays without.
        """

    def gather(self, rows: NDArray[np.float32], length: int) -> NDArray[np.float32]:
        """All `length` rows, of which this rank has those that `take` gave it."""
        return rows

    def spread(self, tensors: Iterable[Tensor]) -> None:
        """Put rank 0's values in each tensor's place."""

    def tell(self, value: _Plain) -> _Plain:
        """What rank 0 says, as plain values that JSON can hold; the others wait for it, however long it takes."""
        return value

    def beat(self, wish: bool = False) -> bool:
        """Whether any rank wishes what is asked; at the same time all take over rank 0's clock. Once a step."""
        return wish

    def claim(self) -> bool:
        """Whether no other rank has called this before."""
        return True

    def take_leave(self) -> None:
        """Stay reachable until the others have claimed the word too, or a few seconds are over."""

    def now(self) -> float:
        """Seconds on the clock that decisions are taken by; of several ranks, rank 0's at the last `beat`."""
        return time.monotonic()


_present = Ranks()
_joined: Ranks | None = None  # the last ranks that were joined, also after the `with`


def find_ranks() -> Ranks:
    """The ranks that this process has joined; else itself alone."""
    return _present


def read_clock() -> float:
    """Seconds on the clock that all ranks take decisions by."""
    return _present.now()


def claim_word() -> bool:
    """Whether this process is the one of its launch to tell the user what went wrong.

    Before the ranks have met, what goes wrong does so alike in all, and the first of each machine tells it.
    """
    return read_launch().local_rank == 0 if _joined is None else _joined.claim()


def take_leave() -> None:
    """Let the others ask `claim_word` before this process, which may be the one that answers, ends."""
    if _joined is not None:
        _joined.take_leave()


@contextmanager
def joined(launch: Launch | None = None) -> Iterator[Ranks]:
    """A `with` under which this process is one of those that its launcher started; may be nested.

    Raises:
        InputError: where the others don't come, or this machine has too few GPUs.
    """
    global _present, _joined
    launch = launch or read_launch()
    if _present.count > 1 or launch.count == 1:
        yield _present
        return
    from striate.train.group import opened  # several ranks alone need torch.distributed

    with opened(launch) as ranks:
        _present = _joined = ranks
        try:
            yield ranks
        finally:
            _present = Ranks()
