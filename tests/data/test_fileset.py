"""A pool of files against a loop over what the tree says of each: every sample with its own label, name and side."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from striate.data.decoded import Decoded
from striate.data.fileset import pool_files
from striate.data.folder import Folder
from striate.data.hashing import hash_samples, sum_moments
from striate.data.part import SetAside
from striate.data.pool import Side
from striate.data.store import Entry
from striate.data.tree import Labelled

FILES = (("b/1", "b", Side.TRAIN), ("a/2", "a", Side.TEST), ("a/3", "a", Side.TRAIN), ("c\n/4", "c\n", Side.VAL))


def make_tree() -> list[Labelled]:
    return [Labelled(Entry(name, 0, 0, None), name, label, side) for name, label, side in FILES]


def decode(kept: list[int], aside: tuple[SetAside, ...] = ()) -> Decoded:
    """As though these files had been read, each as its own place."""
    inputs = np.array(kept, np.uint8).reshape(-1, 1, 1, 1)
    return Decoded(inputs, np.array(kept), aside, (1, 1), (2, 3), hash_samples(inputs), sum_moments(inputs))


@pytest.mark.parametrize("kept", [[0, 1, 2, 3], [0, 2], [1]])
def test_each_sample_keeps_what_its_own_file_says(tmp_path: Path, kept: list[int]) -> None:
    decoded = decode(kept)
    pool = pool_files(Folder(tmp_path), make_tree(), [], decoded, "images", "an image")
    assert len(pool.labels) == len(pool.names) == len(pool.sides) == len(pool.inputs) == len(kept)
    for row, place in enumerate(pool.inputs[:, 0, 0, 0].tolist()):
        name, label, side = FILES[place]
        assert pool.names[row] == name.replace("\n", "\\n")
        assert pool.classes[pool.labels[row]] == label
        assert pool.sides[row] == side
    assert list(pool.classes) == sorted({FILES[place][1] for place in kept})
    assert (pool.kind, pool.task, pool.smallest, pool.largest) == ("images", "classify", (1, 1), (2, 3))
    assert pool.hashes is decoded.hashes
    assert pool.moments is decoded.moments


def test_what_is_set_aside_anywhere_is_named_in_order_and_classes_without_a_sample_last(tmp_path: Path) -> None:
    store = Folder(tmp_path)
    store.set_aside = (SetAside("m", "a link"), SetAside("z", "a pipe"))
    twice = SetAside("z", "a pipe")
    pool = pool_files(
        store, make_tree(), [SetAside("n", "stray"), twice], decode([0], (SetAside("a/2", "torn"),)), "video", "a clip"
    )
    assert [each.name for each in pool.set_aside] == ["a/2", "m", "n", "z", "a", "c\\n"]
    assert {each.reason for each in pool.set_aside[4:]} == {"a class without a clip that can be read"}


def test_files_without_classes_lose_none(tmp_path: Path) -> None:
    tree = [Labelled(Entry(name, 0, 0, None), name, "", Side.UNSAID) for name in ("1", "2")]
    pool = pool_files(Folder(tmp_path), tree, [], decode([1]), "sound", "a sound")
    assert pool.set_aside == ()
    assert pool.names == ["2"]


def test_files_that_a_table_gives_numbers_regress_on_them(tmp_path: Path) -> None:
    tree = [
        Labelled(Entry(str(n), 0, 0, None), str(n), "", Side.UNSAID, "regress", (n / 2, -n), ("x", "y"))
        for n in range(3)
    ]
    pool = pool_files(Folder(tmp_path), tree, [], decode([0, 2]), "volumes", "an array")
    assert (pool.task, pool.classes) == ("regress", ("x", "y"))
    assert pool.labels.tolist() == [[0.0, 0.0], [1.0, -2.0]]
