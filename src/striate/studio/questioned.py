"""The runs that are asked about: loaded once, their held-out parts answered once, each used by one question at a time.

What is kept goes when the run's weights change, and when others are asked about: a part may be large.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any

from striate.errors import RunError
from striate.studio.readings import read_for_run
from striate.studio.watching import read_mark

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from striate.studio.uploads import Upload, Uploads
    from striate.verbs import Run
    from striate.verbs.heldout import HeldOut

MOST_RUNS = 3
MOST_READ = 4  # uploads of each run that are kept as it reads them
Hear = Callable[[int, int], None]
Stamp = tuple[int, int]


@dataclass(eq=False)
class Questioned:
    """One run that is asked about; who works with its module holds `turn`, who reads uploads for it `reading`."""

    run: Run
    stamp: Stamp
    turn: Any = field(default_factory=RLock)
    reading: Any = field(default_factory=Lock)
    held: HeldOut | None = None
    read: OrderedDict[Path, NDArray[Any]] = field(default_factory=OrderedDict)


class Questions:
    """The runs that were asked about last."""

    def __init__(self, most: int = MOST_RUNS) -> None:
        """Nothing is loaded yet."""
        self._runs: OrderedDict[Path, Questioned] = OrderedDict()
        self._loading: dict[Path, Any] = {}
        self._lock, self._most = Lock(), most

    def know(self, folder: Path) -> Run:
        """Give a run to whoever reads its facts and leaves its module alone: nobody is waited for.

        Raises:  RunError where it can't be loaded.
        """
        return self._find(folder).run

    @contextmanager
    def using(self, folder: Path) -> Iterator[Run]:
        """Give a run, for this question alone until it is done. Raises: RunError where it can't be loaded."""
        asked = self._find(folder)
        with asked.turn:
            yield asked.run

    def hold(self, folder: Path, on_data: Hear | None = None, on_score: Hear | None = None) -> HeldOut:
        """Give what a run answers on its held-out part, worked out when it is first asked for.

        Raises:  RunError where its data are gone or have changed, DataError where nothing was held out.
        """
        from striate.verbs.heldout import answer_held_out

        asked = self._find(folder)
        with asked.turn:
            if asked.held is None:
                asked.held = answer_held_out(asked.run, on_data=on_data, on_score=on_score)
            return asked.held

    def read(self, folder: Path, upload: Upload, uploads: Uploads) -> NDArray[Any]:
        """Give an upload as a run reads its samples, [channels, *extents]: decoded once, in a child process.

        Raises:  as `readings.read_for_run`.
        """
        asked = self._find(folder)
        with asked.reading:  # a child takes seconds, and needs no module: questions go on meanwhile
            if upload.path not in asked.read:
                asked.read[upload.path] = read_for_run(asked.run, upload, uploads)
            while len(asked.read) > MOST_READ:
                asked.read.popitem(last=False)
            return asked.read[upload.path]

    def _find(self, folder: Path) -> Questioned:
        from striate.verbs.runs import load

        stamp = read_stamp(folder)
        with self._lock:
            loading = self._loading.setdefault(folder, Lock())
        with loading:  # who asks for another run doesn't wait for this one
            asked = self._runs.get(folder)
            if asked is None or asked.stamp != stamp:
                asked = Questioned(load(folder), stamp)
            self._keep(folder, asked)
        return asked

    def _keep(self, folder: Path, asked: Questioned) -> None:
        with self._lock:
            self._runs[folder] = asked
            self._runs.move_to_end(folder)
            while len(self._runs) > self._most:
                self._runs.popitem(last=False)


def read_stamp(folder: Path) -> Stamp:
    """What changes when a run's weights do. Raises: RunError where it has none."""
    found = read_mark(folder / "weights.safetensors")
    if found is None:
        raise RunError(f"{folder.name}: found no finished run, needed one. Train it to its end")
    return found
