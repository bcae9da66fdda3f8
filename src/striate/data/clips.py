"""Many clips into one array: their lengths and sizes first, to choose one of each, then every clip once, on threads."""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict

import numpy as np

from striate.data.clip import ClipHeader, decode_clip, read_clip_header, read_contents
from striate.data.decode import Allocate, Decoded, in_memory
from striate.data.frames import Sampling, choose_sampling, measure_seconds
from striate.data.hashing import hash_samples, sum_moments
from striate.data.images import explain_failure
from striate.data.part import Inputs, SetAside
from striate.data.pool import Request
from striate.data.sink import Sink
from striate.data.size import choose_extents, to_luma
from striate.data.store import Bundle, Entry, Store, shown
from striate.data.video import EXTRA, can_read_video
from striate.data.workers import THREADS, working
from striate.errors import DataError

LONGEST = 112  # Tran et al. 2015, "Learning spatiotemporal features with 3D convolutional networks", sec. 3
_SAME_LENGTH = 0.5  # so many frames more or less than are taken count as none


def decode_clips(store: Store, entries: Sequence[Entry], request: Request, allocate: Allocate = in_memory) -> Decoded:
    """Decode clips into an array that `allocate` makes, by the request's reading or as their lengths and sizes suggest.

    Clips that can't be read are set aside. `about` says how frames were taken, and of how many clips some were left out
    or the last one was held.
    Shape: uint8 [N, 1 or 3, frames, height, width].
    Raises: DataError for a forced size that clips can't have, and for video without PyAV.
    """
    _check_request(store, entries, request)
    with warnings.catch_warnings():  # Pillow warns of odd files; what can't be read is named by us instead
        warnings.simplefilter("ignore")
        return _Decoding(store, entries, request).run(allocate)


class _Decoding:
    """One pass over the headers, one over the frames, and what has come of them so far."""

    def __init__(self, store: Store, entries: Sequence[Entry], request: Request) -> None:
        self.store, self.entries, self.request = store, entries, request
        self.order = sorted(range(len(entries)), key=lambda place: entries[place].place)
        self.reasons: dict[int, str] = {}
        self.headers: dict[int, ClipHeader] = {}
        self.done = 0
        self.coloured = False

    def run(self, allocate: Allocate) -> Decoded:
        """Choose sampling and size, decode everything, drop what failed and the channels that say nothing."""
        self._read_headers()
        headers = list(self.headers.values())
        sampling = self._choose_sampling()
        sizes = [(header.height, header.width) for header in headers]
        forced = self.request.extents
        extents = (forced[1], forced[2]) if forced else choose_extents(sizes, LONGEST) if sizes else (1, 1)
        places = sorted(self.headers)
        inputs = allocate("decoded", (len(places), self.request.channels or 3, sampling.length, *extents))
        sink = Sink(inputs)
        self._decode_all(places, sampling, extents, sink)
        sink.close()
        kept = np.array([place for place in places if place not in self.reasons], np.int64)
        compact = self._compact(inputs, [row for row, place in enumerate(places) if place in set(kept)], allocate)
        known = sink if compact is inputs else None
        found = [self.headers[int(place)] for place in kept]
        shapes = [(header.span.frames, header.height, header.width) for header in found] or [(0, 0, 0)]
        return Decoded(
            inputs=compact,
            kept=kept,
            set_aside=tuple(SetAside(shown(self.entries[n].name), self.reasons[n]) for n in sorted(self.reasons)),
            smallest=min(shapes, key=lambda shape: shape[0] * shape[1] * shape[2]),
            largest=max(shapes, key=lambda shape: shape[0] * shape[1] * shape[2]),
            hashes=known.hashes if known else hash_samples(compact),
            moments=known.moments if known else sum_moments(compact),
            about={**asdict(sampling), **_tell_about(found, sampling)},
        )

    def _read_headers(self) -> None:
        for place in self.order:
            try:
                self.headers[place] = read_clip_header(self.store, self.entries[place])
            except Exception as error:  # decoders raise almost anything on damaged files
                self.reasons[place] = explain_failure(error)
            self._tell()

    def _choose_sampling(self) -> Sampling:
        reading, forced = self.request.reading, self.request.extents
        if reading is not None:
            return Sampling(reading["rate"], reading["length"], reading["undated"])
        spans = [header.span for header in self.headers.values()]
        return choose_sampling(spans, forced[0] if forced else None, self.request.options.get("rate"))

    def _decode_all(self, places: list[int], sampling: Sampling, extents: tuple[int, int], sink: Sink) -> None:
        """Read clips one after another and decode them on threads, a few ahead: each may be large."""

        def work(row: int, contents: list[bytes], header: ClipHeader) -> bool:
            clip, coloured = decode_clip(contents, header, sampling, extents)
            sink.put(row, to_luma(clip) if sink.inputs.shape[1] == 1 else clip)
            return coloured

        rows = {place: row for row, place in enumerate(places)}
        with working(scaling=True) as pool:
            running: deque[tuple[int, Callable[[], bool]]] = deque()
            for place in (place for place in self.order if place in rows):
                if len(running) >= 2 * THREADS:
                    self._collect(*running.popleft())
                try:
                    contents = read_contents(self.store, self.entries[place])
                except OSError as error:
                    self.reasons[place] = explain_failure(error)
                    continue
                running.append((place, pool.submit(work, rows[place], contents, self.headers[place]).result))
            while running:
                self._collect(*running.popleft())

    def _collect(self, place: int, result: Callable[[], bool]) -> None:
        self._tell()
        try:
            self.coloured = result() or self.coloured
        except Exception as error:  # as above
            self.reasons[place] = explain_failure(error)

    def _compact(self, inputs: Inputs, rows: list[int], allocate: Allocate) -> Inputs:
        """Leave out the rows that failed, and keep one channel where nothing has colour."""
        grey = not self.coloured and self.request.channels is None
        if len(rows) == len(inputs) and not grey:
            return inputs
        channels = 1 if grey else inputs.shape[1]
        compact = allocate("compact", (len(rows), channels, *inputs.shape[2:]))
        for row, origin in enumerate(rows):
            compact[row] = to_luma(inputs[origin]) if grey else inputs[origin]
        return compact

    def _tell(self) -> None:
        self.done += 1
        if self.request.report:
            self.request.report(self.done, 2 * len(self.entries))


def _tell_about(headers: Sequence[ClipHeader], sampling: Sampling) -> dict[str, int | bool]:
    """Of how many clips only the middle is seen, of how many the last frame is held; and if any says its speed."""
    frames = np.array([measure_seconds(each.span, sampling.undated) * sampling.rate for each in headers])
    longer, shorter = frames >= sampling.length + 1, frames <= sampling.length - _SAME_LENGTH
    dated = any(header.span.seconds for header in headers)
    return {"longer": int(longer.sum()), "shorter": int(shorter.sum()), "dated": dated}


def _check_request(store: Store, entries: Sequence[Entry], request: Request) -> None:
    if request.extents is not None and len(request.extents) != 3:
        asked = "x".join(map(str, request.extents))
        raise DataError(f"{store.where}: holds clips (frames x height x width); needed samples of {asked}.")
    if request.channels not in (None, 1, 3):
        raise DataError(f"{store.where}: holds clips (1 or 3 channels); needed samples of {request.channels} channels.")
    videos = [entry for entry in entries if not isinstance(entry, Bundle)]
    if videos and not can_read_video():
        raise DataError(f"{shown(videos[0].name)}: is video, which takes PyAV to read; needed the extra: {EXTRA}.")
