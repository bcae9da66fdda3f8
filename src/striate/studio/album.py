"""An album: what a run looked like at its checkpoints, as small files beside its job, as far as the studio saw it.

The run's own folder keeps its last checkpoints alone. Each moment is a safetensors file; where they come to too many
bytes, those go whose neighbours are nearest, so that what is left is spread over the whole training.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays = Mapping[str, NDArray[Any]]

MOMENTS, EXAMPLES = "moments", "examples.safetensors"
MOST_BYTES = 64 << 20
_WORD = "facts"
_FIRST = 8  # bytes of a safetensors file that say how long its header is
_MOST_HEADER = 1 << 22


class Album:
    """The moments of one run, and the examples that its answers are shown for; all of it can be thrown away."""

    def __init__(self, job: Path, run: Path, most_bytes: int = MOST_BYTES) -> None:
        """Name the folders; nothing is read or written."""
        self.folder, self.run, self.most_bytes = job / MOMENTS, run, most_bytes

    @property
    def identity(self) -> str:
        """What tells this run from another one that stood in the same folder: its settings."""
        try:
            return blake2b((self.run / "settings.json").read_bytes(), digest_size=8).hexdigest()
        except OSError:
            return ""

    def list_facts(self) -> list[dict[str, Any]]:
        """What is known of each moment of this run, the earliest first; a file that can't be read is passed over."""
        identity = self.identity
        found = (read_facts(path) for path in sorted(self.folder.glob("step-*.safetensors")))
        return [facts for facts in found if facts and facts.get("identity") == identity]

    def keep(self, step: int, facts: Mapping[str, Any], arrays: Arrays) -> None:
        """Keep a moment, in place of the one of the same step."""
        self._write(self._find(step), {**facts, "step": step}, arrays)
        self._thin()

    def keep_examples(self, facts: Mapping[str, Any], arrays: Arrays) -> None:
        """Keep the examples."""
        self._write(self.folder / EXAMPLES, facts, arrays)

    def read(self, step: int) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """A moment's facts and arrays. Raises: InputError where it is gone."""
        return self._read(self._find(step), f"step {step}: this moment is kept no more. Choose another")

    def read_examples(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]] | None:
        """The examples of this run; None where there are none yet."""
        with suppress(InputError):
            facts, arrays = self._read(self.folder / EXAMPLES, "")
            if facts.get("identity") == self.identity:
                return facts, arrays
        return None

    def drop_after(self, step: int) -> None:
        """Drop the moments after a step: the run went back there and goes another way."""
        for path in self._list():
            if _read_step(path) > step:
                path.unlink(missing_ok=True)

    def clear_others(self) -> None:
        """Drop what an earlier run of the same name left, and drafts of a writer that was killed."""
        identity = self.identity
        for path in self.folder.glob("*.safetensors*"):
            facts = read_facts(path) if path.suffix == ".safetensors" else None
            if facts is None or facts.get("identity") != identity:
                path.unlink(missing_ok=True)

    def _find(self, step: int) -> Path:
        return self.folder / f"step-{step:09d}.safetensors"

    def _list(self) -> list[Path]:
        return sorted(self.folder.glob("step-*.safetensors"))

    def _write(self, path: Path, facts: Mapping[str, Any], arrays: Arrays) -> None:
        import numpy as np
        from safetensors.numpy import save

        self.folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps({**facts, "identity": self.identity})
        plain = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.write_bytes(save(plain, {_WORD: text}))
        os.replace(draft, path)

    def _read(self, path: Path, told: str) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        from safetensors import SafetensorError
        from safetensors.numpy import load

        try:
            facts, content = read_facts(path), path.read_bytes()
            if facts is None:
                raise InputError(told)
            return facts, load(content)
        except (OSError, SafetensorError):
            raise InputError(told) from None

    def _thin(self) -> None:
        """Drop moments until the rest is small enough; the first and the last stay."""
        paths = self._list()
        sizes = {path: _read_size(path) for path in paths}
        while len(paths) > 2 and sum(sizes[path] for path in paths) > self.most_bytes:
            gone = paths[choose_gone([_read_step(path) for path in paths])]
            gone.unlink(missing_ok=True)
            paths.remove(gone)


def choose_gone(steps: Sequence[int]) -> int:
    """The place of the step whose neighbours are nearest to each other; the first and the last are never it.

    >>> choose_gone([0, 10, 11, 12, 40])
    2
    """
    return min(range(1, len(steps) - 1), key=lambda at: steps[at + 1] - steps[at - 1])


def read_facts(path: Path) -> dict[str, Any] | None:
    """What a file of an album says of itself, from its header alone; None where it can't be read.

    Source: the safetensors format: eight bytes of length, then a JSON header with `__metadata__`.
    """
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(_FIRST), "little")
            if length > _MOST_HEADER:
                return None
            header = json.loads(file.read(length))
        found = json.loads(header["__metadata__"][_WORD])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, dict) else None


def _read_step(path: Path) -> int:
    return int(path.stem.removeprefix("step-"))


def _read_size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
