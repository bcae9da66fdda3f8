"""Sound in class folders or under a labels.csv, in a folder or an archive: each recording decoded once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from striate.data.cache import key_of, recall_or_decode
from striate.data.decoded import Decoded
from striate.data.fileset import pool_files
from striate.data.hearing import MOST_SECONDS, PERCENTILE, Hearing, choose_view
from striate.data.part import SetAside
from striate.data.pool import Pool, Request
from striate.data.recording import PEAK
from striate.data.sounding import decode_sounds
from striate.data.store import Store
from striate.data.targets import WITHIN
from striate.data.tree import Labelled, find_medium, read_tree

SHOWN = 3  # of the recordings that a note is about


def is_sounds(store: Store, request: Request) -> bool:
    """Tell a source of sound: what is asked for says it, or else most of the files' names."""
    if request.reading is not None:
        return request.reading.get("kind") == "sound"
    return find_medium(store) == "sound"


def read_sounds(store: Store, request: Request, source: Path) -> Pool:
    """Read the recordings of all classes at one rate and length, from the cache where these very files are there.

    Raises: DataError where there are no classes.
    """
    tree, aside = read_tree(store, "sound", bare=request.task in WITHIN)
    return pool_sounds(store, tree, aside, request, source)


def pool_sounds(
    store: Store, tree: Sequence[Labelled], aside: Sequence[SetAside], request: Request, source: Path
) -> Pool:
    """Read recordings whose classes are known."""
    entries = [labelled.entry for labelled in tree]
    form = json.dumps([choose_view(request), dict(request.reading or {})], sort_keys=True, default=str)
    decoded = recall_or_decode(
        key_of(source, entries, request, f"sound {form}"),
        lambda allocate: decode_sounds(store, entries, request, allocate),
    )
    hearing = Hearing.from_dict(decoded.about["reading"])
    pool = pool_files(store, tree, aside, decoded, "sound", "a sound")
    return replace(
        pool,
        notes=_write_notes(decoded, hearing, pool.names),
        rate=hearing.rate / hearing.hop if hearing.view == "spectrogram" else hearing.rate,
        reading=hearing.to_dict(),
    )


def _write_notes(decoded: Decoded, hearing: Hearing, names: Sequence[str]) -> tuple[str, ...]:
    """Say how the recordings were brought to one form, and which of them are odd."""
    about = decoded.about
    rates = ", ".join(f"{rate:,}" for rate in about["rates"])
    why = "the commonest rate" if hearing.rate == about["commonest"] else "so that their length stays in bounds"
    length = f"which {PERCENTILE} % of them don't exceed ({MOST_SECONDS:g} s at most)"
    seconds = hearing.length / hearing.rate
    shortest, longest = (value / hearing.rate for value in (*decoded.smallest, *decoded.largest))
    notes = [
        f"recordings of {rates} samples a second and {_join(about['channels'])} channel"
        f"{'s' if about['channels'] != [1] else ''}: mixed to {decoded.inputs.shape[1]} at {hearing.rate:,} a second "
        f"({why}), the largest sample of each at {PEAK:g} of full scale",
        f"recordings of {shortest:.2f} to {longest:.2f} s brought to {seconds:.2f} s, {length}: shorter ones end in "
        "silence, of longer ones the loudest stretch is kept",
    ]
    if hearing.view == "spectrogram":
        notes.append(
            f"log-mel spectrograms: {hearing.mels} bands, a window of {1000 * hearing.window / hearing.rate:.3g} ms "
            f"every {1000 * hearing.hop / hearing.rate:.3g} ms, 80 dB from black to white"
        )
    silent = [names[row] for row in about["silent"]]
    if silent:
        more = ", ..." if len(silent) > SHOWN else ""
        verb = "recording is" if len(silent) == 1 else "recordings are"
        notes.append(f"{len(silent)} {verb} silent throughout: {', '.join(silent[:SHOWN])}{more}")
    return tuple(notes)


def _join(numbers: Sequence[int]) -> str:
    return " or ".join(map(str, numbers))
