"""Damaged files and their clean ones as samples to learn from: `labels` are the clean ones, like the inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from striate.data.cache import key_of, recall_or_decode
from striate.data.decode import decode_images
from striate.data.hashing import hash_samples, sum_moments
from striate.data.images import explain_failure, read_header
from striate.data.pairs import Pair, find_pairs_medium, keep_medium, match_pairs
from striate.data.pairsound import decode_pairs
from striate.data.part import Inputs, Kind, SetAside
from striate.data.pool import Pool, Request
from striate.data.size import choose_extents
from striate.data.store import Store, shown
from striate.data.targets import CHANNELS
from striate.errors import DataError


def read_pairs(store: Store, request: Request, source: Path) -> Pool:
    """Read pairs of pictures or of sounds; those that can't be read, or differ in size, are set aside by name.

    Raises: DataError where no pair is left.
    """
    pairs, aside = match_pairs(store)
    medium = find_pairs_medium(pairs) if request.reading is None else str(request.reading["kind"])
    pairs, strays = keep_medium(pairs, medium)
    aside += [*store.set_aside, *strays]
    if not pairs:
        first = f"; the first file, {aside[0].name}: {aside[0].reason}" if aside else ""
        raise DataError(f"{store.where}: found no file in `noisy` with one of its name in `clean`, needed some{first}.")
    if medium == "sound":
        heard = decode_pairs(store, pairs, request)
        noisy, clean, kept, reasons = heard.noisy, heard.clean, heard.kept, heard.reasons
        sizes: list[tuple[int, ...]] = [(length,) for length in heard.lengths]
        about: Mapping[str, Any] = {**heard.hearing.to_dict(), "paired": True}
        rate: float | None = heard.hearing.rate
    else:
        noisy, clean, kept, reasons, sizes = _decode_pictures(store, pairs, request, source)
        about, rate = {"kind": "images", "paired": True}, None
    if not len(kept):
        raise DataError(f"{store.where}: found no pair that can be read; the first: {next(iter(reasons.values()))}.")
    aside += [SetAside(shown(pairs[place].name), reason) for place, reason in reasons.items()]
    kind: Kind = "sound" if medium == "sound" else "images"
    channels = noisy.shape[1]
    return Pool(
        inputs=noisy,
        labels=clean,
        names=[shown(pairs[place].name) for place in kept],
        sides=np.array([pairs[place].side for place in kept], np.int8),
        classes=CHANNELS.get(channels, tuple(f"channel {number}" for number in range(channels))),
        kind=kind,
        smallest=min(sizes, key=lambda size: int(np.prod(size))),
        largest=max(sizes, key=lambda size: int(np.prod(size))),
        set_aside=tuple(sorted(set(aside), key=lambda each: each.name)),
        notes=(f"{len(kept):,} pairs of a damaged and a clean sample, matched by name",),
        hashes=hash_samples(noisy),
        moments=sum_moments(noisy),
        task="restore",
        rate=rate,
        reading=about,
    )


def _decode_pictures(
    store: Store, pairs: Sequence[Pair], request: Request, source: Path
) -> tuple[Inputs, Inputs, list[int], dict[int, str], list[tuple[int, ...]]]:
    """Both halves at one size, the places of the pairs that could be read, why others couldn't, and sizes."""
    reasons: dict[int, str] = {}
    found: dict[int, tuple[int, ...]] = {}
    grey = True
    for place, pair in enumerate(pairs):
        try:
            with store.open(pair.noisy) as one, store.open(pair.clean) as other:
                noisy, clean = read_header(one), read_header(other)
        except Exception as error:  # decoders raise almost anything on damaged files
            reasons[place] = explain_failure(error)
            continue
        if (noisy.height, noisy.width) != (clean.height, clean.width):
            sizes = f"{noisy.height}x{noisy.width}, but its clean one {clean.height}x{clean.width}"
            reasons[place] = f"{sizes}; needed one size"
            continue
        found[place], grey = (noisy.height, noisy.width), grey and noisy.grey and clean.grey
    sizes_found = [(size[0], size[1]) for size in found.values()]
    extents = request.extents or (choose_extents(sizes_found) if sizes_found else (1, 1))
    forced = replace(request, extents=extents, channels=request.channels or (1 if grey else 3), report=None)
    halves = []
    for half in ("noisy", "clean"):
        entries = [getattr(pairs[place], half) for place in found]
        key = key_of(source, entries, forced, half)
        halves.append(
            recall_or_decode(key, lambda allocate, entries=entries: decode_images(store, entries, forced, allocate))  # type: ignore[misc]
        )
    places = list(found)
    both = sorted(set(halves[0].kept.tolist()) & set(halves[1].kept.tolist()))
    for number in sorted({*range(len(places))} - {*both}):
        reasons[places[number]] = "it or its clean one can't be read"
    rows = [[int(np.searchsorted(half.kept, number)) for number in both] for half in halves]
    noisy_values, clean_values = (half.inputs[row] for half, row in zip(halves, rows, strict=True))
    return noisy_values, clean_values, [places[number] for number in both], reasons, [found[n] for n in places]
