"""The Free Spoken Digit Dataset: class, speaker and number of a recording stand in its name, 7_theo_3.wav.

Source: Z. Jackson and others, "Free Spoken Digit Dataset", github.com/Jakobovski/free-spoken-digit-dataset; its README
makes the recordings 0 to 4 of each digit and speaker the test part.
"""

from __future__ import annotations

import re
from pathlib import Path

from striate.data.formats import BESIDE, open_store
from striate.data.part import SetAside
from striate.data.pool import Pool, Request, Side
from striate.data.soundset import pool_sounds
from striate.data.store import shown
from striate.data.tree import Labelled
from striate.errors import DataError

NAME = re.compile(r"(?:.*/)?(\d)_([^_/]+)_(\d+)\.wav", re.ASCII | re.DOTALL)
SPEAKER = r"_(\w+)_"
TESTED = 5  # the first recordings of each digit and speaker


def read_fsdd(path: Path, request: Request) -> Pool:
    """Read the recordings from the archive, or a copy of the repository. Raises: DataError where there are none."""
    store = open_store(path)
    try:
        tree, aside = [], []
        for entry in sorted(store.entries, key=lambda entry: entry.name):
            found = NAME.fullmatch(entry.name)
            if found is None:
                aside.append(SetAside(shown(entry.name), BESIDE))
                continue
            digit, _, number = found.groups()
            side = Side.TEST if int(number) < TESTED else Side.TRAIN
            tree.append(Labelled(entry, entry.name, digit, side))
        if not tree:
            raise DataError(f"{store.where}: found no recording such as 7_theo_3.wav; needed fsdd's. Is it complete?")
        return pool_sounds(store, tree, aside, request, path)
    finally:
        store.close()
