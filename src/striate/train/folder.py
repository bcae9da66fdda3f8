"""The run folder: everything a run is, as plain text and safetensors, never a pickle.

One run, one writer; no file is ever half-written; an existing folder is never overwritten.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import filelock
import safetensors
from safetensors.torch import load_file, save_file
from torch import Tensor

from striate.errors import RunError
from striate.train.atomic import clear_partial, replacing

NET, SETTINGS, HISTORY = "net.txt", "settings.json", "history.jsonl"
WEIGHTS, REPORT, STATE = "weights.safetensors", "report.html", "state"
_LOCK = "lock"


class RunFolder:
    """A run's folder; made by `create`, found again by `open`."""

    def __init__(self, path: str | Path) -> None:
        """Name the folder; nothing is read or written."""
        self.path = Path(path)
        self.state = self.path / STATE
        self._lock = filelock.FileLock(self.state / _LOCK, blocking=False)

    @classmethod
    def create(cls, path: str | Path) -> RunFolder:
        """Make the folder, with those above it.

        Raises:
            RunError: where something is there already, or the folder can't be made.
        """
        folder = cls(path)
        try:
            if folder.path.exists() and (not folder.path.is_dir() or any(folder.path.iterdir())):
                raise FileExistsError
            folder.path.mkdir(parents=True, exist_ok=True)
            folder.state.mkdir()  # of two runs that come here at once, one fails
        except FileExistsError as error:
            raise RunError(
                f"{path}: is there already, and a run is never overwritten. Choose another folder, or go on with that "
                f"run: striate train --resume {path}"
            ) from error
        except OSError as error:
            raise RunError(f"{path}: can't be made ({error.strerror or error}). Choose another folder.") from error
        return folder

    @classmethod
    def open(cls, path: str | Path) -> RunFolder:
        """An existing run's folder.

        Raises:
            RunError: where there is none.
        """
        folder = cls(path)
        if not folder.path.is_dir():
            raise RunError(f"{path}: there is no such folder. A run folder is what `striate train --out` writes.")
        if not any((folder.path / name).exists() for name in (SETTINGS, WEIGHTS, STATE)):
            raise RunError(
                f"{path}: not a run folder: it has no {SETTINGS}. A run folder is what `striate train` writes."
            )
        return folder

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A `with` that holds the folder against other writers; may be nested.

        Raises:
            RunError: where another process, or another RunFolder of this one, is writing.
        """
        try:
            self.state.mkdir(exist_ok=True)
            self._lock.acquire()
        except filelock.Timeout as error:
            raise RunError(
                f"{self.path}: another process is writing to this run. Wait for it, or stop it first."
            ) from error
        except OSError as error:
            raise RunError(f"{self.path}: can't be written to ({error.strerror or error}).") from error
        try:
            clear_partial(self.path)
            clear_partial(self.state)
            yield
        finally:
            self._lock.release()

    def write_text(self, name: str, text: str) -> None:
        """Write a file whole, or not at all."""
        with replacing(self.path / name) as temporary:
            temporary.write_text(text, encoding="utf-8")

    def write_json(self, name: str, value: Any) -> None:
        """Write plain values as JSON, whole or not at all."""
        self.write_text(name, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")

    def read_text(self, name: str) -> str:
        """A file's text.

        Raises:
            RunError: where it is missing or unreadable.
        """
        try:
            return (self.path / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not UTF-8"
            raise RunError(
                f"{self.path / name}: can't be read ({reason}). Is {self.path} a complete run folder?"
            ) from error

    def read_json(self, name: str) -> Any:
        """A JSON file's value.

        Raises:
            RunError: where it is missing, unreadable or not JSON.
        """
        text = self.read_text(name)
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            raise RunError(f"{self.path / name}:{error.lineno}: not JSON ({error.msg}). Restore the file.") from error

    def append_history(self, record: Mapping[str, Any]) -> None:
        """Add one line to the history; it is on the disk when this returns."""
        line = json.dumps(dict(record), ensure_ascii=False, allow_nan=False) + "\n"
        try:
            with (self.path / HISTORY).open("ab") as file:
                file.write(line.encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise RunError(
                f"{self.path / HISTORY}: can't be written ({error.strerror or error}). Make room."
            ) from error

    def read_history(self) -> tuple[dict[str, Any], ...]:
        """The records of the finished epochs; a last line that was cut off by a crash is left out.

        Raises:
            RunError: where another line is damaged.
        """
        path = self.path / HISTORY
        if not path.exists():
            return ()
        lines = self.read_text(HISTORY).split("\n")[:-1]
        try:
            return tuple(json.loads(line) for line in lines)
        except json.JSONDecodeError as error:
            raise RunError(f"{path}: a line is damaged ({error.msg}). Restore the file.") from error

    def truncate_history(self, length: int) -> tuple[dict[str, Any], ...]:
        """Keep the first `length` records and return them; a resumed run writes the later ones anew."""
        records = self.read_history()[:length]
        self.write_text(HISTORY, "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records))
        return records

    def write_weights(self, tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None) -> None:
        """Write a state dict, whole or not at all."""
        with replacing(self.path / WEIGHTS) as temporary, as_os_error():
            save_file(unshare(tensors), temporary, metadata=dict(metadata or {}))

    def read_weights(self) -> dict[str, Tensor]:
        """The state dict that the run ended with.

        Raises:
            RunError: where it is missing or damaged.
        """
        path = self.path / WEIGHTS
        if not path.exists():
            raise RunError(
                f"{path}: missing; the run isn't finished. Go on with it: striate train --resume {self.path}"
            )
        try:
            return load_file(path)
        except (safetensors.SafetensorError, OSError) as error:
            raise RunError(
                f"{path}: damaged or unreadable ({error}). Write it anew: striate train --resume {self.path}"
            ) from error


def unshare(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors as safetensors takes them: in main memory, contiguous, no two (as tied weights are) in one memory."""
    result: dict[str, Tensor] = {}
    taken: set[int] = set()
    for name, value in tensors.items():
        plain = value.detach().cpu().contiguous()
        place = plain.untyped_storage().data_ptr()
        result[name] = plain.clone() if place in taken else plain
        taken.add(place)
    return result


@contextmanager
def as_os_error() -> Iterator[None]:
    """A `with` that turns safetensors' own error for a full disk into the usual one."""
    try:
        yield
    except safetensors.SafetensorError as error:
        raise OSError(str(error)) from error
