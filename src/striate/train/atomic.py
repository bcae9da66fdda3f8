"""Files that are either the old ones or the new ones, whole, whenever the power goes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from striate.errors import RunError

_SUFFIX = ".partial"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A `with` that yields a temporary path near `path` to write to; at the end it takes `path`'s place at once.

    File and folder are on the disk before the `with` ends. After an error `path` is as it was. The temporary file has a
    folder to itself, since safetensors puts one of its own beside it, which a kill would leave behind.

    Raises:
        RunError: where the disk refuses.
    """
    room = path.with_name(f".{path.name}.{os.getpid()}{_SUFFIX}")
    temporary = room / f"{path.name}{_SUFFIX}"
    try:
        room.mkdir(exist_ok=True)
        temporary.touch()
        mode = temporary.stat().st_mode
        yield temporary
        temporary.chmod(mode)  # safetensors makes files that nobody else may read; here the user's umask decides
        _sync(temporary)
        os.replace(temporary, path)
        _sync(path.parent)
    except OSError as error:
        reason = error.strerror or str(error)
        raise RunError(
            f"{path}: can't be written ({reason}); what was there is kept. Make room or choose another disk."
        ) from error
    finally:
        shutil.rmtree(room, ignore_errors=True)


def clear_partial(folder: Path) -> None:
    """Remove what writers that were killed left behind, as far as it can be; only for who holds the folder's lock."""
    for path in folder.glob(f".*{_SUFFIX}"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return  # Windows opens no folders
    descriptor = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
