from __future__ import annotations

import os
import struct
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from striate.data.sound import MOST_CHANNELS, read_sound
from striate.errors import DataError


def write(path: Path, samples: np.ndarray[tuple[int, ...], np.dtype[np.int16]], rate: int = 8000) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[0])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.T.astype("<i2").tobytes())
    return path


@pytest.mark.parametrize("channels", [1, 2])
def test_samples_are_the_files_by_their_range(tmp_path: Path, channels: int) -> None:
    samples = np.random.default_rng(0).integers(-32768, 32768, (channels, 3000)).astype(np.int16)
    samples[0, :2] = -32768, 32767
    values, rate = read_sound(write(tmp_path / "a.wav", samples, 11025))
    assert values.dtype == np.float32
    assert (values.shape, rate) == ((channels, 3000), 11025)
    assert np.array_equal(values * 32768, samples.astype(np.float32))
    assert values.flags.c_contiguous


@pytest.mark.parametrize(("suffix", "close"), [("flac", 1e-4), ("ogg", 0.1), ("mp3", 0.1)])
def test_other_formats_are_read(tmp_path: Path, suffix: str, close: float) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(8000) / 16000)
    soundfile.write(tmp_path / f"a.{suffix}", tone, 16000)
    values, rate = read_sound(tmp_path / f"a.{suffix}")
    assert rate == 16000
    assert abs(values[0, 2000:6000].std() - tone[2000:6000].std()) < close


def test_floats_beyond_the_range_stay(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.array([0.0, 2.5, -3.0]), 8000, subtype="FLOAT")
    assert read_sound(tmp_path / "a.wav")[0].tolist() == [[0.0, 2.5, -3.0]]


def test_what_cannot_be_read_is_said_in_a_line(tmp_path: Path) -> None:
    good = write(tmp_path / "good.wav", np.zeros((1, 50), np.int16)).read_bytes()
    cases = {
        "text.wav": (b"no sound at all" * 9, "not a sound"),
        "nothing.wav": (b"", "not a sound"),
        "empty.wav": (good[:40] + struct.pack("<I", 0), "no sample"),
        "cut.mp3": (b"\xff\xfb" + bytes(40), "not a sound|no sample"),
    }
    for name, (content, said) in cases.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=said) as caught:
            read_sound(tmp_path / name)
        assert name in str(caught.value)
        assert "\n" not in str(caught.value)
    with pytest.raises(DataError, match="No such file"):
        read_sound(tmp_path / "absent.wav")
    with pytest.raises(DataError, match="not a regular file"):
        read_sound(tmp_path)


def test_limits_hold_before_and_while_it_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "long.wav", np.zeros((2, 600), np.int16))
    assert read_sound(path, most=1200)[0].shape == (2, 600)
    with pytest.raises(DataError, match="1,200 samples, and at most 1,199"):
        read_sound(path, most=1199)
    soundfile.write(tmp_path / "wide.wav", np.zeros((4, MOST_CHANNELS + 1)), 8000)
    with pytest.raises(DataError, match="at most 64"):
        read_sound(tmp_path / "wide.wav")


def test_a_header_that_lies_about_its_length_is_not_believed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", np.ones((1, 100), np.int16))
    content = bytearray(path.read_bytes())
    content[40:44] = struct.pack("<I", 2**31 - 2)
    path.write_bytes(content)
    assert read_sound(path)[0].shape == (1, 100)


def test_numbers_that_are_none_are_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.array([0.0, np.nan]), 8000, subtype="FLOAT")
    with pytest.raises(DataError, match="NaN"):
        read_sound(tmp_path / "a.wav")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(DataError, match="not a regular file"):
        read_sound(tmp_path / "pipe.wav")
