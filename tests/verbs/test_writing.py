"""Names of answers, and files that are written once and whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from striate.errors import InputError
from striate.verbs.writing import name_targets, new_file


def test_names_that_differ_in_their_ending_alone_keep_it(tmp_path: Path) -> None:
    paths = [Path("x/a.jpg"), Path("x/a.png"), Path("x/b.png")]
    assert [target.name for target in name_targets(paths, tmp_path, ".png")] == ["a.jpg.png", "a.png.png", "b.png"]


def test_names_that_are_taken_or_shared_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("mine")
    for paths in ([Path("a.jpg")], [Path("x/b.png"), Path("y/b.png")]):
        with pytest.raises(InputError):
            name_targets(paths, tmp_path, ".png")
    with pytest.raises(InputError, match="needed a folder"):
        name_targets([Path("b.jpg")], tmp_path / "a.png", ".png")


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    target = tmp_path / "new" / "a.bin"
    with pytest.raises(TypeError), new_file(target) as file:
        file.write("no bytes")  # type: ignore[call-overload]
    assert not target.exists()
    with new_file(target) as file:
        file.write(b"whole")
    with pytest.raises(InputError, match="overwritten"), new_file(target):
        pass
    assert target.read_bytes() == b"whole"
