"""Many clips into one array: their lengths and sizes first, to choose one of each, then every clip once, on threads."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from striate.data.clip import ClipHeader, decode_clip, read_clip_header, read_contents
from striate.data.decoded import Allocate, Decoded, in_memory
from striate.data.frames import Sampling, choose_sampling, measure_seconds
from striate.data.images import explain_failure
from striate.data.part import Bytes
from striate.data.pool import Request
from striate.data.sink import Sink
from striate.data.size import choose_extents, to_luma
from striate.data.store import Bundle, Entry, Store, shown
from striate.data.sweep import Sweep
from striate.data.video import EXTRA, can_read_video
from striate.data.workers import THREADS
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
        return _decode(Sweep(store, entries, request, explain_failure), request, allocate)


def _decode(sweep: Sweep, request: Request, allocate: Allocate) -> Decoded:
    """Choose sampling and size, decode everything, drop what failed and the channels that say nothing."""
    headers = sweep.look(read_clip_header)
    sampling = _choose_sampling(list(headers.values()), request)
    sizes = [(header.height, header.width) for header in headers.values()]
    forced = request.extents
    extents = (forced[1], forced[2]) if forced else choose_extents(sizes, LONGEST) if sizes else (1, 1)
    channels = request.channels or 3
    sink = Sink(allocate("decoded", (len(headers), channels, sampling.length, *extents)))

    def work(place: int, contents: list[bytes]) -> tuple[Bytes, bool]:
        clip, coloured = decode_clip(contents, headers[place], sampling, extents)
        return to_luma(clip) if channels == 1 else clip, coloured

    coloured = sweep.decode(sink, read_contents, work, scaling=True, ahead=2 * THREADS)  # each may be large
    found = [headers[place] for place in sweep.list_readable()]
    shapes = [(header.span.frames, header.height, header.width) for header in found] or [(0, 0, 0)]
    grey = request.channels is None and not any(coloured.values())
    about = {**asdict(sampling), **_tell_about(found, sampling)}
    return sweep.finish(sink, shapes, allocate, thin=to_luma if grey else None, about=about)


def _choose_sampling(headers: Sequence[ClipHeader], request: Request) -> Sampling:
    reading, forced = request.reading, request.extents
    if reading is not None:
        return Sampling(reading["rate"], reading["length"], reading["undated"])
    return choose_sampling(
        [header.span for header in headers], forced[0] if forced else None, request.options.get("rate")
    )


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
