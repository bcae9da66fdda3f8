"""One clip, whichever way it is stored: how long and how large it is, and its frames as bytes of the size asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Literal

import numpy as np

from striate.data.animation import iterate_animation, read_animation_span
from striate.data.frames import Sampling, Span, measure_seconds, pick_frames, place_moments
from striate.data.images import MOST_BYTES, open_image, read_header, to_mode
from striate.data.part import Bytes
from striate.data.size import fit_pixels
from striate.data.store import Bundle, Entry, Store
from striate.data.video import iterate_video, read_video_span

Stored = Literal["video", "animation", "numbered"]
GREY_SPREAD = 6  # in bytes, how far apart the channels of a grey frame are at most: lossy coding leaves a little colour


@dataclass(frozen=True)
class ClipHeader:
    """What a clip is before it is decoded."""

    span: Span
    height: int
    width: int
    stored: Stored


def read_clip_header(store: Store, entry: Entry) -> ClipHeader:
    """Read how long and how large a clip is. Raises: whatever the decoders raise for what is none."""
    if not isinstance(entry, Bundle):
        content = read_contents(store, entry)[0]
        return _measure(read_video_span(BytesIO(content)), iterate_video(BytesIO(content)), "video")
    if len(entry.parts) == 1:
        content = read_contents(store, entry)[0]
        return _measure(read_animation_span(BytesIO(content)), iterate_animation(BytesIO(content)), "animation")
    with store.open(entry.parts[0]) as stream:
        picture = read_header(stream)
    return ClipHeader(Span(None, len(entry.parts)), picture.height, picture.width, "numbered")


def _measure(span: Span, frames: Iterator[tuple[float, Bytes]], stored: Stored) -> ClipHeader:
    height, width = next(frames)[1].shape[:2]
    return ClipHeader(span, height, width, stored)


def read_contents(store: Store, entry: Entry) -> list[bytes]:
    """Read a clip's files. Raises: OSError for one that can't be read, is empty, or too large."""
    files = entry.parts if isinstance(entry, Bundle) else (entry,)
    contents = []
    for file in files:
        with store.open(file) as stream:
            contents.append(stream.read(MOST_BYTES + 1))
        if not 0 < len(contents[-1]) <= MOST_BYTES:
            raise OSError(f"more than {MOST_BYTES} bytes" if contents[-1] else "an empty file")
    return contents


def decode_clip(
    contents: list[bytes], header: ClipHeader, sampling: Sampling, extents: tuple[int, int]
) -> tuple[Bytes, bool]:
    """Decode a clip's frames at the moments that the sampling names; also tell whether there is colour in it.

    Each frame is scaled to cover `extents` and cut to its centre, as pictures are. `contents` are the clip's files.
    Shape: uint8 [3, length, *extents].
    Raises: whatever the decoders raise for what is no whole clip.
    """
    moments = place_moments(measure_seconds(header.span, sampling.undated), sampling)
    fitted: list[Bytes] = []
    before: Bytes | bytes | None = None
    for frame in pick_frames(_iterate(contents, header, sampling, float(moments[0])), moments):
        if frame is not before:
            pixels = _decode_picture(frame) if isinstance(frame, bytes) else frame
            latest = fit_pixels(np.moveaxis(pixels, 2, 0)[None], extents)[0]
        fitted.append(latest)
        before = frame
    clip = np.stack(fitted, 1)
    return clip, bool((clip.max(0) - clip.min(0)).max(initial=0) > GREY_SPREAD)


def _iterate(
    contents: list[bytes], header: ClipHeader, sampling: Sampling, begin: float
) -> Iterator[tuple[float, Bytes | bytes]]:
    """Give frames with their starts; of numbered pictures the files, so that only those looked at are decoded."""
    if header.stored == "video":
        yield from iterate_video(BytesIO(contents[0]), begin)
    elif header.stored == "animation":
        yield from iterate_animation(BytesIO(contents[0]))
    else:
        for number, content in enumerate(contents):
            yield number / sampling.undated, content


def _decode_picture(content: bytes) -> Bytes:
    with open_image(BytesIO(content)) as image:
        image.load()
        return np.asarray(to_mode(image, "RGB"))
