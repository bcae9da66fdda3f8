"""Files that answers are written to: named by the files asked about, never over one that is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from striate.errors import InputError


def name_targets(paths: Sequence[Path], out: Path, ending: str) -> list[Path]:
    """Where each file's answer is written: under its name, with its own ending too where two differ in that alone.

    Raises:  InputError for a name that is there already, or that two files would get.
    """
    stems = Counter(path.stem for path in paths)
    targets = [out / f"{path.stem if stems[path.stem] == 1 else path.name}{ending}" for path in paths]
    twice = next((target for target, count in Counter(targets).items() if count > 1), None)
    if twice is not None:
        raise InputError(f"{twice}: found two files that would be written there, needed one. Name them apart")
    taken = next((target for target in targets if target.exists()), None)
    if taken is not None:
        raise InputError(f"{taken}: exists, and nothing is overwritten. Choose another --out")
    if out.exists() and not out.is_dir():
        raise InputError(f"{out}: is a file, needed a folder. Choose another --out")
    return targets


@contextmanager
def new_file(target: Path) -> Iterator[BinaryIO]:
    """A `with` that writes a file anew; what breaks off leaves none.

    Raises:  InputError where it is there, or the disk refuses.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        file = target.open("xb")
    except FileExistsError:
        raise InputError(f"{target}: exists, and nothing is overwritten. Choose another --out") from None
    except OSError as error:
        raise InputError(f"{target}: can't be written ({error.strerror}). Choose another --out") from None
    try:
        with file:
            yield file
    except BaseException as error:
        target.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise InputError(f"{target}: can't be written ({error.strerror}). Choose another --out") from None
        raise
