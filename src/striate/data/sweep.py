"""One sweep over many files: their heads first, to choose a form by, then every file once, on all processors."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence, Sized
from functools import partial
from typing import Any, TypeAlias, TypeVar

import numpy as np

from striate.data.decoded import Allocate, Decoded
from striate.data.hashing import hash_samples, sum_moments
from striate.data.images import MOST_BYTES
from striate.data.part import Inputs, SetAside
from striate.data.pool import Request
from striate.data.sink import Sink
from striate.data.store import Entry, Store, shown
from striate.data.workers import THREADS, working

Head = TypeVar("Head")
Content = TypeVar("Content", bound=Sized)
Found = TypeVar("Found")
Group: TypeAlias = list[tuple[int, Content]]
Outcomes: TypeAlias = list[tuple[int, Found | Exception]]
AHEAD = 64  # files that are read and wait to be decoded
_TOGETHER = 8  # files that a thread is given at once: one by one, handing over costs a tenth of decoding


class Sweep:
    """Many files, by their places among the entries asked for: which can't be read and why, and how far the sweep is.

    A file that fails is noted by `explain` and left out from there on; none ends the sweep. Files are read in the order
    that costs their store least; `passes` counts how often each is come by.
    """

    def __init__(
        self,
        store: Store,
        entries: Sequence[Entry],
        request: Request,
        explain: Callable[[Exception], str],
        *,
        passes: int = 2,
    ) -> None:
        """Begin with nothing read."""
        self.store, self.entries = store, entries
        self.reasons: dict[int, str] = {}
        self._order = sorted(range(len(entries)), key=lambda place: entries[place].place)
        self._rows: dict[int, int] = {}
        self._explain, self._report = explain, request.report
        self._done, self._total = 0, passes * len(entries)

    def list_readable(self) -> list[int]:
        """List the places of the files of which nothing has failed yet, ascending."""
        return [place for place in range(len(self.entries)) if place not in self.reasons]

    def look(self, read: Callable[[Store, Entry], Head]) -> dict[int, Head]:
        """Read the head of every file, one after another."""
        heads: dict[int, Head] = {}
        for place in self._order:
            self._note_all(heads, [(place, _attempt(partial(read, self.store, self.entries[place])))])
        return heads

    def decode(
        self,
        sink: Sink,
        fetch: Callable[[Store, Entry], Content],
        work: Callable[[int, Content], tuple[Inputs, Found]],
        *,
        scaling: bool,
        ahead: int = AHEAD,
        at_once_bytes: int = 0,
    ) -> dict[int, Found]:
        """Fetch one file after another and decode them on threads, at most `ahead` of them at a time.

        `work` makes a place's content the sample, which goes into the sink, and what else is found of it, which is
        given back by place. Contents shorter than `at_once_bytes` are decoded here, not on a thread.
        """
        self._rows = {place: row for row, place in enumerate(self.list_readable())}
        found: dict[int, Found] = {}
        running: deque[Callable[[], Outcomes[Found]]] = deque()
        together = max(1, min(_TOGETHER, ahead // (2 * THREADS)))

        def put(place: int, content: Content) -> Found:
            sample, about = work(place, content)
            sink.put(self._rows[place], sample)
            return about

        def put_all(group: Group[Content]) -> Outcomes[Found]:
            return [(place, _attempt(partial(put, place, content))) for place, content in group]

        with working(scaling=scaling) as pool:
            for group in self._fetch_groups(fetch, together):
                small = all(len(content) < at_once_bytes for _, content in group)
                running.append(partial(put_all, group) if small else pool.submit(put_all, group).result)
                while running and (len(running) + 1) * together > ahead:
                    self._note_all(found, running.popleft()())
            while running:
                self._note_all(found, running.popleft()())
        sink.close()
        if self._done < self._total:  # of the second pass, what failed in the first
            self._tell(self._total)
        return found

    def finish(
        self,
        sink: Sink,
        sizes: Sequence[tuple[int, ...]],
        allocate: Allocate,
        *,
        thin: Callable[[Any], Inputs] | None = None,
        about: Mapping[str, Any] | None = None,
    ) -> Decoded:
        """Close up over the rows that failed; `thin` makes one channel of each sample, `sizes` are those on disk."""
        kept, whole = self.list_readable(), sink.inputs
        inputs, hashes, moments = whole, sink.hashes, sink.moments
        if thin or len(kept) < len(whole):
            shape = (len(kept), 1 if thin else whole.shape[1], *whole.shape[2:])
            inputs = allocate("compact", shape, whole.dtype.type)
            for row, place in enumerate(kept):
                sample = whole[self._rows[place]]
                inputs[row] = thin(sample) if thin else sample
            hashes, moments = hash_samples(inputs), sum_moments(inputs)
        return Decoded(
            inputs=inputs,
            kept=np.array(kept, np.int64),
            set_aside=tuple(SetAside(shown(self.entries[n].name), self.reasons[n]) for n in sorted(self.reasons)),
            smallest=min(sizes, key=math.prod),
            largest=max(sizes, key=math.prod),
            hashes=hashes,
            moments=moments,
            about=about or {},
        )

    def _fetch_groups(self, fetch: Callable[[Store, Entry], Content], count: int) -> Iterator[Group[Content]]:
        """Fetch the files that have rows, one after another, and give so many together."""
        group: Group[Content] = []
        for place in (place for place in self._order if place in self._rows):
            try:
                group.append((place, fetch(self.store, self.entries[place])))
            except OSError as error:
                self._note(place, error)
            if len(group) == count:
                yield group
                group = []
        if group:
            yield group

    def _note_all(self, found: dict[int, Found], outcomes: Outcomes[Found]) -> None:
        """Keep what files give, or why they give nothing."""
        for place, outcome in outcomes:
            if not isinstance(outcome, Exception):
                found[place] = outcome
            self._note(place, outcome)

    def _note(self, place: int, outcome: object) -> None:
        """Go on by a file, and keep why it failed, if it did."""
        if isinstance(outcome, Exception):
            self.reasons[place] = self._explain(outcome)
        self._tell()

    def _tell(self, done: int | None = None) -> None:
        self._done = self._done + 1 if done is None else done
        if self._report:
            self._report(self._done, self._total)


def _attempt(work: Callable[[], Found]) -> Found | Exception:
    """What work gives, or what it raises: decoders raise almost anything on damaged files."""
    try:
        return work()
    except Exception as error:
        return error


def read_whole(store: Store, entry: Entry) -> bytes:
    """Read a file. Raises: OSError for one that can't be read or is too large."""
    with store.open(entry) as stream:
        content = stream.read(min(entry.bytes, MOST_BYTES) + 1)  # room for a gigabyte costs more than most files
        if len(content) > entry.bytes:  # it has grown since it was listed
            content += stream.read(MOST_BYTES + 1 - len(content))
    if len(content) > MOST_BYTES:
        raise OSError(f"more than {MOST_BYTES} bytes")
    return content
