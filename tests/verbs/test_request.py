from __future__ import annotations

from pathlib import Path

import pytest

from striate.errors import InputError, RunError
from striate.nets import parse
from striate.verbs.request import MOST_SEED, check_input, check_lengths, check_seed, choose_folder, choose_samples


def test_one_length_at_most() -> None:
    check_lengths(epochs=None, steps=None)
    check_lengths(epochs=3, steps=None)
    with pytest.raises(InputError, match="found --epochs and --minutes, needed one of them"):
        check_lengths(epochs=3, steps=None, minutes=0.5)


def test_seeds() -> None:
    for seed in (0, MOST_SEED):
        check_seed(seed)
    for seed in (-1, MOST_SEED + 1):
        with pytest.raises(InputError, match="needed a whole number from 0 to"):
            check_seed(seed)


@pytest.mark.parametrize("shape", [(3,), (), (0, 8), (3, 8, -1)])
def test_shapes(shape: tuple[int, ...]) -> None:
    check_input(None)
    check_input((3, 8, 8))
    with pytest.raises(InputError, match="needed channels x extents"):
        check_input(shape)


def test_samples_are_the_datas_own_without_a_backbone() -> None:
    assert choose_samples(None) == choose_samples(parse("conv3-8, gap")) == (None, None)


def test_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert choose_folder(tmp_path / "new", "digits", "text", auto=True) == tmp_path / "new"
    with pytest.raises(RunError, match="is there already, and a run is never overwritten"):
        choose_folder(tmp_path, "digits", "text", auto=True)
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="is no folder that can be written to"):
        choose_folder(tmp_path / "file" / "run", "digits", "text", auto=True)
    monkeypatch.chdir(tmp_path)
    assert choose_folder(None, "digits", "lenet5.net", auto=False) == Path("runs/digits-lenet5")
    (tmp_path / "runs" / "digits-auto").mkdir(parents=True)
    assert choose_folder(None, "digits", "text", auto=True) == Path("runs/digits-auto-2")
