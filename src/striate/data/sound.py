"""One sound file: its samples, as they are, and how many of them make a second."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray

from striate.data.folder import open_regular
from striate.data.store import shown
from striate.errors import DataError

if TYPE_CHECKING:
    from soundfile import SoundFile

SOUNDS = (".wav", ".flac", ".ogg", ".mp3")
MOST_SAMPLES = 1 << 26  # over all channels: 256 MiB, 25 minutes of one channel at 44,100 a second
MOST_CHANNELS = 64
MOST_LACKING = 0.02  # of what the header promises: a sound that lacks more was cut off
_AT_ONCE = 1 << 20
_UNKNOWN = 0xFFFFFF00  # a chunk's length from here on says that it wasn't known

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Header:
    """What a recording says of itself before it is read: samples of one channel, channels, samples per second."""

    frames: int
    channels: int
    rate: int


def is_sound(path: str | Path) -> bool:
    """Tell by its name whether a file holds sound.

    >>> is_sound("a/7_theo_3.WAV"), is_sound("photo.png")
    (True, False)
    """
    return str(path).lower().endswith(SOUNDS)


def read_sound(path: str | Path, most: int = MOST_SAMPLES) -> tuple[Floats, int]:
    """Read a sound file (wav, flac, ogg, mp3) whole: its samples and its rate, in samples per second.

    Whole numbers are scaled by their range to -1 to 1; a file of floats keeps what goes beyond.

    Shape:   float32 [channels, samples].
    Cost:    one pass over the file; 4 bytes a sample, twice that while it is read.
    Raises:  DataError for what is no sound, is empty, damaged, holds NaN or infinity, or more than `most` samples.
    """
    try:
        with open_regular(Path(path).expanduser()) as stream, _open(stream) as sound:
            _check_size(sound, most)
            values, rate = _read_blocks(sound, most), int(sound.samplerate)
    except Exception as problem:  # libsndfile's own errors, the disk's, and the limits above
        raise DataError(f"{shown(str(path))}: {explain_failure(problem)}, needed a sound. Give another") from None
    if not np.isfinite(values).all():
        raise DataError(f"{shown(str(path))}: found NaN or infinity, needed finite samples. Write the file anew")
    return values, rate


def read_header(stream: BinaryIO) -> Header:
    """Read how long a recording is. Raises: whatever soundfile raises for what is no sound."""
    with _open(stream) as sound:
        return Header(int(sound.frames), int(sound.channels), int(sound.samplerate))


def decode_sound(content: bytes, most: int = MOST_SAMPLES) -> tuple[Floats, int]:
    """Decode a recording that is to be learned from: whole, or refused where its end is missing.

    Shape:   float32 [channels, samples], and the rate.
    Raises:  ValueError with the reason, or whatever soundfile raises for what is no sound.
    """
    with _open(BytesIO(content)) as sound:
        _check_size(sound, most)
        promised, rate = int(sound.frames), int(sound.samplerate)
        values = _read_blocks(sound, most)
    found = min(values.shape[1] / max(1, promised), _share_written(content))
    if found < 1 - MOST_LACKING:
        raise ValueError(f"{100 * found:.0f} % of what its header promises: it was cut off")
    if not np.isfinite(values).all():
        raise ValueError("NaN or infinity")
    return values, rate


def _share_written(content: bytes) -> float:
    """How much is there of what a wav's chunks promise, which libsndfile silently makes do with.

    Source: Microsoft and IBM 1991, "Multimedia Programming Interface and Data Specifications 1.0", RIFF: a chunk's
    name is followed by the number of its bytes; all ones where a stream was written whose end wasn't known.
    """
    if content[:4] != b"RIFF":
        return 1.0
    share, place = _share_chunk(content, 0), 12
    while place + 8 <= len(content):
        share = min(share, _share_chunk(content, place))
        if content[place : place + 4] == b"data":
            break
        place += 8 + -(-_read_length(content, place) // 2) * 2
    return share


def _share_chunk(content: bytes, place: int) -> float:
    promised = _read_length(content, place)
    return 1.0 if promised >= _UNKNOWN else (len(content) - place) / (promised + 8)


def _read_length(content: bytes, place: int) -> int:
    return int.from_bytes(content[place + 4 : place + 8], "little")


def _open(stream: object) -> SoundFile:
    """Open by the file's content; a headerless file is none that can be read."""
    from soundfile import SoundFile

    return SoundFile(stream)


def _check_size(sound: SoundFile, most: int) -> None:
    if sound.channels > MOST_CHANNELS:
        raise ValueError(f"{sound.channels} channels, and at most {MOST_CHANNELS} are read")
    if sound.frames * sound.channels > most:
        raise ValueError(f"{sound.frames * sound.channels:,} samples, and at most {most:,} are read")
    if sound.samplerate < 1:
        raise ValueError(f"a rate of {sound.samplerate} samples per second")


def _read_blocks(sound: SoundFile, most: int) -> Floats:
    """Read to the end, not further than the limit: a header may lie about the length."""
    blocks, total = [], 0
    while len(block := sound.read(_AT_ONCE // sound.channels, dtype="float32", always_2d=True)):
        blocks.append(block)
        total += block.size
        if total > most:
            raise ValueError(f"more than the {most:,} samples that are read")
    if not blocks:
        raise ValueError("no sample in it")
    return np.ascontiguousarray(np.concatenate(blocks).T)


def explain_failure(problem: Exception) -> str:
    """Say in a few words why a sound can't be read."""
    if isinstance(problem, ImportError):
        return "the package soundfile isn't installed"
    if isinstance(problem, MemoryError):
        return "too large for the memory"
    if type(problem).__name__ == "LibsndfileError":
        return "not a sound that can be read"
    text = shown((getattr(problem, "strerror", None) or str(problem)).strip().split("\n")[0][:160])
    return f"found {text}" if isinstance(problem, ValueError) else text or type(problem).__name__
