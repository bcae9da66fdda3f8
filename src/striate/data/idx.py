"""MNIST's idx files: a magic number, the extents, then the values, big-endian; gzipped or not, under any prefix.

Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database", section "File formats".
"""

from __future__ import annotations

import math
import zlib
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.data.arrays import Pair, pool_arrays
from striate.data.pool import Pool, Request, Side
from striate.data.store import Entry, Store, shown
from striate.errors import DataError

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
MOST_BYTES = 1 << 36
_AXES_MOST = 8


def is_idx(store: Store) -> bool:
    """Tell a folder or archive that holds idx files, by their names."""
    return any(_role(entry.name) for entry in store.entries)


def read_idx(store: Store, request: Request) -> Pool:
    """Read the images and labels of train and, where they are there, of test (`t10k` or `test`) and val.

    Raises: DataError for a file that is missing, truncated, of a wrong magic number, or whose counts differ.
    """
    roles: dict[tuple[Side, str], Entry] = {}
    for entry in store.entries:
        role = _role(entry.name)
        if role and role in roles:
            raise DataError(
                f"{store.where}: found both {shown(roles[role].name)} and {shown(entry.name)}; needed one file of "
                f"{role[1]} for {role[0].name.lower()}. Keep one set in the folder."
            )
        if role:
            roles[role] = entry
    pairs: dict[Side, Pair] = {}
    for side in sorted({side for side, _ in roles}):
        for half in ("images", "labels"):
            if (side, half) not in roles:
                raise DataError(f"{store.where}: found idx files for {side.name.lower()} but no {half}; needed both.")
        images, labels = (_read(store, roles[side, half]) for half in ("images", "labels"))
        pairs[side] = (images, labels)
    pool = pool_arrays(pairs, store.where, request)
    return replace(pool, kind="images" if len(pool.smallest) == 2 else "arrays")


def parse_idx(content: bytes, where: str) -> NDArray[Any]:
    """Read one idx file's bytes, gzipped or not.

    Shape: as the file says.
    Raises: DataError for a wrong magic number, or more or fewer values than the header says.

    >>> parse_idx(bytes([0, 0, 8, 1, 0, 0, 0, 3, 5, 6, 7]), "labels")
    array([5, 6, 7], dtype=uint8)
    """
    header = _unpack(content, 4 + 4 * _AXES_MOST, where)
    if len(header) < 4 or header[:2] != b"\0\0" or header[2] not in TYPES or not 1 <= header[3] <= _AXES_MOST:
        raise DataError(
            f"{where}: starts with {header[:4].hex(' ') or 'nothing'}; needed an idx file's magic 00 00 08 0n."
        )
    start = 4 + 4 * header[3]
    shape = tuple(int(extent) for extent in np.frombuffer(header[4 : len(header[:start]) // 4 * 4], ">u4"))
    dtype = np.dtype(TYPES[header[2]])
    needed = math.prod(shape) * dtype.itemsize
    if len(shape) < header[3] or needed > MOST_BYTES:
        raise DataError(f"{where}: the header is cut short or says {needed} bytes; needed at most {MOST_BYTES}.")
    body = _unpack(content, start + needed + 1, where)
    if len(body) != start + needed:
        found = "more" if len(body) > start + needed else f"only {max(0, len(body) - start)}"
        raise DataError(f"{where}: found {found} bytes of values; needed {needed} for {shape}. Fetch the file again.")
    return np.frombuffer(body, dtype, offset=start).reshape(shape)


def _unpack(content: bytes, most: int, where: str) -> bytes:
    """Give the first `most` bytes, unzipped where they are gzipped: never more, whatever the file would swell to."""
    if content[:2] != b"\x1f\x8b":
        return content[:most]
    stream = zlib.decompressobj(wbits=31)
    try:
        return stream.decompress(content, most)
    except zlib.error as error:
        raise DataError(f"{where}: is a damaged gzip file ({error}); needed a whole one. Fetch it again.") from error


def _read(store: Store, entry: Entry) -> NDArray[Any]:
    return parse_idx(store.read(entry), f"{store.where}: {shown(entry.name)}")


def _role(name: str) -> tuple[Side, str] | None:
    """Tell what a file holds by its name: `emnist-letters-train-images-idx3-ubyte.gz`."""
    base = name.rsplit("/", 1)[-1].lower()
    if "." in base.removesuffix(".gz") and "idx" not in base and "ubyte" not in base:
        return None
    half = next((half for half in ("images", "labels") if half in base), None)
    if half is None:
        return None
    if "train" in base:
        return Side.TRAIN, half
    if "val" in base:
        return Side.VAL, half
    return (Side.TEST, half) if "t10k" in base or "test" in base else None
