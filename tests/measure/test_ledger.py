"""The moment when most is alive, against a count at every moment."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch._subclasses.fake_tensor import FakeTensorMode

from striate.measure.ledger import Ledger


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 30), st.booleans()), min_size=1, max_size=25))
def test_the_peak_is_the_largest_sum_of_all_moments(steps: list[tuple[int, int, bool]]) -> None:
    """Tensors come, go and spike in random order; the twin adds up what is alive after each step."""
    ledger, most = Ledger(), 0
    alive: list[torch.Tensor] = []
    with FakeTensorMode():
        for number, (cells, spike, drops) in enumerate(steps):
            if drops and alive:
                alive.pop(number % len(alive))
            alive.append(torch.empty(cells, dtype=torch.uint8))
            ledger.note(alive[-1], operation=number)
            ledger.note(alive[-1].view(-1))
            ledger.spike(spike, number)
            most = max(most, sum(tensor.numel() for tensor in alive) + spike)
        living, scratch, _ = ledger.find_peak()
    assert sum(allocation.bytes for allocation in living) + scratch == most
    assert len(ledger.allocations) == len(steps)


def test_a_view_is_no_allocation_of_its_own() -> None:
    ledger = Ledger()
    with FakeTensorMode():
        tensor = torch.empty(4)
        assert ledger.note(tensor) is ledger.note(tensor[1:])
        assert ledger.knows(tensor[2:])
    assert ledger.allocations[0].bytes == 16


def test_what_is_alive_when_it_closes_stays() -> None:
    ledger = Ledger()
    with FakeTensorMode():
        tensor = torch.empty(4)
        ledger.note(tensor)
        ledger.close()
        del tensor
    assert ledger.allocations[0].died is None
