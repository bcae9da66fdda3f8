"""Packed arrays are judged by what their listing promises, whatever is in them, and left as they were found."""

from __future__ import annotations

import struct
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import numpy as np
import pytest

from striate.data import swelling
from striate.data.swelling import check_swelling
from striate.errors import DataError

ZEROS = bytes(100_000)


def pack(members: dict[str, bytes], how: int = ZIP_DEFLATED) -> BytesIO:
    stream = BytesIO()
    with ZipFile(stream, "w", how) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return stream


def find_packed_bytes(stream: BytesIO) -> int:
    with ZipFile(stream) as packed:
        return packed.infolist()[-1].compress_size


@pytest.mark.parametrize("beyond", [0, 1])
def test_the_bound_is_the_ratio_where_that_is_more(monkeypatch: pytest.MonkeyPatch, beyond: int) -> None:
    stream = pack({"small": b"1", "zeros": ZEROS})
    packed_bytes = find_packed_bytes(stream)
    assert packed_bytes > 0
    ratio = -(-len(ZEROS) // packed_bytes) - beyond  # just enough, or one too few
    monkeypatch.setattr(swelling, "RATIO", ratio)
    monkeypatch.setattr(swelling, "RATIO_FROM_BYTES", 100)
    if not beyond:
        check_swelling(stream, "x.npz")
        assert stream.tell() == 0
        return
    with pytest.raises(DataError, match=rf"^x\.npz: zeros swells to more than {ratio} times its size; refused\.$"):
        check_swelling(stream, "x.npz")


@pytest.mark.parametrize("beyond", [0, 1])
def test_small_files_may_swell_as_they_like(monkeypatch: pytest.MonkeyPatch, beyond: int) -> None:
    monkeypatch.setattr(swelling, "RATIO", 1)
    monkeypatch.setattr(swelling, "RATIO_FROM_BYTES", len(ZEROS) - beyond)
    if not beyond:
        check_swelling(pack({"zeros": ZEROS}), "x")
        return
    with pytest.raises(DataError):
        check_swelling(pack({"zeros": ZEROS}), "x")
    check_swelling(pack({"zeros": ZEROS}, ZIP_STORED), "x")


def test_a_listing_that_promises_gigabytes_is_refused_unread() -> None:
    """The size is written over where the listing tells it; what is really in there is a few bytes."""
    content = bytearray(pack({"a.npy": b"12345"}).getvalue())
    place = content.index(b"PK\x01\x02") + 24
    assert struct.unpack_from("<I", content, place) == (5,)
    struct.pack_into("<I", content, place, 3 << 30)
    with pytest.raises(DataError, match=r"a\.npy swells"):
        check_swelling(BytesIO(content), "x.npz")


def test_a_name_is_kept_on_one_line() -> None:
    content = bytearray(pack({"a\nb": b"12345"}).getvalue())
    struct.pack_into("<I", content, content.index(b"PK\x01\x02") + 24, 3 << 30)
    with pytest.raises(DataError) as caught:
        check_swelling(BytesIO(content), "x")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"no zip at all", b"PK"])
def test_what_is_no_zip_passes_and_is_read_from_its_start(content: bytes) -> None:
    stream = BytesIO(content)
    stream.seek(0, 2)
    check_swelling(stream, "x.npy")
    assert stream.read() == content


def test_a_real_file_of_arrays_passes() -> None:
    stream = BytesIO()
    np.savez_compressed(stream, images=np.zeros((30, 20, 20), np.uint8), labels=np.arange(30))
    check_swelling(stream, "x.npz")
    assert np.load(stream)["labels"].tolist() == list(range(30))
