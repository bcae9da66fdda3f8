"""Packed arrays whose listing promises an absurd size: refused before anything is unpacked."""

from __future__ import annotations

from typing import Any
from zipfile import ZipFile, is_zipfile

from striate.data.store import shown
from striate.errors import DataError

RATIO = 1000
RATIO_FROM_BYTES = 1 << 30


def check_swelling(stream: Any, where: str) -> None:
    """Refuse a zip of arrays whose listing promises an absurd size, before anything is unpacked. Raises: DataError."""
    if is_zipfile(stream):
        stream.seek(0)
        with ZipFile(stream) as packed:
            for info in packed.infolist():
                if info.file_size > max(RATIO_FROM_BYTES, RATIO * info.compress_size):
                    raise DataError(
                        f"{where}: {shown(info.filename)} swells to more than {RATIO} times its size; refused."
                    )
    stream.seek(0)
