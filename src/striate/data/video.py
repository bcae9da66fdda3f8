"""One video file by PyAV, which is imported only where there is one: how long it is, and its frames with their starts.

Only the containers named here are opened, from the bytes given: a playlist that calls itself .mp4 can name other files
and addresses, and is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from striate.data.frames import Span
from striate.data.images import MOST_PIXELS
from striate.data.part import Bytes

if TYPE_CHECKING:
    from av import Packet, VideoFrame
    from av.container import InputContainer
    from av.video.stream import VideoStream

EXTRA = "pip install 'striate[video]'"
_CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,avi,matroska,webm"
_MISSING = 0.1  # a file that lacks more than this share of the length that it states was cut off
_LEAD_SECONDS = 2.0  # to a moment further in it is jumped


def can_read_video() -> bool:
    """Tell whether PyAV is installed."""
    try:
        import av  # noqa: F401
    except ImportError:
        return False
    return True


def read_video_span(stream: BinaryIO) -> Span:
    """Read how long a video is from its packets' times, without decoding it.

    Raises: ValueError for one without pictures or that was cut off; whatever PyAV raises for what is no video.
    """
    with _opened(stream) as (container, video):
        timed = [(_find_start(packet), packet.duration or 0) for packet in container.demux(video)]
        found = [(start, duration) for start, duration in timed if start is not None]
        if not found or video.time_base is None:
            raise ValueError("no frame in it")
        starts = sorted(start for start, _ in found)
        last = max(duration for start, duration in found if start == starts[-1])
        steps = last or (starts[-1] - starts[0]) / max(1, len(starts) - 1) or 1
        seconds = float((starts[-1] - starts[0] + steps) * video.time_base)
        _check_whole(container, video, seconds)
        return Span(seconds, len(starts))


def iterate_video(stream: BinaryIO, begin: float = 0.0) -> Iterator[tuple[float, Bytes]]:
    """Give a video's frames in the order in which they are shown, turned upright: (start in seconds, [H, W, 3]).

    Starts count from the first frame's. What lies well before `begin` may be left out, but for the first frame.
    Raises: ValueError for one without frames; whatever PyAV raises for a damaged one.
    """
    with _opened(stream) as (container, video):
        frames = container.decode(video)
        first = next(frames, None)
        if first is None:
            raise ValueError("no frame in it")
        if begin > _LEAD_SECONDS and video.time_base is not None:
            container.seek(_read_start(first) + int(begin / video.time_base), stream=video)  # the key frame before it
            frames = container.decode(video)
        last = -1.0
        for frame in chain([first], frames):
            start = float((_read_start(frame) - _read_start(first)) * (video.time_base or 0))
            if last == 0.0 and begin > _LEAD_SECONDS and start > begin:  # there was none: from the start, then
                break
            last = start
            yield start, _turn_upright(frame)
        else:
            return
    stream.seek(0)
    yield from iterate_video(stream)


def _find_start(timed: Packet[Any] | VideoFrame) -> int | None:
    return timed.dts if timed.pts is None else timed.pts


def _read_start(frame: VideoFrame) -> int:
    start = _find_start(frame)
    if start is None:
        raise ValueError("frames without times")
    return start


def _turn_upright(frame: VideoFrame) -> Bytes:
    if frame.width * frame.height > MOST_PIXELS:
        raise ValueError(f"more than {MOST_PIXELS} pixels")
    pixels: Bytes = np.rot90(frame.to_ndarray(format="rgb24"), round(frame.rotation / 90))
    return pixels


@contextmanager
def _opened(stream: BinaryIO) -> Iterator[tuple[InputContainer, VideoStream]]:
    import av

    with av.open(stream, "r", options={"format_whitelist": _CONTAINERS}) as container:
        if not container.streams.video:
            raise ValueError("no pictures in it, only sound")
        video = container.streams.video[0]
        video.codec_context.thread_count = 1  # several files are decoded at once
        yield container, video


def _check_whole(container: InputContainer, video: VideoStream, seconds: float) -> None:
    """Refuse a video that ends long before the length that its header states."""
    if video.duration is not None and video.time_base is not None:
        stated = float(video.duration * video.time_base)
    elif container.duration is not None and not container.streams.audio:
        stated = container.duration / 1_000_000
    else:
        return
    if seconds < stated * (1 - _MISSING):
        raise ValueError(f"cut off: {seconds:.3g} of {stated:.3g} seconds are there")
