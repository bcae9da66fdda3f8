"""Files that are a sample each, once they are decoded: one pool of them, with their labels and what was set aside."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from striate.data.decoded import Decoded
from striate.data.marks import gather_labels
from striate.data.part import Kind, SetAside
from striate.data.pool import Pool
from striate.data.store import Store, shown
from striate.data.tree import Labelled


def pool_files(
    store: Store, tree: Sequence[Labelled], aside: Sequence[SetAside], decoded: Decoded, kind: Kind, noun: str
) -> Pool:
    """Label what was decoded of a tree; whatever was set aside on the way is named, and so is a class that lost all.

    `noun` names one sample with its article; `aside` are the files that the tree itself left out.
    """
    kept = [tree[int(place)] for place in decoded.kept]
    task, classes, labels = gather_labels(kept)
    files = sorted({*store.set_aside, *aside, *decoded.set_aside}, key=lambda each: each.name)
    lost = sorted({labelled.label for labelled in tree} - {*classes, ""})
    return Pool(
        inputs=decoded.inputs,
        labels=labels,
        names=[shown(labelled.name) for labelled in kept],
        sides=np.array([labelled.side for labelled in kept], np.int8),
        classes=classes,
        kind=kind,
        smallest=decoded.smallest,
        largest=decoded.largest,
        set_aside=(*files, *(SetAside(shown(label), f"a class without {noun} that can be read") for label in lost)),
        hashes=decoded.hashes,
        moments=decoded.moments,
        task=task,
    )
