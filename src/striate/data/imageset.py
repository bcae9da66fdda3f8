"""Images in class folders or under a labels.csv, in a folder or an archive: the tree read, the files decoded once."""

from __future__ import annotations

from pathlib import Path

from striate.data.cache import key_of, recall_or_decode
from striate.data.decode import decode_images
from striate.data.fileset import pool_files
from striate.data.pool import Pool, Request
from striate.data.store import Store
from striate.data.targets import WITHIN
from striate.data.tree import read_tree


def read_images(store: Store, request: Request, source: Path) -> Pool:
    """Read the images of all classes at one size, from the cache where these very files have been decoded before.

    Raises: DataError where there are no classes.
    """
    tree, aside = read_tree(store, bare=request.task in WITHIN)
    entries = [labelled.entry for labelled in tree]
    decoded = recall_or_decode(
        key_of(source, entries, request), lambda allocate: decode_images(store, entries, request, allocate)
    )
    return pool_files(store, tree, aside, decoded, "images", "an image")
