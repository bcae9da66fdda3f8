"""The formats that are read, in the order they are tried: adding one is a file, its test, and a line here."""

from __future__ import annotations

from pathlib import Path
from striate.data.folder import Folder
from striate.data.idx import is_idx, read_idx
from striate.data.pool import Pool, Request
from striate.errors import DataError


def pool_path(path: Path, request: Request) -> Pool:
    store = Folder(path)
    if is_idx(store):
        return read_idx(store, request)
    raise DataError("no format")
