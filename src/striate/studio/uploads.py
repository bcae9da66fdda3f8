"""Inputs that the page sends: kept under a handle in a folder of the studio's own, decoded by a limited child process.

The file's name gives its ending and nothing else; its bytes are never looked at in this process, nothing is unpickled.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from os import environ
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryFile
from threading import BoundedSemaphore
from typing import IO, TYPE_CHECKING, Any

from striate.errors import DataError, InputError
from striate.studio.decoding import ENDINGS, MOST_OUTPUT_BYTES, TYPES
from striate.studio.refusal import Refused
from striate.studio.scratch import Scratch

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_BYTES = 32 << 20
MOST_KEPT = 24
MOST_CHILDREN = 2
SECONDS = 120.0  # on the clock, which a busy machine stretches; computing time has a limit of its own
_PASSED_ON = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "VIRTUAL_ENV")


@dataclass(frozen=True)
class Upload:
    """An uploaded input as it was decoded: its values lie in a file, and are read as they are needed.

    Shape: `image` uint8 [1 or 3, H, W]; `sound` float32 [channels, samples] at `rate` a second; `clip` uint8 [3,
    frames, H, W] at `rate` frames a second; `array` as stored; `text` its bytes, uint8 [bytes].
    """

    path: Path
    kind: str
    shape: tuple[int, ...]
    dtype: str
    values: NDArray[Any] = field(repr=False)
    rate: float | None = None

    def describe(self) -> dict[str, Any]:
        """What the page is told of it."""
        return {"kind": self.kind, "shape": list(self.shape), "dtype": self.dtype, "rate": self.rate}


class Uploads:
    """The uploads of one studio, in a folder that goes when the studio does."""

    def __init__(self, seconds: float = SECONDS) -> None:
        """Nothing is made before the first one."""
        self.seconds = seconds
        self._scratch, self._turn = Scratch("striate-studio-"), BoundedSemaphore(MOST_CHILDREN)

    def keep(self, content: bytes, name: str) -> Upload:
        """Keep a file and decode it as it is.

        Raises:  Refused for an ending that isn't read, and for what a limit forbids; DataError for a file that can't
                 be read.
        """
        ending = find_ending(name)
        path = self._scratch.folder / f"{token_hex(16)}{ending}"
        path.write_bytes(content)
        try:
            return self.decode(path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def decode(self, path: Path, reading: Mapping[str, Any] | None = None) -> Upload:
        """Decode a kept file in a child process, as it is; with `reading`, as a run reads its samples.

        `reading` holds `extents`, `channels` and the data's `reading`, as `data.load_files` takes them.
        Raises:  as `keep`.
        """
        import numpy as np

        target = path.with_name(f"{path.stem}-{token_hex(4)}.raw")
        try:
            with open(target, "w+b") as output, self._turn:
                header = run_child(path, reading, output, self.seconds)
            shape, dtype = _check_header(header, target.stat().st_size)
            values = np.memmap(target, dtype, "r", shape=shape)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        if sys.platform != "win32":
            target.unlink()  # the mapping keeps it
        return Upload(path, str(header["kind"]), shape, dtype, values, header.get("rate"))

    def forget(self, upload: Upload) -> None:
        """Remove an upload's file."""
        upload.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Remove them all."""
        self._scratch.close()


def find_ending(name: str) -> str:
    """Give the ending of a file's name, of which nothing else is used.

    Raises:  Refused for one that isn't read.

    >>> find_ending("../../etc/Cat.PNG")
    '.png'
    """
    ending = f".{name.rsplit('.', 1)[-1].lower()}" if "." in name else ""
    if ending not in ENDINGS:
        raise Refused(415, "upload", f"needed a file that ends in one of {' '.join(ENDINGS)}", ending or "no ending")
    return ending


def run_child(path: Path, reading: Mapping[str, Any] | None, output: IO[bytes], seconds: float) -> dict[str, Any]:
    """Run the decoder on a file; its values go to `output`, and what it says of them is given.

    Raises:  Refused where a limit ends it, DataError where the file can't be read.
    """
    command = [sys.executable, "-P", "-m", "striate.studio.decoding", str(path), json.dumps(reading)]
    alone = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    with TemporaryFile() as said:  # files, of which the child's limit holds: a pipe would be read without end
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=said,
            cwd=path.parent,
            env={name: environ[name] for name in _PASSED_ON if name in environ} | alone,
            start_new_session=True,
        )
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Refused(422, "upload", f"a file that takes more than {seconds:g} seconds to read") from None
        finally:
            with suppress(OSError):
                child.kill()
            child.wait()
        said.seek(max(0, said.seek(0, 2) - 4096))
        return _read_answer(said.read(), child.returncode)


def _read_answer(said: bytes, code: int) -> dict[str, Any]:
    """What the child said in its last line."""
    try:
        answer = json.loads(said.decode("utf-8").strip().rsplit("\n", 1)[-1])
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or not ({"error", "refused", "kind"} & answer.keys()):
        raise Refused(422, "upload", "a file that breaks the limits of memory or time, or the decoder", f"exit {code}")
    if "refused" in answer:
        raise Refused(413, "upload", str(answer["refused"])[:300])
    if "error" in answer:
        raise DataError(str(answer["error"])[:300])
    return answer


def _check_header(header: Mapping[str, Any], size: int) -> tuple[tuple[int, ...], str]:
    """Shape and type, if they are what the child may say and as long as what it wrote."""
    import numpy as np

    shape, dtype = header.get("shape"), header.get("dtype")
    fine = isinstance(shape, list) and 0 < len(shape) <= 16 and all(isinstance(n, int) and n > 0 for n in shape)
    if not fine or dtype not in TYPES:
        raise InputError("upload: the decoder gave no array. Give another file")
    count = 1
    for extent in shape or ():
        count *= extent
    if count * np.dtype(dtype).itemsize != size or size > MOST_OUTPUT_BYTES:
        raise InputError("upload: the decoder gave an array of another size. Give another file")
    return tuple(shape or ()), str(dtype)
