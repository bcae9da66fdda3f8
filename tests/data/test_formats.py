from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from tests.data.draw import make_folder, picture, save, write_idx

from striate.data.load import load_dataset
from striate.errors import DataError


def test_a_folder_of_images_with_an_array_beside_is_images(tmp_path: Path) -> None:
    make_folder(tmp_path, {"cat": 4, "dog": 4})
    np.savez(tmp_path / "features.npz", x=np.zeros((8, 2)), y=np.arange(8))
    data = load_dataset(tmp_path)
    assert data.facts.kind == "images"
    assert [aside.name for aside in data.set_aside] == ["features.npz"]


def test_idx_files_with_a_picture_in_the_documents_are_idx(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    write_idx(tmp_path / "data", "train", 30)
    save(tmp_path / "doc" / "sprite.png", picture(0))
    assert load_dataset(tmp_path).facts.extents == (5, 6)


def test_an_archive_beside_class_folders_is_no_part(tmp_path: Path) -> None:
    make_folder(tmp_path, {"cat": 4, "dog": 4})
    (tmp_path / "old.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    assert [aside.name for aside in load_dataset(tmp_path).set_aside] == ["old.zip"]


def test_single_files_say_what_is_needed(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"x\.png: is a single file; needed a folder"):
        load_dataset(save(tmp_path / "x.png", picture(0)))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes are made the POSIX way")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.zip")
    with pytest.raises(DataError, match="no regular file"):
        load_dataset(tmp_path / "pipe.zip")


def test_a_folder_that_can_not_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(DataError, match=r"can't be listed \(Permission denied\)"):
        load_dataset(tmp_path)
