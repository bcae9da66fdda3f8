from __future__ import annotations

import time

from tests.verbs.draw import TEXT, make_arrays

import striate
from striate.engine import Engine

ENGINE = Engine()


def test_minutes_count_the_whole_command() -> None:
    start = time.monotonic()
    run = striate.train(TEXT, make_arrays(40), minutes=0.1, engine=ENGINE)
    taken = time.monotonic() - start
    assert 3 <= taken < 12  # 6, but for what a busy machine makes of it
    assert run.history[-1]["seconds"] < taken
