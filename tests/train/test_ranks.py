"""Several processes that train as one: against one process, and through whatever may happen to one of them."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.train.together import find_port, fork_ranks, wait_for
from tests.train.whole import RECIPE as SHARED
from tests.train.whole import Arrays, drop_times
from torch import Tensor, nn

from striate.engine import Engine
from striate.errors import InputError, LostError, Stopped
from striate.launch import Launch
from striate.train import Augment, Recipe, RunFolder, fit, load_latest
from striate.train.ranks import Ranks, find_ranks, joined

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs fork")

Work = Callable[[int], None]
RECIPE = replace(SHARED, epochs=2, batch=25, mirror=False, augment=Augment(shift=1, flip=True))


def make_net(norm: bool = True, dropout: float = 0.0) -> nn.Sequential:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        middle = (nn.BatchNorm2d(6) if norm else nn.Identity(), nn.ReLU(), nn.Dropout(dropout))
        return nn.Sequential(nn.Conv2d(1, 6, 3), *middle, nn.Flatten(), nn.Linear(216, 10))


def run_ranks(work: Work, count: int) -> list[int]:
    return wait_for(fork_ranks(work, count))


def train(digits: Arrays, path: Path | None, net: nn.Module, recipe: Recipe = RECIPE, **options: Any) -> Any:
    """Train with checkpoints as often as can be; the folder is made where it isn't there."""
    inputs, labels = digits[0][:161], digits[1][:161]
    folder = RunFolder(path) if path else None
    options = {"validate": (digits[0][161:202], digits[1][161:202]), "checkpoint_seconds": 0.0, **options}
    return fit(net, inputs, labels, recipe, Engine(), folder=folder, **options)


def read(path: Path) -> dict[str, Tensor]:
    return RunFolder.open(path).read_weights()


def drop_clocks(path: Path) -> list[dict[str, Any]]:
    return drop_times(RunFolder.open(path).read_history(), also=("notes",))


def assert_close(found: dict[str, Tensor], needed: dict[str, Tensor]) -> None:
    assert found.keys() == needed.keys()
    for name, value in needed.items():
        torch.testing.assert_close(found[name], value, rtol=1e-5, atol=1e-5)


@given(st.integers(1, 9), st.integers(0, 100))
def test_parts_follow_each_other_and_differ_by_one_at_most(count: int, length: int) -> None:
    parts = [Ranks(Launch(rank, count)).take(length) for rank in range(count)]
    places = [place for part in parts for place in range(part.start, part.stop)]
    assert places == list(range(length))
    sizes = [part.stop - part.start for part in parts]
    assert max(sizes) - min(sizes) <= 1
    if length:
        assert sum(Ranks(Launch(rank, count)).share(length) for rank in range(count)) == pytest.approx(1)


def test_a_single_process_has_no_group(digits: Arrays) -> None:
    with joined(Launch()) as ranks:
        assert ranks is find_ranks()
        assert type(ranks) is Ranks
        values = torch.arange(3.0)
        ranks.add_up([values])
        ranks.spread([values])
        assert values.tolist() == [0, 1, 2]
        assert (ranks.beat(True), ranks.beat(), ranks.claim()) == (True, False, True)


def test_what_ranks_tell_each_other() -> None:
    def work(rank: int) -> None:
        with joined() as ranks:
            assert (ranks.rank, ranks.count, find_ranks()) == (rank, 3, ranks)
            rows = torch.full((2, 3), float(rank))
            turned = torch.full((4, 2, 3, 3), 1.0 + rank, dtype=torch.float64).to(memory_format=torch.channels_last)
            ranks.add_up([rows, turned])
            assert (rows == 3).all()
            assert (turned == 6).all()
            turned.fill_(rank)
            ranks.spread([turned, rows])
            assert (turned == 0).all()
            assert ranks.tell({"a": [rank, None, 0.1]}) == {"a": [0, None, 0.1]}
            own = np.full((ranks.take(7).stop - ranks.take(7).start, 2), rank, dtype=np.float32)
            assert ranks.gather(own, 7)[:, 1].tolist() == [0, 0, 1, 1, 2, 2, 2]
            assert ranks.beat(rank == 2)
            assert not ranks.beat()
            moment = ranks.now()
            assert moment == ranks.now() == ranks.tell(moment)
            assert [ranks.tell(ranks.claim()) for _ in range(2)][1] is False

    assert run_ranks(work, 3) == [0, 0, 0]


def test_gradients_that_some_or_all_ranks_lack() -> None:
    def work(rank: int) -> None:
        everywhere, somewhere, nowhere, frozen = (nn.Parameter(torch.zeros(2)) for _ in range(4))
        frozen.requires_grad_(False)
        everywhere.grad = torch.tensor([1.0, rank])
        somewhere.grad = torch.tensor([5.0, 6.0]) if rank else None
        beside = torch.tensor([1.5, float(rank)])
        with joined() as ranks:
            ranks.add_up_gradients([everywhere, somewhere, nowhere, frozen], [beside])
        assert everywhere.grad.tolist() == [2, 1]
        assert somewhere.grad is not None
        assert somewhere.grad.tolist() == [5, 6]
        assert nowhere.grad is frozen.grad is None
        assert beside.tolist() == [3, 1]

    assert run_ranks(work, 2) == [0, 0]


