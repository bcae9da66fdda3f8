from __future__ import annotations

from pathlib import Path

import pytest
from tests.verbs.draw import TEXT, make_arrays, take_bytes

import striate
from striate.engine import Engine
from striate.errors import RunError

ENGINE = Engine()


def test_an_out_taken_meanwhile_is_refused_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    def take(line: str) -> None:
        (tmp_path / "run").mkdir(exist_ok=True)
        (tmp_path / "run" / "mine").write_text("mine")

    with pytest.raises(RunError, match=r"run: can't be made"):
        striate.train(TEXT, make_arrays(9), steps=1, engine=ENGINE, out=tmp_path / "run", say=take)
    assert take_bytes(tmp_path) == {"run/mine": b"mine"}
    assert {path.name for path in tmp_path.iterdir()} == {"run"}
