"""Arrays in files: one .npz, or .npy files side by side (x_train.npy, y_train.npy). Nothing pickled is ever loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.data.arrays import pair_arrays, pool_arrays
from striate.data.pool import Pool, Request
from striate.data.store import Entry, Store, shown
from striate.data.swelling import check_swelling
from striate.data.tree import holds_classes
from striate.data.volume import names_volumes
from striate.errors import DataError


def is_npz(store: Store) -> bool:
    """Tell a source of array files, by their names; in a source of class folders they are none of the set."""
    found = any(entry.name.lower().endswith((".npz", ".npy")) for entry in store.entries)
    return found and not holds_classes(store) and not names_volumes(store)


def read_npz(store: Store, request: Request) -> Pool:
    """Read the one .npz of a source, or else its .npy files, as arrays under their names.

    Raises: DataError for several .npz files, damaged ones, pickled objects, or names that are not known.
    """
    packed = [entry for entry in store.entries if entry.name.lower().endswith(".npz")]
    if len(packed) > 1:
        raise DataError(f"{store.where}: found {len(packed)} .npz files; needed one. Name the one that is meant.")
    if not packed:
        return pool_arrays(pair_arrays(_Loose(store), store.where), store.where, request)
    where = packed[0].name if packed[0].name == store.where else f"{store.where}: {packed[0].name}"
    with store.open(packed[0]) as stream:
        try:
            check_swelling(stream, shown(where))
            arrays = np.load(stream, allow_pickle=False)
        except DataError:
            raise
        except Exception as error:  # damaged bytes raise almost anything
            raise DataError(
                f"{shown(where)}: can't be read as .npz ({error}); needed one that numpy.savez wrote."
            ) from error
        if not isinstance(arrays, Mapping):
            raise DataError(f"{shown(where)}: holds a single array; needed inputs and labels, as x and y of one .npz.")
        return pool_arrays(pair_arrays(arrays, shown(where)), shown(where), request)


class _Loose(Mapping[str, "NDArray[Any]"]):
    """The .npy files of a source as a mapping from their names; each is read when it is asked for."""

    def __init__(self, store: Store) -> None:
        self.store, self.files = store, dict[str, Entry]()
        for entry in store.entries:
            if entry.name.lower().endswith(".npy"):
                self.files[entry.name.rsplit("/", 1)[-1][:-4]] = entry

    def __getitem__(self, key: str) -> NDArray[Any]:
        with self.store.open(self.files[key]) as stream:
            return np.asarray(np.load(stream, allow_pickle=False))

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)