@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize("count", [2, 3])
def test_several_ranks_train_as_one_process(digits: Arrays, tmp_path: Path, norm: bool, count: int) -> None:
    """25 samples among 2 and 3: uneven parts; 41 to validate: uneven too."""
    alone = make_net(norm)
    history = train(digits, RunFolder.create(tmp_path / "alone").path, alone)

    def work(rank: int) -> None:
        path = tmp_path / f"run{rank}"  # only rank 0's is written to
        net = make_net(norm)
        found = train(digits, path, net)
        torch.save([value.clone() for value in net.state_dict().values()], tmp_path / f"{rank}.pt")
        for record, other in zip(found, history, strict=True):
            for name in ("step", "epoch", "train_accuracy", "validation_accuracy"):
                assert record[name] == other[name]
            for name in ("train_loss", "validation_loss"):
                assert record[name] == pytest.approx(other[name], abs=1e-5)

    RunFolder.create(tmp_path / "run0")
    assert run_ranks(work, count) == [0] * count
    assert_close(read(tmp_path / "run0"), read(tmp_path / "alone"))
    assert not (tmp_path / "run1").exists()
    states = [torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in range(count)]
    assert all(torch.equal(a, b) for state in states for a, b in zip(state, states[0], strict=True))
    checkpoint, _ = load_latest(RunFolder.open(tmp_path / "run0").state)
    assert checkpoint is not None
    assert checkpoint.origin["engine"]["ranks"] == count


def test_frozen_parts_side_heads_and_mixed_samples(digits: Arrays, tmp_path: Path) -> None:
    class Headed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net, self.side, self.spare = make_net(), nn.Linear(64, 10), nn.Linear(3, 3)
            self.net[0].weight.requires_grad_(False)
            nn.init.zeros_(self.side.weight)

        def forward(self, x: Tensor) -> Any:
            return (self.net(x), self.side(x.flatten(1))) if self.training else self.net(x)

    recipe = replace(RECIPE, augment=replace(RECIPE.augment, mixup=0.4), weight_decay=0.01)
    torch.manual_seed(1)
    alone = Headed()
    start = {name: value.clone() for name, value in alone.state_dict().items()}

    def work(rank: int) -> None:
        module = Headed()
        module.load_state_dict(start)
        train(digits, tmp_path / "run", module, recipe)

    RunFolder.create(tmp_path / "run")
    assert run_ranks(work, 2) == [0, 0]
    train(digits, None, alone, recipe)
    assert_close(read(tmp_path / "run"), dict(alone.state_dict()))
    assert torch.equal(alone.spare.weight, start["spare.weight"])


def test_each_rank_has_dropout_of_its_own() -> None:
    from striate.train.randomness import seed_step

    drawn = []
    for rank in (0, 1, 2):
        seed_step(Engine(), 3, 11, rank)
        drawn.append(torch.rand(50))
    seed_step(Engine(), 3, 11)
    assert torch.equal(torch.rand(50), drawn[0])
    assert not any(torch.equal(drawn[a], drawn[b]) for a, b in ((0, 1), (0, 2), (1, 2)))


def test_fewer_samples_than_ranks_are_refused(digits: Arrays, tmp_path: Path) -> None:
    def work(rank: int) -> None:
        with pytest.raises(InputError, match="2 samples for 3 processes"):
            train(digits, None, make_net(), replace(RECIPE, batch=2))

    assert run_ranks(work, 3) == [0, 0, 0]


def sit(digits: Arrays, path: Path, kill_at: int = -1, victim: int = 1, **options: Any) -> Work:
    """A sitting in which `victim` is killed after step `kill_at`; the others must notice, within seconds."""

    def work(rank: int) -> None:
        learned = nn.Module.__call__

        def count_steps(self: nn.Module, *inputs: Any) -> Any:
            steps[0] += isinstance(self, nn.Sequential) and self.training
            if steps[0] > kill_at >= 0 and rank == victim:
                os.kill(os.getpid(), signal.SIGKILL)
            return learned(self, *inputs)

        steps = [0]
        nn.Module.__call__ = count_steps  # type: ignore[method-assign]
        began = time.monotonic()
        try:
            train(digits, path, make_net(dropout=0.2), resume=True, **options)
        except LostError as problem:
            code = 3 if "another rank was killed or is out of reach" in str(problem) else 4
            raise SystemExit(code if time.monotonic() - began < 60 else 5) from None

    return work


