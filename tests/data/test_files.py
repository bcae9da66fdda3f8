from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.data.draw import picture, save

from striate.data.files import load_files
from striate.errors import DataError


def test_files_in_the_order_given(tmp_path: Path) -> None:
    paths = [save(tmp_path / f"{name}.png", picture(seed)) for seed, name in enumerate("zab")]
    (tmp_path / "bad.png").write_bytes(b"x")
    asked: list[str | Path] = [
        paths[0],
        str(tmp_path / "bad.png"),
        paths[2],
        tmp_path / "gone.png",
        tmp_path,
        paths[1],
        paths[0],
    ]
    inputs, names, aside = load_files(asked, extents=(20, 20), channels=3)
    assert names == [str(paths[n]) for n in (0, 2, 1, 0)]
    for sample, seed in zip(inputs, (0, 2, 1, 0), strict=True):
        assert (np.moveaxis(sample, 0, 2) == np.asarray(picture(seed))).all()
    assert [(each.name, each.reason) for each in aside] == [
        (str(tmp_path / "bad.png"), "not an image that can be read"),
        (str(tmp_path / "gone.png"), "No such file or directory"),
        (str(tmp_path), "not a regular file"),
    ]


def test_no_file_at_all_keeps_the_shape(tmp_path: Path) -> None:
    inputs, names, aside = load_files([], extents=(8, 9), channels=1)
    assert (inputs.shape, inputs.dtype.name, names, aside) == ((0, 1, 8, 9), "uint8", [], ())
    assert load_files([tmp_path / "gone.png"], extents=(8, 9), channels=1)[0].shape == (0, 1, 8, 9)


def test_a_size_that_images_can_not_have() -> None:
    with pytest.raises(DataError, match="2 extents"):
        load_files([], extents=(8,), channels=1)
