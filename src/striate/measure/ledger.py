"""Bytes that live: every allocation and release of a run's storages, in order, and the moment when most are alive."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import Literal, TypeAlias

import torch

Category: TypeAlias = Literal["parameters", "buffers", "input", "target", "gradients", "activations", "passing"]
HELD: tuple[Category, ...] = ("parameters", "buffers", "input", "target")


@dataclass(eq=False, slots=True)
class Allocation:
    """One storage: its bytes, when it came and went (`None`: still there), what it is, who made it."""

    number: int
    bytes: int
    born: int
    died: int | None = None
    category: Category = "passing"
    operation: int | None = None
    saved: bool = False


class Ledger:
    """Follows the storages of one run by weak references; time counts allocations, releases and operations."""

    def __init__(self) -> None:
        """Begin with nothing alive."""
        self.allocations: list[Allocation] = []
        self.spikes: list[tuple[int, int, int | None]] = []
        self.time = 0
        self._alive: dict[int, tuple[weakref.ref[object], Allocation]] = {}

    def note(self, tensor: torch.Tensor, category: Category = "passing", operation: int | None = None) -> Allocation:
        """Find the allocation that a tensor lies in, or enter it as a new one."""
        storage = tensor.untyped_storage()
        key = storage._cdata
        found = self._alive.get(key)
        if found is not None:
            return found[1]
        self.time += 1
        allocation = Allocation(len(self.allocations), storage.nbytes(), self.time, None, category, operation)
        self.allocations.append(allocation)
        self._alive[key] = (weakref.ref(storage, lambda _: self._release(key)), allocation)
        return allocation

    def knows(self, tensor: torch.Tensor) -> bool:
        """Whether the tensor's storage was seen before."""
        return tensor.untyped_storage()._cdata in self._alive

    def spike(self, bytes: int, operation: int | None) -> None:
        """Enter memory that is taken and given back within one operation."""
        if bytes:
            self.time += 1
            self.spikes.append((self.time, bytes, operation))

    def close(self) -> None:
        """Stop following: what is alive now stays so, and what is the caller's was there all the time."""
        self._alive.clear()
        for allocation in self.allocations:
            if allocation.category in HELD:
                allocation.born, allocation.died = 0, None

    def _release(self, key: int) -> None:
        found = self._alive.pop(key, None)
        if found is not None:
            self.time += 1
            found[1].died = self.time

    def find_peak(self, without: frozenset[int] = frozenset()) -> tuple[list[Allocation], int, int | None]:
        """What is alive when most bytes are: the allocations, the scratch bytes of that moment, and the operation.

        Allocations whose numbers are in `without` are taken as never made.
        """
        counted = [allocation for allocation in self.allocations if allocation.number not in without]
        changes: list[tuple[int, int]] = []
        for allocation in counted:
            changes.append((allocation.born, allocation.bytes))
            if allocation.died is not None:
                changes.append((allocation.died, -allocation.bytes))
        scratch = {time: (size, operation) for time, size, operation in self.spikes}
        changes.extend((time, 0) for time in scratch)
        most, alive, moment = -1, 0, 0
        for time, size in sorted(changes):
            alive += size
            if alive + scratch.get(time, (0, None))[0] > most:
                most, moment = alive + scratch.get(time, (0, None))[0], time
        living = [
            allocation
            for allocation in counted
            if allocation.born <= moment and (allocation.died is None or allocation.died > moment)
        ]
        return living, *scratch.get(moment, (0, None))