def test_a_killed_rank_ends_the_run_and_any_number_goes_on(digits: Arrays, tmp_path: Path) -> None:
    whole = RunFolder.create(tmp_path / "whole").path
    assert run_ranks(sit(digits, whole), 2) == [0, 0]
    for again in (1, 2, 3):
        path = RunFolder.create(tmp_path / f"again{again}").path
        assert run_ranks(sit(digits, path, kill_at=3), 2) == [3, -signal.SIGKILL]
        assert not (path / "weights.safetensors").exists()
        if again == 2:
            assert run_ranks(sit(digits, path, kill_at=4, victim=0), 2) == [-signal.SIGKILL, 3]
        assert run_ranks(sit(digits, path), again) == [0] * again
        if again == 2:
            same = [torch.equal(value, read(whole)[name]) for name, value in read(path).items()]
            assert all(same)
            assert drop_clocks(path) == drop_clocks(whole)
        else:
            notes = " ".join(note for record in RunFolder(path).read_history() for note in record.get("notes", ()))
            assert f"resumed with ranks {again}, started with 2" in notes


def test_without_dropout_another_number_of_ranks_ends_alike(digits: Arrays, tmp_path: Path) -> None:
    alone = RunFolder.create(tmp_path / "alone").path
    train(digits, alone, make_net())

    def stop(progress: Any) -> None:
        if progress.step == 5:
            signal.raise_signal(signal.SIGTERM)

    def begin(rank: int) -> None:
        with pytest.raises(Stopped, match="stopped after step 5"):
            train(digits, path, make_net(), on_progress=stop, progress_seconds=0.0)

    def go_on(rank: int) -> None:
        train(digits, path, make_net(), resume=True)

    path = RunFolder.create(tmp_path / "run").path
    assert run_ranks(begin, 2) == [0, 0]
    assert run_ranks(go_on, 3) == [0, 0, 0]
    assert_close(read(path), read(alone))


def test_a_signal_to_any_rank_stops_all_at_one_step(digits: Arrays, tmp_path: Path) -> None:
    path = RunFolder.create(tmp_path / "run").path

    def work(rank: int) -> None:
        if rank == 1:
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            signal.signal(signal.SIGALRM, lambda number, frame: signal.raise_signal(signal.SIGINT))
        with pytest.raises(Stopped) as caught:
            train(digits, path, make_net(), replace(RECIPE, epochs=5000), checkpoint_seconds=30.0)
        (tmp_path / f"step{rank}").write_text(str(caught.value.step))

    assert run_ranks(work, 2) == [0, 0]
    steps = [int((tmp_path / f"step{rank}").read_text()) for rank in range(2)]
    checkpoint, _ = load_latest(RunFolder(path).state)
    assert checkpoint is not None
    assert steps == [checkpoint.step] * 2


def test_a_rank_that_hangs_is_given_up(digits: Arrays, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    from striate.train import group

    monkeypatch.setattr(group, "PROMPT", timedelta(seconds=1))

    def work(rank: int) -> None:
        with joined() as ranks:
            if rank:
                time.sleep(2.5)
                return
            with pytest.raises(LostError):
                ranks.beat()

    assert run_ranks(work, 2)[0] == 0


def test_nobody_to_meet_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    from striate.train import group

    monkeypatch.setattr(group, "ARRIVAL", timedelta(seconds=1))
    monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
    monkeypatch.setenv("MASTER_PORT", str(find_port()))
    with (
        pytest.raises(InputError, match=r"rank 1 of 2: could not meet the others at 127\.0\.0\.1"),
        joined(Launch(1, 2)),
    ):
        pass
    monkeypatch.delenv("MASTER_ADDR")
    with pytest.raises(InputError, match="could not meet"), joined(Launch(0, 2)):
        pass


def test_until_is_decided_alike(digits: Arrays, tmp_path: Path) -> None:
    path = RunFolder.create(tmp_path / "run").path

    def work(rank: int) -> None:
        history = train(digits, path, make_net(), replace(RECIPE, epochs=40, lr=0.2), until=0.5)
        (tmp_path / f"epochs{rank}").write_text(str(len(history)))

    assert run_ranks(work, 2) == [0, 0]
    history = RunFolder(path).read_history()
    assert history[-1]["validation_accuracy"] >= 0.5 > history[-2]["validation_accuracy"]
    assert {(tmp_path / f"epochs{rank}").read_text() for rank in range(2)} == {str(len(history))}


def test_minutes_end_at_one_step(digits: Arrays, tmp_path: Path) -> None:
    def work(rank: int) -> None:
        history = train(digits, None, make_net(), replace(RECIPE, minutes=0.01))
        told = [(record["step"], record["lr"], record["seconds"]) for record in history]
        (tmp_path / f"steps{rank}").write_text(str(told))

    assert run_ranks(work, 2) == [0, 0]
    assert len({(tmp_path / f"steps{rank}").read_text() for rank in range(2)}) == 1
