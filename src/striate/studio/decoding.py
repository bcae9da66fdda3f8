"""The decoder of uploads, a process of its own: it takes limits upon itself, then reads one file that nobody trusts.

It is run as `python -P -m striate.studio.decoding FILE READING`: raw values go to stdout, one line of JSON about them
to stderr. A hole in a decoder's C code meets a process without cookies or tokens, that can write no large file, open
few and must end soon.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_PIXELS = 40_000_000
MOST_SOUND_SECONDS = 600
MOST_TEXT_BYTES = 1 << 20
MOST_OUTPUT_BYTES = 512 << 20
MEMORY_BYTES = 3 << 30
MEMORY_BYTES_TORCH = 12 << 30  # of addresses: torch maps its libraries, and its threads their stacks
COMPUTING_SECONDS = 30
FILES = 128

# What `data.tree` reads, said here again because the page shouldn't wait for numpy.
IMAGES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm")
SOUND = (".wav", ".flac", ".ogg", ".mp3")
VIDEO = (".mp4", ".avi", ".mkv", ".webm", ".mov")
ARRAYS = (".npy", ".npz")
TEXTS = (".txt", ".csv", ".tsv")
ENDINGS = (*IMAGES, *SOUND, *VIDEO, *ARRAYS, *TEXTS)
TYPES = (
    "uint8",
    "int8",
    "uint16",
    "int16",
    "uint32",
    "int32",
    "uint64",
    "int64",
    "float16",
    "float32",
    "float64",
    "bool",
)


class TooMuch(Exception):  # noqa: N818 - a limit, not an error of this program's
    """The file is more than the studio takes."""


def limit_process(memory: int) -> None:
    """Take away memory, time, files and the way to write large ones, so that nothing here can give them back."""
    try:
        import resource
    except ImportError:  # a system without them: the parent's clock still ends it
        return
    wanted = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: COMPUTING_SECONDS,
        resource.RLIMIT_NOFILE: FILES,
        resource.RLIMIT_FSIZE: MOST_OUTPUT_BYTES,
        resource.RLIMIT_CORE: 0,
    }
    for which, most in wanted.items():
        hard = resource.getrlimit(which)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (most, most))


def decode(path: Path) -> tuple[str, NDArray[Any], float | None]:
    """Decode a file as it is: its kind, its values, and samples or frames a second."""
    ending = path.suffix
    if ending in IMAGES:
        return _decode_picture(path)
    if ending in SOUND:
        return _decode_sound(path)
    if ending in VIDEO:
        return _decode_clip(path)
    return ("array", _decode_array(path), None) if ending in ARRAYS else ("text", _decode_text(path), None)


def _decode_picture(path: Path) -> tuple[str, NDArray[Any], float | None]:
    from io import BytesIO

    from striate.data.animation import is_animated, iterate_animation, read_animation_span
    from striate.data.images import decode_image, read_header

    content = path.read_bytes()
    header = read_header(BytesIO(content))
    _check_pixels(header.height * header.width)
    if path.suffix == ".gif" and is_animated(BytesIO(content)):
        span = read_animation_span(BytesIO(content))
        return _gather(iterate_animation(BytesIO(content)), span.frames, span.seconds, header.height * header.width)
    return "image", decode_image(content, (header.height, header.width), 1 if header.grey else 3)[0], None


def _decode_sound(path: Path) -> tuple[str, NDArray[Any], float | None]:
    from io import BytesIO

    from striate.data.sound import decode_sound, read_header

    content = path.read_bytes()
    header = read_header(BytesIO(content))
    most = MOST_SOUND_SECONDS * header.rate * header.channels
    if header.frames > MOST_SOUND_SECONDS * header.rate:
        raise TooMuch(f"a sound of more than {MOST_SOUND_SECONDS // 60} minutes")
    values, rate = decode_sound(content, min(most, MOST_OUTPUT_BYTES // 4))
    return "sound", values, float(rate)


def _decode_clip(path: Path) -> tuple[str, NDArray[Any], float | None]:
    from io import BytesIO

    from striate.data.video import can_read_video, iterate_video, read_video_span

    if not can_read_video():
        raise ValueError("the package av isn't installed: pip install 'striate[video]'")
    content = path.read_bytes()
    span = read_video_span(BytesIO(content))
    height, width = next(iter(iterate_video(BytesIO(content))))[1].shape[:2]
    return _gather(iterate_video(BytesIO(content)), span.frames, span.seconds, height * width)


def _gather(frames: Any, count: int, seconds: float | None, pixels: int) -> tuple[str, NDArray[Any], float | None]:
    """Put frames into one array; of more than the limit of pixels holds, every so many are kept."""
    import numpy as np

    _check_pixels(pixels)
    step = max(1, -(-count * pixels // MOST_PIXELS))
    kept = [np.moveaxis(frame, 2, 0) for number, (_, frame) in enumerate(frames) if number % step == 0]
    if len(kept) * pixels > 2 * MOST_PIXELS or any(frame.shape != kept[0].shape for frame in kept):
        raise TooMuch(f"a clip of more than {MOST_PIXELS:,} pixels, or of frames of several sizes")
    rate = len(kept) / seconds if seconds else None
    return "clip", np.stack(kept, 1), rate


def _decode_array(path: Path) -> NDArray[Any]:
    from striate.data.folder import Folder
    from striate.data.volume import read_volume

    folder = Folder(path.parent)
    array = read_volume(folder, next(entry for entry in folder.entries if entry.name == path.name))
    if array.size > MOST_PIXELS:
        raise TooMuch(f"an array of more than {MOST_PIXELS:,} numbers")
    return array


def _decode_text(path: Path) -> NDArray[Any]:
    import numpy as np

    content = path.read_bytes()
    if len(content) > MOST_TEXT_BYTES:
        raise TooMuch(f"a text of more than {MOST_TEXT_BYTES:,} bytes")
    if not content or b"\0" in content:
        raise ValueError("found no text in it")
    content.decode("utf-8-sig")
    return np.frombuffer(content, np.uint8)


def _check_pixels(pixels: int) -> None:
    if pixels > MOST_PIXELS:
        raise TooMuch(f"a picture of {pixels:,} pixels, and at most {MOST_PIXELS:,} are read")


def decode_as(path: Path, reading: Mapping[str, Any]) -> tuple[str, NDArray[Any], float | None]:
    """Decode a file as a run reads its samples."""
    from striate.data.files import find_kind, load_files

    if path.suffix not in (*ARRAYS, *TEXTS):
        decode(path)  # the limits
    inputs, _, aside = load_files(
        [path], extents=tuple(reading["extents"]), channels=reading["channels"], reading=reading.get("reading")
    )
    if aside:
        raise ValueError(aside[0].reason)
    return find_kind(reading.get("reading")), inputs[0], None


def main(path: Path, reading: Mapping[str, Any] | None) -> None:
    """Decode one file: values to stdout, a line about them to stderr."""
    limit_process(MEMORY_BYTES if reading is None else MEMORY_BYTES_TORCH)
    about: dict[str, Any]
    try:
        import warnings

        import numpy as np

        warnings.simplefilter("ignore")
        kind, values, rate = decode(path) if reading is None else decode_as(path, reading)
        values = np.ascontiguousarray(values)
        if values.dtype.name not in TYPES or values.nbytes > MOST_OUTPUT_BYTES or not values.nbytes:
            raise TooMuch(f"{values.nbytes:,} bytes of {values.dtype.name}")
        sys.stdout.buffer.write(values.data.cast("B"))
        sys.stdout.buffer.flush()
        about = {"kind": kind, "shape": list(values.shape), "dtype": values.dtype.name, "rate": rate}
    except TooMuch as much:
        about = {"refused": str(much)}
    except MemoryError:
        about = {"refused": "a file that needs more memory than it may have"}
    except Exception as problem:  # decoders raise almost anything on damaged files
        bomb = type(problem).__name__ == "DecompressionBombError"
        about = {"refused" if bomb else "error": f"this file can't be read: {_explain(path, problem)}"}
    print(f"\n{json.dumps(about)}", file=sys.stderr)


def _explain(path: Path, problem: Exception) -> str:
    """Why, in a few words and without a path."""
    from striate.data.images import explain_failure as explain_picture
    from striate.data.sound import explain_failure as explain_sound

    said = explain_sound(problem) if path.suffix in SOUND else explain_picture(problem)
    return said.replace(str(path), "it").replace(str(path.parent), "")


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
