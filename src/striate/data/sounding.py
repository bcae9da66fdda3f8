"""Many sound files into one array: headers first to choose rate and length, then every file once, on all processors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from striate.data.decoded import Allocate, Decoded, in_memory
from striate.data.hearing import LEVELS, Hearing, choose_hearing, choose_rate, choose_view
from striate.data.levels import SILENT
from striate.data.part import Inputs
from striate.data.pool import Request
from striate.data.recording import prepare_sound
from striate.data.sink import Sink
from striate.data.sound import Header, decode_sound, explain_failure, read_header
from striate.data.store import Entry, Store
from striate.data.sweep import Sweep, read_whole
from striate.errors import DataError


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
    sweep = Sweep(store, entries, request, explain_failure, passes=1 if request.reading else 2)
    hearing, channels = _choose(sweep, request), request.channels or 1
    _check_request(request, hearing)
    dtype = np.int16 if hearing.view == "waveform" else np.uint8
    sink = Sink(allocate("decoded", (len(sweep.list_readable()), channels, *hearing.extents), dtype))

    def work(place: int, content: bytes) -> tuple[Inputs, Heard]:
        values, rate = decode_sound(content)
        made = prepare_sound(values, rate, hearing, channels)
        return made, Heard(values.shape[1], len(values), rate, _is_silent(made, hearing))

    found = sweep.decode(sink, read_whole, work, scaling=False)
    heard = [found[place] for place in sweep.list_readable()]
    lengths = [(round(each.frames * hearing.rate / each.rate),) for each in heard] or [(0,)]
    return sweep.finish(sink, lengths, allocate, about=_tell_about(hearing, heard))


def _choose(sweep: Sweep, request: Request) -> Hearing:
    """Choose the form from the headers, where it isn't given."""
    if request.reading:
        return Hearing.from_dict(request.reading)
    return choose_hearing(list(sweep.look(_look).values()), choose_view(request), request.extents)


def _look(store: Store, entry: Entry) -> Header:
    with store.open(entry) as stream:
        return read_header(stream)


def _tell_about(hearing: Hearing, found: Sequence[Heard]) -> dict[str, object]:
    return {
        "reading": hearing.to_dict(),
        "rates": sorted({each.rate for each in found}),
        "commonest": choose_rate(found),
        "channels": sorted({each.channels for each in found}),
        "silent": [row for row, each in enumerate(found) if each.silent],
    }


def _is_silent(made: Inputs, hearing: Hearing) -> bool:
    return bool((made == (SILENT if hearing.view == LEVELS else 0)).all())


def _check_request(request: Request, hearing: Hearing) -> None:
    if request.extents not in (None, hearing.extents):
        found, needed = ("x".join(map(str, extents)) for extents in (hearing.extents, request.extents or ()))
        raise DataError(f"the reading gives samples of {found}; needed {needed}. Leave --input out.")
