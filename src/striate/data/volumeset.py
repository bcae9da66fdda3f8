"""Arrays in class folders or under a labels.csv, a sample a file, of any number of axes: volumes, series, stacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from striate.data.cache import key_of, recall_or_decode
from striate.data.fileset import pool_files
from striate.data.pool import Pool, Request, Side
from striate.data.store import Store
from striate.data.targets import WITHIN
from striate.data.tree import read_tree
from striate.data.volume import names_volumes
from striate.data.volumes import LEVELS, decode_volumes


def holds_volumes(store: Store, request: Request) -> bool:
    """Tell a source of arrays that are a sample each: by how it was read before, else by its files' names."""
    if request.reading is not None:
        return bool(request.reading["kind"] == "volumes")
    return names_volumes(store)


def read_volumes(store: Store, request: Request, source: Path) -> Pool:
    """Read the arrays of all classes at one shape and type, from the cache where they have been read before.

    Values are scaled by the files that the source itself puts neither in val nor in test.
    Raises: DataError where there are no classes, or the arrays can't be brought to one shape.
    """
    tree, aside = read_tree(store, "arrays", bare=request.task in WITHIN)
    entries = [labelled.entry for labelled in tree]
    trained = [labelled.side in (Side.UNSAID, Side.TRAIN) for labelled in tree]
    form = f"volumes {request.reading and dict(request.reading)}"
    decoded = recall_or_decode(
        key_of(source, entries, request, form),
        lambda allocate: decode_volumes(store, entries, request, allocate, trained),
    )
    about = decoded.about
    return replace(
        pool_files(store, tree, aside, decoded, "volumes", "an array"),
        notes=describe_values(about),
        value_range=None if about["in_bytes"] else (about["low"], about["high"]),
        reading={"kind": "volumes", **about},
    )


def describe_values(about: Mapping[str, Any]) -> tuple[str, ...]:
    """Say which axis holds the channels, and what became of the values and why; nothing where all is as it was."""
    axis, low, high = about["axis"], about["low"], about["high"]
    notes = () if axis is None else (f"the {'first' if axis == 0 else 'last'} axis of the arrays holds the channels",)
    if about["in_bytes"]:
        return notes
    why = "256 levels would merge what such values tell apart"
    said = f"values from {low:.6g} to {high:.6g}, those of training, are kept as int16 in {LEVELS + 1:,} levels: {why}"
    return (*notes, said)
