"""Many image files into one array: headers first to choose a size, then every file once, on all processors."""

from __future__ import annotations

import os
import warnings
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from striate.data.hashing import hash_samples, sum_moments
from striate.data.images import MOST_BYTES, Header, decode_image, explain_failure, read_header
from striate.data.part import Inputs, Integers, SetAside
from striate.data.pool import Request
from striate.data.sink import Sink
from striate.data.size import choose_extents
from striate.data.store import Entry, Store, shown
from striate.data.workers import working
from striate.errors import DataError

THREADS = min(16, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2)
_AHEAD = 64
_AT_ONCE_BYTES = 1 << 13  # handing over costs more than decoding


class Allocate(Protocol):
    """Makes room for decoded samples: in memory, or in a file of the cache."""

    def __call__(self, name: str, shape: tuple[int, ...], dtype: type[np.integer[Any]] = np.uint8) -> Inputs:
        """Give an array of that shape and type, which is to be filled."""


@dataclass(frozen=True)
class Decoded:
    """The files that could be read: `kept` are their places among the entries asked for, ascending.

    `about` holds what else a reader found, in plain values.
    """

    inputs: Inputs
    kept: Integers
    set_aside: tuple[SetAside, ...]
    smallest: tuple[int, ...]
    largest: tuple[int, ...]
    hashes: NDArray[np.uint64]
    moments: NDArray[np.float64]
    about: Mapping[str, Any] = field(default_factory=dict)


def in_memory(name: str, shape: tuple[int, ...], dtype: type[np.integer[Any]] = np.uint8) -> Inputs:
    """Make room for decoded samples in memory."""
    return np.empty(shape, dtype)


def decode_images(store: Store, entries: Sequence[Entry], request: Request, allocate: Allocate = in_memory) -> Decoded:
    """Decode entries, given by name, into an array that `allocate` makes; those that can't be read are set aside.

    Shape: uint8 [N, 1 or 3, height, width].
    Raises: DataError for a forced size that images can't have.
    """
    _check_request(store, request)
    with warnings.catch_warnings():  # Pillow warns of large or odd files; what can't be read is named by us instead
        warnings.simplefilter("ignore")
        return _Decoding(store, entries, request).run(allocate)


class _Decoding:
    """One pass over many files and what has come of it so far."""

    def __init__(self, store: Store, entries: Sequence[Entry], request: Request) -> None:
        self.store, self.entries, self.request = store, entries, request
        self.order = sorted(range(len(entries)), key=lambda place: entries[place].place)
        self.reasons: dict[int, str] = {}
        self.headers: dict[int, Header] = {}
        self.passes = 1 if request.extents else 2
        self.done = 0
        self.coloured = False

    def run(self, allocate: Allocate) -> Decoded:
        """Choose the size, decode everything, drop what failed and the channels that say nothing."""
        extents, channels = self._choose()
        places = [place for place in range(len(self.entries)) if place not in self.reasons]
        rows = {place: row for row, place in enumerate(places)}
        inputs = allocate("decoded", (len(places), channels, *extents))
        sink = Sink(inputs)
        self._decode_all({place: rows[place] for place in self.order if place in rows}, extents, channels, sink)
        self._tell(self.passes * len(self.entries))
        sink.close()
        kept = np.array([place for place in places if place not in self.reasons], np.int64)
        compact = self._compact(inputs, [rows[int(place)] for place in kept], allocate)
        known = sink if compact is inputs else None
        inputs = compact
        sizes = [(self.headers[int(place)].height, self.headers[int(place)].width) for place in kept] or [(0, 0)]
        return Decoded(
            inputs=inputs,
            kept=kept,
            set_aside=tuple(SetAside(shown(self.entries[n].name), self.reasons[n]) for n in sorted(self.reasons)),
            smallest=min(sizes, key=lambda size: size[0] * size[1]),
            largest=max(sizes, key=lambda size: size[0] * size[1]),
            hashes=known.hashes if known else hash_samples(inputs),
            moments=known.moments if known else sum_moments(inputs),
        )

    def _choose(self) -> tuple[tuple[int, int], int]:
        """Choose the extents and channels, from the headers where they aren't forced."""
        if self.request.extents:
            height, width = self.request.extents
            return (height, width), self.request.channels or 3
        for place in self.order:
            try:
                with self.store.open(self.entries[place]) as stream:
                    self.headers[place] = read_header(stream)
            except Exception as error:  # decoders raise almost anything on damaged files
                self.reasons[place] = explain_failure(error)
            self._tell()
        headers = list(self.headers.values())
        extents = choose_extents([(header.height, header.width) for header in headers]) if headers else (1, 1)
        return extents, self.request.channels or (1 if all(header.grey for header in headers) else 3)

    def _decode_all(self, rows: dict[int, int], extents: tuple[int, int], channels: int, sink: Sink) -> None:
        """Read files one after another and decode them on threads, a bounded number ahead; small ones at once."""

        def work(row: int, content: bytes) -> tuple[bool, Header]:
            pixels, header = decode_image(content, extents, channels)
            sink.put(row, pixels)
            return len(pixels) == 3 and bool((pixels != pixels[:1]).any()), header

        sizes = {(header.height, header.width) for header in self.headers.values()}
        with working(scaling=sizes != {extents}) as pool:
            running: deque[tuple[int, Callable[[], tuple[bool, Header]]]] = deque()
            for place, row in rows.items():
                if len(running) >= _AHEAD:
                    self._collect(*running.popleft())
                content = self._read(place)
                if len(content) < _AT_ONCE_BYTES:
                    running.append((place, partial(work, row, content)))
                else:
                    running.append((place, pool.submit(work, row, content).result))
            while running:
                self._collect(*running.popleft())

    def _read(self, place: int) -> bytes:
        """Read a file; what can't be read becomes empty bytes, with its reason noted."""
        try:
            with self.store.open(self.entries[place]) as stream:
                content = stream.read(MOST_BYTES + 1)
            if len(content) > MOST_BYTES:
                raise OSError(f"more than {MOST_BYTES} bytes")
        except OSError as error:
            self.reasons[place] = explain_failure(error)
            return b""
        return content

    def _collect(self, place: int, result: Callable[[], tuple[bool, Header]]) -> None:
        self._tell()
        try:
            coloured, header = result()
        except Exception as error:  # decoders raise almost anything on damaged files
            self.reasons.setdefault(place, explain_failure(error))
            return
        self.headers[place] = header
        self.coloured = self.coloured or coloured

    def _compact(self, inputs: Inputs, rows: list[int], allocate: Allocate) -> Inputs:
        """Leave out the rows that failed, and keep one channel where three are always equal."""
        channels = 1 if not self.coloured and self.request.channels is None else inputs.shape[1]
        if len(rows) == len(inputs) and channels == inputs.shape[1]:
            return inputs
        compact = allocate("compact", (len(rows), channels, *inputs.shape[2:]))
        for row, origin in enumerate(rows):
            compact[row] = inputs[origin, :channels]
        return compact

    def _tell(self, done: int | None = None) -> None:
        self.done = done or self.done + 1
        if self.request.report:
            self.request.report(self.done, self.passes * len(self.entries))


def _check_request(store: Store, request: Request) -> None:
    if request.extents is not None and len(request.extents) != 2:
        raise DataError(
            f"{store.where}: holds images (2 extents); needed samples of {'x'.join(map(str, request.extents))}."
        )
    if request.channels not in (None, 1, 3):
        raise DataError(
            f"{store.where}: holds images (1 or 3 channels); needed samples of {request.channels} channels."
        )
