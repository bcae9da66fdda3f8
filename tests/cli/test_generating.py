"""Where continuations are written: by name, never over a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from striate.cli.generating import _name_files, _write
from striate.errors import InputError


def test_files_are_numbered_where_there_are_several(tmp_path: Path) -> None:
    assert [path.name for path in _name_files(tmp_path / "a.npy", 3, None)] == ["a-1.npy", "a-2.npy", "a-3.npy"]


@pytest.mark.parametrize(("name", "rate"), [("a.mp3", 8000), ("a.wav", None), ("a", 8000), ("none/a.wav", 8000)])
def test_other_names_are_refused(tmp_path: Path, name: str, rate: int | None) -> None:
    with pytest.raises(InputError, match="--out"):
        _name_files(tmp_path / name, 1, rate)


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"mine")
    with pytest.raises(InputError, match="there already"):
        _name_files(path, 1, 8000)
    with pytest.raises(InputError, match="there already"):
        _write(path, np.zeros(4), 8000)
    assert path.read_bytes() == b"mine"


def test_sound_is_written_in_sixteen_bits(tmp_path: Path) -> None:
    values = np.linspace(-1, 1, 300)
    _write(tmp_path / "a.wav", values, 8000)
    found, rate = soundfile.read(tmp_path / "a.wav")
    assert rate == 8000
    np.testing.assert_allclose(found, values, atol=1e-4)
