"""Clips in class folders or under a labels.csv: video files, animated gifs, folders of numbered frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from striate.data.cache import key_of, recall_or_decode
from striate.data.clips import decode_clips
from striate.data.fileset import pool_files
from striate.data.numbered import Clips, holds_frames
from striate.data.pool import Pool, Request
from striate.data.store import Store
from striate.data.tree import find_medium, read_tree


def holds_clips(store: Store, request: Request) -> bool:
    """Tell a source of clips by how it was read before, else by its files; asked for 2-D, pictures stay pictures."""
    if request.reading is not None:
        return bool(request.reading["kind"] == "video")
    medium = find_medium(store)
    if medium == "video":
        return True
    pictures = request.extents is not None and len(request.extents) == 2
    return medium == "images" and not pictures and holds_frames(store)


def read_clips(store: Store, request: Request, source: Path) -> Pool:
    """Read the clips of all classes at one rate, length and size, from the cache where they have been decoded before.

    Raises: DataError where there are no classes, and for video without PyAV.
    """
    clips = Clips(store, known=request.reading is not None)
    tree, aside = read_tree(clips, "video")
    entries = [labelled.entry for labelled in tree]
    form = f"video {request.reading and dict(request.reading)} {request.options.get('rate')}"
    decoded = recall_or_decode(
        key_of(source, entries, request, form), lambda allocate: decode_clips(clips, entries, request, allocate)
    )
    taken = {key: decoded.about[key] for key in ("rate", "length", "undated")}
    return replace(
        pool_files(store, tree, aside, decoded, "video", "a clip"),
        notes=(describe_sampling(decoded.about),),
        rate=taken["rate"] if decoded.about["dated"] else None,
        reading={"kind": "video", **taken},
    )


def describe_sampling(about: Mapping[str, Any]) -> str:
    """Say at which rate how many frames are taken of each clip, and what becomes of longer and shorter ones."""
    rate, length = about["rate"], about["length"]
    every = about["undated"] / rate
    which = "every frame is taken" if abs(every - 1) < 1e-6 else f"one in about {every:.3g} is taken"
    ends = [
        f"of {about['longer']:,} longer clips the middle" if about["longer"] else "",
        f"{about['shorter']:,} shorter ones hold their last frame" if about["shorter"] else "",
    ]
    said = "; ".join(filter(None, ends))
    pace = f" at {rate:.4g} a second" if about["dated"] else ""
    return f"clips of {length} frames{pace} ({which})" + (f"; {said}" if said else "")
