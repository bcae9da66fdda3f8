"""A saved result read back, and held against the filter's own numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image
from tests.report.convolving.test_filters import make

from striate.errors import InputError
from striate.report.convolving.filteredfiles import check_filtered_place, save_filtered


def test_a_sound_that_is_too_loud_is_made_softer_as_a_whole(tmp_path: Path) -> None:
    found = make((2, 500), ("laplacian",), 8000)
    after = found.applied[0].after.double().numpy()
    loudest = max(abs(value) for channel in after for value in channel)
    assert loudest > 1
    path, said = save_filtered(found, tmp_path / "a.wav")
    read, rate = soundfile.read(path)
    assert rate == 8000
    assert np.abs(read.T - after / loudest).max() < 2 / 2**15
    assert f"{1 / loudest:.3g} times" in said


def test_a_blurred_picture_is_its_values_in_bytes(tmp_path: Path) -> None:
    found = make((1, 6, 9), ("blur",))
    path, said = save_filtered(found, tmp_path / "a.png")
    expected = [[round(255 * float(value)) for value in row] for row in found.applied[0].after[0]]
    assert np.abs(np.asarray(Image.open(path), int) - expected).max() <= 1
    assert said.startswith("black to white: 0 to 1")


@pytest.mark.parametrize("name", ["a.jpg", "nowhere/a.png", "there.png"])
def test_a_place_that_cannot_be_written_is_refused_before(tmp_path: Path, name: str) -> None:
    (tmp_path / "there.png").write_bytes(b"mine")
    with pytest.raises(InputError, match=name.rpartition("/")[2]):
        check_filtered_place(tmp_path / name)
    assert (tmp_path / "there.png").read_bytes() == b"mine"
    assert [path.name for path in tmp_path.iterdir()] == ["there.png"]
