"""Many image files into one array: headers first to choose a size, then every file once, on all processors."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from striate.data.decoded import Allocate, Decoded, in_memory
from striate.data.images import Header, decode_image, explain_failure, read_header
from striate.data.part import Bytes, Inputs
from striate.data.pool import Request
from striate.data.sink import Sink
from striate.data.size import choose_extents
from striate.data.store import Entry, Store
from striate.data.sweep import Sweep, read_whole
from striate.errors import DataError

_AT_ONCE_BYTES = 1 << 13  # handing over costs more than decoding


def decode_images(store: Store, entries: Sequence[Entry], request: Request, allocate: Allocate = in_memory) -> Decoded:
    """Decode entries, given by name, into an array that `allocate` makes; those that can't be read are set aside.

    Shape: uint8 [N, 1 or 3, height, width].
    Raises: DataError for a forced size that images can't have.
    """
    _check_request(store, request)
    with warnings.catch_warnings():  # Pillow warns of large or odd files; what can't be read is named by us instead
        warnings.simplefilter("ignore")
        return _decode(
            Sweep(store, entries, request, explain_failure, passes=1 if request.extents else 2), request, allocate
        )


def _decode(sweep: Sweep, request: Request, allocate: Allocate) -> Decoded:
    """Choose the size, decode everything, drop what failed and the channels that say nothing."""
    looked = [] if request.extents else list(sweep.look(_look).values())
    extents, channels = _choose(looked, request)
    sink = Sink(allocate("decoded", (len(sweep.list_readable()), channels, *extents)))

    def work(place: int, content: bytes) -> tuple[Bytes, tuple[bool, Header]]:
        pixels, header = decode_image(content, extents, channels)
        coloured = request.channels is None and len(pixels) == 3 and bool((pixels != pixels[:1]).any())
        return pixels, (coloured, header)

    scaling = {(header.height, header.width) for header in looked} != {extents}
    found = sweep.decode(sink, read_whole, work, scaling=scaling, at_once_bytes=_AT_ONCE_BYTES)
    headers = [found[place][1] for place in sweep.list_readable()]
    sizes = [(header.height, header.width) for header in headers] or [(0, 0)]
    grey = channels == 3 and request.channels is None and not any(coloured for coloured, _ in found.values())
    return sweep.finish(sink, sizes, allocate, thin=_keep_first if grey else None)


def _look(store: Store, entry: Entry) -> Header:
    with store.open(entry) as stream:
        return read_header(stream)


def _choose(headers: Sequence[Header], request: Request) -> tuple[tuple[int, int], int]:
    """Choose the extents and channels, from the headers where they aren't forced."""
    if request.extents:
        height, width = request.extents
        return (height, width), request.channels or 3
    extents = choose_extents([(header.height, header.width) for header in headers]) if headers else (1, 1)
    return extents, request.channels or (1 if all(header.grey for header in headers) else 3)


def _keep_first(pixels: Inputs) -> Inputs:
    """One channel of three that are equal."""
    return pixels[:1]


def _check_request(store: Store, request: Request) -> None:
    if request.extents is not None and len(request.extents) != 2:
        raise DataError(
            f"{store.where}: holds images (2 extents); needed samples of {'x'.join(map(str, request.extents))}."
        )
    if request.channels not in (None, 1, 3):
        raise DataError(
            f"{store.where}: holds images (1 or 3 channels); needed samples of {request.channels} channels."
        )
