"""Verbs of several processes, with a stand-in for the others: what rank 0 says counts, and it alone is heard."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from striate.engine import Engine, Tuned
from striate.errors import DataError, LostError
from striate.launch import Launch
from striate.train.ranks import Ranks
from striate.verbs.ranks import check_alike, together, tune_once, way_shown

MODULE = importlib.import_module("striate.train.ranks")


class Told(Ranks):
    """One of two ranks; rank 1 is told what rank 0 is said to have said."""

    def __init__(self, rank: int, said: Any = None) -> None:
        super().__init__(Launch(rank, 2, rank, 2))
        self.said, self.heard = said, []  # type: ignore[var-annotated]

    def tell(self, value: Any) -> Any:
        self.heard.append(value)
        return value if self.is_first else self.said


def become(ranks: Ranks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MODULE, "_present", ranks)


@together
def work(number: int, *, say: Any = None, on_progress: Any = None, other: Any = None) -> tuple[Any, ...]:
    """Some work."""
    return number, say, on_progress, other


@contextmanager
def joined_as(rank: int) -> Iterator[Ranks]:
    yield Told(rank)


def test_one_process_alone_loads_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RANK", raising=False)
    monkeypatch.setattr(MODULE, "joined", None)  # to be called is to fail
    assert work(3, say=print, on_progress=len, other=max) == (3, print, len, max)
    assert (work.__name__, work.__doc__) == ("work", "Some work.")


@pytest.mark.parametrize("rank", [0, 1])
def test_of_several_processes_the_first_alone_is_heard(rank: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", str(rank))
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setattr(MODULE, "joined", lambda: joined_as(rank))
    expected = (3, print, len, max) if rank == 0 else (3, None, None, max)
    assert work(3, say=print, on_progress=len, other=max) == expected


def test_a_work_that_takes_no_hearer_is_given_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setattr(MODULE, "joined", lambda: joined_as(1))
    assert together(lambda number: number)(4) == 4


@pytest.mark.parametrize(
    ("own", "said"), [({"a": 1}, {"a": 1}), ((1, 2), [1, 2]), ({1: "x"}, {"1": "x"}), ([0.1], [0.1])]
)
def test_what_json_makes_alike_is_alike(own: Any, said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    become(Told(1, said), monkeypatch)
    check_alike("data", own)


def test_the_first_rank_is_like_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    become(Told(0), monkeypatch)
    check_alike("data", (1, {"b": (2,)}))


def test_what_differs_is_told_with_both_sides_in_short(monkeypatch: pytest.MonkeyPatch) -> None:
    become(Told(1, [0] * 500), monkeypatch)
    with pytest.raises(DataError) as caught:
        check_alike("samples", [1] * 500)
    message = str(caught.value)
    assert message.startswith("rank 1: samples [1, 1,")
    assert "but [0, 0," in message
    assert message.count("...") == 2
    assert len(message) < 300


def make_tuned(seconds: float) -> Tuned:
    return Tuned(Engine(), "probed", {"cpu": seconds}, cost=2.0, notes=("a note",))


def test_a_single_process_tunes_for_itself() -> None:
    choice = make_tuned(1.0)
    assert tune_once(lambda: choice) is choice


def test_rank_0_tunes_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    choice = make_tuned(1.0)
    first = Told(0)
    become(first, monkeypatch)
    assert tune_once(lambda: choice) == choice
    become(Told(1, first.heard[0]), monkeypatch)

    def refuse() -> Tuned:
        raise AssertionError("rank 1 measured")

    assert tune_once(refuse) == choice


def test_the_loss_of_another_says_how_to_go_on() -> None:
    told = r"^rank 1 is gone\. Go on with: striate train --resume 'runs/my run'$"
    with pytest.raises(LostError, match=told) as caught, way_shown(Path("runs/my run")):
        raise LostError("rank 1 is gone.")
    assert isinstance(caught.value.__cause__, LostError)


def test_any_other_error_is_left_as_it_is() -> None:
    problem = DataError("something else")
    with pytest.raises(DataError) as caught, way_shown(Path("run")):
        raise problem
    assert caught.value is problem
