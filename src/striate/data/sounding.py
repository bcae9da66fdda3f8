"""Many sound files into one array: headers first to choose rate and length, then every file once, on all processors."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from striate.data.decode import Allocate, Decoded, in_memory
from striate.data.hashing import hash_samples, sum_moments
from striate.data.hearing import LEVELS, Hearing, choose_hearing, choose_rate, choose_view
from striate.data.images import MOST_BYTES
from striate.data.levels import SILENT
from striate.data.part import Inputs, SetAside
from striate.data.pool import Request
from striate.data.recording import prepare_sound
from striate.data.sink import Sink
from striate.data.sound import Header, decode_sound, explain_failure, read_header
from striate.data.store import Entry, Store, shown
from striate.data.workers import working
from striate.errors import DataError

_AHEAD = 64


@dataclass(frozen=True)
class Heard(Header):
    """What a recording turned out to be, and whether it is silent."""

    silent: bool


def decode_sounds(store: Store, entries: Sequence[Entry], request: Request, allocate: Allocate = in_memory) -> Decoded:
    """Decode recordings, given by name, into an array that `allocate` makes; those that can't be read are set aside.

    `about` of the result holds the reading, the rates and channels that were found, and the rows that are silent.
    Shape: int16 [N, channels, length]; uint8 [N, channels, mels, frames] of the view "spectrogram".
    Raises: DataError for a size or a view that sound can't have.
    """
    return _Decoding(store, entries, request).run(allocate)


class _Decoding:
    """One pass over many files and what has come of it so far."""

    def __init__(self, store: Store, entries: Sequence[Entry], request: Request) -> None:
        self.store, self.entries, self.request = store, entries, request
        self.order = sorted(range(len(entries)), key=lambda place: entries[place].place)
        self.reasons: dict[int, str] = {}
        self.heard: dict[int, Heard] = {}
        self.passes = 1 if request.reading else 2
        self.done = 0

    def run(self, allocate: Allocate) -> Decoded:
        """Choose the form, decode everything, drop what failed."""
        hearing, channels = self._choose(), self.request.channels or 1
        _check_request(self.request, hearing)
        places = [place for place in range(len(self.entries)) if place not in self.reasons]
        rows = {place: row for row, place in enumerate(places)}
        dtype = np.int16 if hearing.view == "waveform" else np.uint8
        inputs = allocate("decoded", (len(places), channels, *hearing.extents), dtype)
        sink = Sink(inputs)
        self._decode_all({place: rows[place] for place in self.order if place in rows}, hearing, channels, sink)
        sink.close()
        kept = [place for place in places if place not in self.reasons]
        hashes, moments = sink.hashes, sink.moments
        if len(kept) < len(places):
            whole, inputs = inputs, allocate("compact", (len(kept), channels, *hearing.extents), dtype)
            for row, place in enumerate(kept):
                inputs[row] = whole[rows[place]]
            hashes, moments = hash_samples(inputs), sum_moments(inputs)
        lengths = [round(self.heard[place].frames * hearing.rate / self.heard[place].rate) for place in kept] or [0]
        return Decoded(
            inputs=inputs,
            kept=np.array(kept, np.int64),
            set_aside=tuple(SetAside(shown(self.entries[n].name), self.reasons[n]) for n in sorted(self.reasons)),
            smallest=(min(lengths),),
            largest=(max(lengths),),
            hashes=hashes,
            moments=moments,
            about=self._tell_about(hearing, kept),
        )

    def _choose(self) -> Hearing:
        """Choose the form from the headers, where it isn't given."""
        if self.request.reading:
            return Hearing.from_dict(self.request.reading)
        headers: list[Header] = []
        for place in self.order:
            try:
                with self.store.open(self.entries[place]) as stream:
                    headers.append(read_header(stream))
            except Exception as error:  # decoders raise almost anything on damaged files
                self.reasons[place] = explain_failure(error)
            self._tell()
        return choose_hearing(headers, choose_view(self.request), self.request.extents)

    def _decode_all(self, rows: dict[int, int], hearing: Hearing, channels: int, sink: Sink) -> None:
        """Read files one after another and decode them on threads, a bounded number ahead."""

        def work(row: int, content: bytes) -> Heard:
            values, rate = decode_sound(content)
            made = prepare_sound(values, rate, hearing, channels)
            sink.put(row, made)
            return Heard(values.shape[1], len(values), rate, _is_silent(made, hearing))

        with working(scaling=False) as pool:
            running: deque[tuple[int, Callable[[], Heard]]] = deque()
            for place, row in rows.items():
                if len(running) >= _AHEAD:
                    self._collect(*running.popleft())
                running.append((place, pool.submit(work, row, self._read(place)).result))
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

    def _collect(self, place: int, result: Callable[[], Heard]) -> None:
        self._tell()
        try:
            self.heard[place] = result()
        except Exception as error:  # decoders raise almost anything on damaged files
            self.reasons.setdefault(place, explain_failure(error))

    def _tell_about(self, hearing: Hearing, kept: Sequence[int]) -> dict[str, object]:
        found = [self.heard[place] for place in kept]
        return {
            "reading": hearing.to_dict(),
            "rates": sorted({each.rate for each in found}),
            "commonest": choose_rate(found),
            "channels": sorted({each.channels for each in found}),
            "silent": [row for row, each in enumerate(found) if each.silent],
        }

    def _tell(self) -> None:
        self.done += 1
        if self.request.report:
            self.request.report(self.done, self.passes * len(self.entries))


def _is_silent(made: Inputs, hearing: Hearing) -> bool:
    return bool((made == (SILENT if hearing.view == LEVELS else 0)).all())


def _check_request(request: Request, hearing: Hearing) -> None:
    if request.extents not in (None, hearing.extents):
        found, needed = ("x".join(map(str, extents)) for extents in (hearing.extents, request.extents or ()))
        raise DataError(f"the reading gives samples of {found}; needed {needed}. Leave --input out.")
