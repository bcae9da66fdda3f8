"""A trace is its own thread's: others call their modules meanwhile, others trace theirs, and nothing stays behind."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import torch
from torch import Tensor, nn

from striate.engine.following import Tracer


class Waiting(nn.Module):
    """A module whose forward pass goes on when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.part, self.begun, self.go = nn.Linear(3, 2), Event(), Event()

    def forward(self, inputs: Tensor) -> Tensor:
        self.begun.set()
        assert self.go.wait(20)
        made: Tensor = self.part(inputs) * self.part.weight.sum()
        return made


def test_other_threads_call_their_modules_while_one_is_followed() -> None:
    traced, other = Waiting(), nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 1))
    inputs = torch.randn(5, 4)
    wanted, before = other(inputs), nn.Module.__call__
    with ThreadPoolExecutor(2) as threads:
        tracing = threads.submit(Tracer().trace, traced)
        assert traced.begun.wait(20)
        assert nn.Module.__call__ is not before  # fx is at work
        assert torch.equal(threads.submit(other, inputs).result(20), wanted)
        assert isinstance(threads.submit(lambda: other[0].weight).result(20), nn.Parameter)
        traced.go.set()
        graph = tracing.result(20)
    assert [node.op for node in graph.nodes] == [
        "placeholder",
        "call_module",
        "get_attr",
        "call_method",
        "call_function",
        "output",
    ]
    assert nn.Module.__call__ is before


def test_two_traces_come_one_after_the_other() -> None:
    first, second = Waiting(), Waiting()
    before = nn.Module.__call__
    with ThreadPoolExecutor(2) as threads:
        one = threads.submit(Tracer().trace, first)
        assert first.begun.wait(20)
        two = threads.submit(Tracer().trace, second)
        assert not second.begun.wait(0.2)
        second.go.set()
        first.go.set()
        assert len(one.result(20).nodes) == len(two.result(20).nodes)
    assert nn.Module.__call__ is before
