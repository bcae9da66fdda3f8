"""Groups of samples that belong together (a speaker's recordings, say): none is on both sides of a split.

A network that has heard a speaker in training knows the voice, not only the word; a figure measured on other recordings
of the same speaker is too good.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from io import StringIO
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.data.columns import find_delimiter
from striate.data.part import Integers
from striate.data.pool import Pool, Side
from striate.data.split import TEST_SHARE, VAL_MOST, VAL_SHARE, Split
from striate.data.store import Store, shown
from striate.data.table import TABLE
from striate.errors import DataError

TRIES = 200  # orders of the groups that are tried, for parts of about the right size and mixture
COLUMN = "group"


def apply_grouping(pool: Pool, grouping: Mapping[str, Any] | None, name: str) -> Pool:
    """Give a pool its groups by the pattern `pattern`, and put the one that is to be held out, `hold_out`, into test.

    Samples of other groups that the source has in its test part are then trained on.

    Raises: DataError for a pattern that finds no group in a name, and for a group that isn't there.
    """
    pattern, held = ((grouping or {}).get(key) for key in ("pattern", "hold_out"))
    if pattern is not None:
        pool = replace(pool, groups=find_groups(pool.names, pattern))
    if held is None:
        return pool
    if pool.groups is None:
        raise DataError(
            f"--hold-out {held}: {name} says no groups; needed some. Give --group PATTERN, or a column `group`."
        )
    chosen = np.array([group == held for group in pool.groups], bool)
    if not chosen.any():
        known = sorted(set(pool.groups))
        found = shown(", ".join(known[:8])) + (", ..." if len(known) > 8 else "")
        raise DataError(f"--hold-out {held}: {name} has the groups {found}; needed one of them.")
    sides = np.where(chosen, Side.TEST, np.where(pool.sides == Side.TEST, Side.UNSAID, pool.sides)).astype(np.int8)
    note = f"the test part is the group `{held}`, all {int(chosen.sum()):,} samples of it; none of them was trained on"
    return replace(pool, sides=sides, notes=(*pool.notes, note))


def find_groups(names: Sequence[str], pattern: str) -> list[str]:
    r"""Find each sample's group in its name: what the pattern's first bracket holds, or else all that it matches.

    Raises: DataError for what is no pattern, or a name in which it finds nothing.

    >>> find_groups(["7/7_theo_3.wav", "7_lucas_12.wav"], r"_(\w+)_")
    ['theo', 'lucas']
    """
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise DataError(f"--group {shown(pattern)}: is no regular expression ({error}). Write it otherwise.") from None
    groups = []
    for name in names:
        found = compiled.search(name)
        if found is None:
            raise DataError(
                f"--group {shown(pattern)}: finds nothing in {shown(name)}; needed a group for each sample."
            )
        groups.append((found.group(1) if compiled.groups else found.group()) or "")
    return groups


def read_groups(store: Store) -> dict[str, str]:
    """Read the column `group` of a source's labels.csv: a group for each file; {} where there is none.

    A file without one is a group by itself.
    """
    tables = sorted(
        (e for e in store.entries if e.name.lower().split("/")[-1] == TABLE), key=lambda e: e.name.count("/")
    )
    if not tables:
        return {}
    text = store.read(tables[0]).decode("utf-8-sig", "replace")
    rows = csv.DictReader(StringIO(text, newline=""), delimiter=find_delimiter(text))
    rows.fieldnames = [name.strip().lower() for name in rows.fieldnames or ()]
    if not {"file", COLUMN} <= set(rows.fieldnames):
        return {}
    groups: dict[str, str] = {}
    for row in rows:
        file = shown(str(PurePosixPath((row["file"] or "").strip().replace("\\", "/"))))
        groups.setdefault(file, (row[COLUMN] or "").strip() or file)
    return groups


def split_groups(labels: Integers, sides: NDArray[np.int8], groups: Sequence[str], seed: int) -> Split:
    """Split as `split_pool` does, but by whole groups: the source's own parts are kept, what is lacking is drawn.

    Of many orders of the groups, drawn by `seed`, the one is taken whose parts come nearest to their size and to the
    mixture of classes. Every class keeps a training sample; where no such part can be had there is none.

    >>> parts = split_groups(np.tile([0, 1], 50), np.zeros(100, np.int8), [str(n // 10) for n in range(100)], seed=0)
    >>> len(parts.train), len(parts.val), len(parts.test)
    (70, 10, 20)
    """
    rng = np.random.default_rng(seed)
    _, numbers = np.unique(np.array(groups, str), return_inverse=True)
    rest = np.flatnonzero((sides == Side.TRAIN) | (sides == Side.UNSAID))
    val, test = np.flatnonzero(sides == Side.VAL), np.flatnonzero(sides == Side.TEST)
    official = len(test) > 0
    if not official and not len(val):
        rest, test = _draw(rest, labels, numbers, round(len(rest) * TEST_SHARE), rng)
    if not len(val):
        rest, val = _draw(rest, labels, numbers, min(round(len(rest) * VAL_SHARE), VAL_MOST), rng)
    return Split(rest, val if len(val) else None, test if len(test) else None, official)


def _draw(
    places: Integers, labels: Integers, groups: Integers, total: int, rng: np.random.Generator
) -> tuple[Integers, Integers]:
    """Take whole groups of about `total` samples away; return what is left and what was taken, both ascending."""
    names, inverse = np.unique(groups[places], return_inverse=True)
    classes, strata = np.unique(labels[places], return_inverse=True)
    counts = np.zeros((len(names), max(1, len(classes))))
    np.add.at(counts, (inverse, strata), 1)
    best, least = np.zeros(len(names), bool), np.inf
    for _ in range(TRIES if total and len(names) > 1 else 0):
        order = rng.permutation(len(names))
        sizes = counts[order].sum(1).cumsum()
        chosen = np.zeros(len(names), bool)
        chosen[order[: 1 + int(np.argmin(np.abs(sizes - total)))]] = True
        badness = _judge(counts, chosen, total)
        if badness < least:
            best, least = chosen, badness
    taken = best[inverse]
    return places[~taken], places[taken]


def _judge(counts: NDArray[np.float64], chosen: NDArray[np.bool_], total: int) -> float:
    """How far a part is from its size and from the whole's mixture of classes; infinite where a class is all taken."""
    taken, whole = counts[chosen].sum(0), counts.sum(0)
    if (taken == whole).any():
        return float("inf")
    return float(np.abs(taken - whole * (total / whole.sum())).sum())
