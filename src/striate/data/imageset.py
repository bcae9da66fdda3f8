"""Images in class folders or under a labels.csv, in a folder or an archive: the tree read, the files decoded once."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from striate.data.cache import key_of, recall_or_decode
from striate.data.decode import decode_images
from striate.data.marks import gather_labels
from striate.data.part import SetAside
from striate.data.pool import Pool, Request
from striate.data.store import Store, shown
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
    kept = [tree[place] for place in decoded.kept]
    task, classes, labels = gather_labels(kept)
    lost = sorted({labelled.label for labelled in tree} - {*classes, ""})
    files = sorted({*store.set_aside, *aside, *decoded.set_aside}, key=lambda each: each.name)
    return Pool(
        inputs=decoded.inputs,
        labels=labels,
        names=[shown(labelled.name) for labelled in kept],
        sides=np.array([labelled.side for labelled in kept], np.int8),
        classes=classes,
        kind="images",
        smallest=decoded.smallest,
        largest=decoded.largest,
        set_aside=(*files, *(SetAside(shown(label), "a class without an image that can be read") for label in lost)),
        hashes=decoded.hashes,
        moments=decoded.moments,
        task=task,
    )
