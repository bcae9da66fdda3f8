"""Which methods fit a run: those that are named refuse, all others explain."""

from __future__ import annotations

import numpy as np
import pytest
from tests.verbs.untrained import make_run

import striate
from striate.errors import InputError
from striate.explain.methods.catalogue import METHODS
from striate.verbs.fitting import find_unfit

SMOOTH = "conv3-4, relu, conv3-4, relu, gap, flatten, fc-classes"
CURVED = "conv3-4, gelu, maxpool2, conv3-4, gelu, flatten, fc-16, gelu, fc-classes"


@pytest.mark.parametrize("text", [SMOOTH, CURVED])
def test_what_is_named_refuses_and_the_rest_explains(text: str) -> None:
    run = make_run(text, (1, 8, 8))
    inputs = np.random.default_rng(0).random((1, 1, 8, 8)).astype(np.float32)
    unfit = find_unfit(run, inputs)
    assert set(unfit) == ({"cam", "guided", "deconvnet"} if text == CURVED else set())
    for name in METHODS:
        if name in unfit:
            with pytest.raises(InputError) as problem:
                striate.explain(run, inputs, method=name)
            assert str(problem.value) == unfit[name]
        elif name != "rise":
            assert striate.explain(run, inputs, method=name).values.isfinite().all()


def test_what_is_slow_is_tried_no_further_than_its_first_passes() -> None:
    run, asked = make_run(SMOOTH, (1, 8, 8)), list[int]()
    run.module.register_forward_hook(lambda module, args, output: asked.append(len(output)))
    find_unfit(run, np.zeros((1, 1, 8, 8), np.float32))
    assert sum(asked) < 1000  # of RISE alone two thousand


def test_it_can_be_stopped_between_two_methods() -> None:
    calls = []

    def check() -> None:
        calls.append(0)
        if len(calls) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        find_unfit(make_run(SMOOTH, (1, 8, 8)), np.zeros((1, 1, 8, 8), np.float32), check)
    assert len(calls) == 3
