from __future__ import annotations

import os
from pathlib import Path

import pytest

from striate.errors import InputError
from striate.nets.export.placing import check_place, placing


def test_a_file_and_what_lies_beside_it_take_their_places_together(tmp_path: Path) -> None:
    path = tmp_path / "a.onnx"
    with placing(path) as file:
        assert file.name == path.name
        file.write_text("graph")
        file.with_name("a.onnx.data").write_text("weights")
        file.chmod(0o600)
        assert not path.exists()
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {"a.onnx": "graph", "a.onnx.data": "weights"}
    (tmp_path / "other").touch()
    assert path.stat().st_mode == (tmp_path / "other").stat().st_mode


def test_after_an_error_all_is_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.onnx"
    path.write_text("old")

    def fail() -> None:
        with placing(path, overwrite=True) as file:
            file.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("a.onnx", "old")]


def test_what_is_there_stays_unless_it_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.onnx"
    path.write_text("old")
    with pytest.raises(InputError, match=r"is there already.*--overwrite"), placing(path):
        pytest.fail("nothing may be begun")
    with placing(path, overwrite=True) as file:
        file.write_text("new")
    assert path.read_text() == "new"


@pytest.mark.parametrize("name", ["a.onnx", "a.onnx.data"])
def test_what_came_meanwhile_is_not_written_over(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.onnx"

    def meet() -> None:
        with placing(path) as file:
            file.write_text("graph")
            file.with_name("a.onnx.data").write_text("weights")
            (tmp_path / name).write_text("another's")

    with pytest.raises(InputError, match="is there already"):
        meet()
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [(name, "another's")]


def test_a_link_to_nowhere_is_something_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").symlink_to(tmp_path / "nosuch")
    with pytest.raises(InputError, match="is there already"):
        check_place(tmp_path / "a.onnx")


def test_places_that_cannot_be(tmp_path: Path) -> None:
    for path, said in ((tmp_path, "found a folder"), (tmp_path / "nosuch" / "a.onnx", "found no folder")):
        with pytest.raises(InputError, match=said) as caught:
            check_place(path)
        assert "\n" not in str(caught.value)


def test_a_disk_that_refuses_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(InputError, match="No space left") as caught, placing(tmp_path / "a.onnx") as file:
        file.write_text("graph")
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())
