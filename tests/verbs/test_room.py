from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.verbs.draw import TEXT, make_arrays

import striate
from striate.engine import Engine
from striate.train import fitting, memory
from striate.verbs import room

# Wide enough that a batch takes more than its weights do.
WIDE = "conv3-64, bn, relu, conv3-64, relu, gap, flatten, fc-classes"


@pytest.mark.parametrize("free", [None, 2**40])
def test_where_there_is_plenty_nothing_is_predicted(free: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("predicted")

    monkeypatch.setattr(memory, "read_free_bytes", lambda device: free)
    monkeypatch.setattr(fitting, "choose_parts", refuse)
    striate.train(TEXT, make_arrays(30), steps=1, engine=Engine(), out="run")
    assert striate.load("run").settings["parts"] == 1


def test_a_step_that_will_not_fit_is_split_from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(memory, "read_free_bytes", lambda device: 2_500_000)
    run = striate.train(WIDE, make_arrays(60), batch=16, epochs=2, engine=Engine(), out="run", say=said.append)
    (line,) = [line for line in said if line.startswith("memory")]
    found = re.fullmatch(
        r"memory   a step would take (\d+) MB, of which 2 MB are free: each batch goes through in (\d) parts "
        r"\(batch norm sees each by itself\)",
        line,
    )
    assert found is not None
    assert int(found[1]) > 2
    parts = int(found[2])
    assert parts in (2, 4, 8)
    assert run.settings["parts"] == parts
    monkeypatch.setattr(memory, "read_free_bytes", lambda device: 2**40)
    whole = striate.train(WIDE, make_arrays(60), batch=16, epochs=2, engine=Engine(), out="whole")
    norms = [each.module.state_dict() for each in (run, whole)]
    counts = [next(int(value) for name, value in each.items() if "num_batches" in name) for each in norms]
    assert counts[0] == parts * counts[1]


def test_what_the_training_said_stands_in_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    from striate.train import splitting
    from striate.train.learner import Learner

    differentiate, failures = Learner._differentiate, list[int]()

    def fail_once(self: Learner, *given: object) -> object:
        failures.append(1)
        if len(failures) == 2:
            raise MemoryError
        return differentiate(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Learner, "_differentiate", fail_once)
    assert splitting.is_out_of_memory(MemoryError())
    run = striate.train(TEXT, make_arrays(60), batch=16, epochs=1, engine=Engine(), out="run")
    (note,) = run.history[0]["notes"]
    assert note.startswith("epoch 1, step 2: out of memory. Each batch of 16 goes through in 2 parts now")
    assert "In the training: epoch 1, step 2: out of memory." in Path("run/report.html").read_text()


@pytest.mark.parametrize("bytes", [1, 999_999_999, 1_000_000_000, 12_345_678_901])
def test_bytes_are_written_for_people(bytes: int) -> None:
    number, unit = room.write_bytes(bytes).split()
    assert float(number) * {"MB": 1e6, "GB": 1e9}[unit] == pytest.approx(bytes, rel=0.05, abs=1e6)
