"""Files put in their place at once and whole, never over one that is there unless that is asked for."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from striate.errors import InputError


def check_place(path: Path, *, overwrite: bool = False) -> None:
    """Refuse a place that can't be written to, before any work is done.

    Raises:  InputError.
    """
    if path.is_dir():
        raise InputError(f"{path}: found a folder, needed a file's name. Give one in it, such as {path / 'model.onnx'}")
    if not path.parent.is_dir():
        raise InputError(f"{path}: found no folder {path.parent}, needed one that is there. Make it, or give another")
    if os.path.lexists(path) and not overwrite:
        raise InputError(
            f"{path}: is there already, and nothing is overwritten unasked. Give another path, or overwrite=True "
            "(--overwrite)"
        )


@contextmanager
def placing(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """A `with` that yields a path in a folder beside; at the end that file, and what lies beside it, takes its place.

    After an error nothing is there that wasn't there before.

    Raises:  InputError where the place is taken, or the disk refuses.
    """
    check_place(path, overwrite=overwrite)
    folder: Path | None = None
    try:
        folder = Path(tempfile.mkdtemp(prefix=f".{path.name[:60]}.", suffix=".partial", dir=path.parent))
        yield folder / path.name
        written = sorted(folder.iterdir(), key=lambda file: file.name == path.name)  # the file itself last
        for file in written:
            check_place(path.with_name(file.name), overwrite=overwrite)
        mode = _find_mode(folder)
        for file in written:
            file.chmod(mode)  # safetensors makes files that nobody else may read; here the user's umask decides
            _sync(file)
            os.replace(file, path.with_name(file.name))
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise InputError(f"{path}: can't be written ({reason}). Make room or choose another place") from problem
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _find_mode(folder: Path) -> int:
    probe = folder / "probe"
    probe.touch()
    return probe.stat().st_mode


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
