"""A question's copy of a run, and the input that is meant."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from tests.verbs.untrained import make_run

from striate.errors import InputError
from striate.studio.inquiry import borrow_run, hear_for, read_sample
from striate.studio.tickets import Superseded, Ticket

TEXT = "conv3-4, relu, gap, flatten, fc-classes"


class Stood:
    """Of a session what a question asks it for."""

    def __init__(self, run: Any) -> None:
        from contextlib import nullcontext
        from pathlib import Path

        part = SimpleNamespace(
            inputs=np.arange(3 * 64).reshape(3, 1, 8, 8), labels=np.array([2, 0, 1]), names=list("abc")
        )
        held = type("Held", (), {"part": part, "__len__": lambda self: 3})()
        self.runs, self.told = Path("runs"), list[dict[str, Any]]()
        self.questions = SimpleNamespace(using=lambda folder: nullcontext(run), hold=lambda folder: held)
        self.stream = SimpleNamespace(publish=lambda kind, data: self.told.append(data))


def test_a_borrowed_run_is_the_same_and_stops_with_its_ticket() -> None:
    run, ticket = make_run(TEXT, (1, 8, 8)), Ticket()
    own = borrow_run(Stood(run), run.path, ticket)  # type: ignore[arg-type]
    inputs = torch.rand(2, 1, 8, 8)
    assert torch.equal(own.module(inputs), run.module(inputs))
    ticket.cancel()
    with pytest.raises(Superseded):
        own.module(inputs)
    run.module(inputs)


def test_a_held_out_sample_is_that_of_its_number() -> None:
    run = make_run(TEXT, (1, 8, 8))
    sample = read_sample(Stood(run), run, {"number": 1})  # type: ignore[arg-type]
    assert (sample.name, sample.truth, sample.inputs.shape) == ("b", "class0", (1, 1, 8, 8))
    assert sample.inputs[0, 0, 0, 0] == 64
    assert sample != read_sample(Stood(run), run, {"number": 2})  # type: ignore[arg-type]


@pytest.mark.parametrize("asked", [None, {}, {"number": 3}, {"number": -1}, {"number": True}, "1"])
def test_no_sample_is_no_question(asked: Any) -> None:
    run = make_run(TEXT, (1, 8, 8))
    with pytest.raises(InputError):
        read_sample(Stood(run), run, asked)  # type: ignore[arg-type]


def test_news_are_few_and_the_last_is_told() -> None:
    stood, ticket = Stood(None), Ticket()
    hear = hear_for(stood, ticket, "word", "RISE")  # type: ignore[arg-type]
    for done in range(1, 2001):
        hear(done, 2000)
    assert stood.told[-1] == {"ask": "word", "step": "RISE", "done": 2000, "total": 2000}
    assert len(stood.told) < 100
    ticket.cancel()
    with pytest.raises(Superseded):
        hear(1, 2)
