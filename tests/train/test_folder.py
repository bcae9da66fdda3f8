from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import torch

from striate.errors import RunError
from striate.train import RunFolder
from striate.train.folder import HISTORY, WEIGHTS


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder.create(tmp_path / "deep" / "run")


def test_a_folder_is_made_with_those_above_it_and_opened_again(folder: RunFolder) -> None:
    folder.write_json("settings.json", {"lr": 0.1, "name": "Zoë"})
    assert RunFolder.open(folder.path).read_json("settings.json") == {"lr": 0.1, "name": "Zoë"}
    assert {path.name for path in folder.path.iterdir()} == {"settings.json", "state"}


def test_an_empty_folder_may_be_taken(tmp_path: Path) -> None:
    assert RunFolder.create(tmp_path).path == tmp_path


@pytest.mark.parametrize("kind", ["file", "run", "other"])
def test_what_exists_is_never_overwritten(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "run"
    if kind == "file":
        path.write_text("mine")
    elif kind == "run":
        RunFolder.create(path)
    else:
        path.mkdir()
        (path / "mine").touch()
    with pytest.raises(RunError, match=r"never overwritten.*--resume"):
        RunFolder.create(path)
    assert path.is_dir() or path.read_text() == "mine"


def test_below_a_file_no_folder_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="can't be made"):
        RunFolder.create(tmp_path / "file" / "run")


def test_only_run_folders_are_opened(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no such folder"):
        RunFolder.open(tmp_path / "missing")
    with pytest.raises(RunError, match="not a run folder"):
        RunFolder.open(tmp_path)


def test_one_run_one_writer(folder: RunFolder) -> None:
    other = RunFolder.open(folder.path)

    def write() -> None:
        with other.writing():
            raise AssertionError

    with folder.writing(), folder.writing(), pytest.raises(RunError, match="another process is writing"):
        write()
    with other.writing():
        pass


def test_the_lock_is_given_back_after_an_error(folder: RunFolder) -> None:
    def fail() -> None:
        with folder.writing():
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with RunFolder.open(folder.path).writing():
        pass


@pytest.mark.parametrize(("text", "message"), [(None, "No such file"), ("{", "not JSON"), ("\xff", "not UTF-8")])
def test_unreadable_files_are_named(folder: RunFolder, text: str | None, message: str) -> None:
    if text is not None:
        (folder.path / "settings.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(RunError, match=message) as caught:
        folder.read_json("settings.json")
    assert "settings.json" in str(caught.value)


def test_history_grows_by_lines_and_can_be_cut(folder: RunFolder) -> None:
    records = [{"epoch": epoch, "loss": 1 / (epoch + 3)} for epoch in range(4)]
    for record in records:
        folder.append_history(record)
    assert folder.read_history() == tuple(records)
    assert folder.truncate_history(2) == tuple(records[:2])
    folder.append_history(records[3])
    lines = (folder.path / HISTORY).read_text().splitlines()
    assert [json.loads(line) for line in lines] == [records[0], records[1], records[3]]


def test_a_torn_last_line_is_dropped(folder: RunFolder) -> None:
    folder.append_history({"epoch": 1})
    with (folder.path / HISTORY).open("a") as file:
        file.write('{"epoch": 2, "lo')
    assert folder.read_history() == ({"epoch": 1},)
    folder.truncate_history(5)
    folder.append_history({"epoch": 2})
    assert folder.read_history() == ({"epoch": 1}, {"epoch": 2})


def test_a_damaged_line_in_the_middle_is_an_error(folder: RunFolder) -> None:
    (folder.path / HISTORY).write_text('{"epoch": 1}\n{"ep\n{"epoch": 3}\n')
    with pytest.raises(RunError, match="damaged"):
        folder.read_history()


def test_without_a_history_there_are_no_records(folder: RunFolder) -> None:
    assert folder.read_history() == ()


def test_nan_never_reaches_a_file(folder: RunFolder) -> None:
    with pytest.raises(ValueError, match="JSON"):
        folder.append_history({"loss": float("nan")})
    assert folder.read_history() == ()


def test_weights_come_back_bit_for_bit(folder: RunFolder) -> None:
    shared = torch.randn(3, 4)
    last = torch.randn(2, 3, 4, 4).to(memory_format=torch.channels_last)
    tensors = {"a": shared, "tied": shared, "view": shared[1], "last": last, "count": torch.tensor(7)}
    folder.write_weights(tensors, {"format": "pt"})
    found = folder.read_weights()
    assert found.keys() == tensors.keys()
    assert all(torch.equal(found[name], value) and found[name].dtype == value.dtype for name, value in tensors.items())


def test_missing_and_damaged_weights_are_named(folder: RunFolder) -> None:
    with pytest.raises(RunError, match=r"missing; the run isn't finished.*--resume"):
        folder.read_weights()
    folder.write_weights({"a": torch.zeros(100)})
    path = folder.path / WEIGHTS
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(RunError, match="damaged"):
        folder.read_weights()


def test_where_the_disk_refuses_the_old_weights_stay(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.write_weights({"a": torch.zeros(3)})

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(RunError, match="No space left"):
        folder.write_weights({"a": torch.ones(3)})
    assert torch.equal(folder.read_weights()["a"], torch.zeros(3))


def test_what_a_killed_writer_left_goes_with_the_next(folder: RunFolder) -> None:
    left = folder.state / ".step-000000001.safetensors.99.partial"
    left.write_text("half")
    with folder.writing():
        assert not left.exists()
