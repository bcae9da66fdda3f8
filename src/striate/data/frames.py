"""Which moments of a clip are looked at: one rate and one number of frames for all clips, chosen from the clips."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

MOST_FRAMES = 32
GRACE_SECONDS = 0.001  # to which matroska rounds its time stamps

Moments = NDArray[np.float64]
Frame = TypeVar("Frame")


@dataclass(frozen=True)
class Span:
    """How long a clip is; `seconds` is None for numbered pictures, of which nothing says how fast they follow."""

    seconds: float | None
    frames: int


@dataclass(frozen=True)
class Sampling:
    """`length` frames at `rate` a second; `undated` is the rate that numbered pictures are taken to have."""

    rate: float
    length: int
    undated: float


def choose_sampling(spans: Sequence[Span], length: int | None = None, rate: float | None = None) -> Sampling:
    """Choose the rate and the number of frames: those of the median clip, every k-th frame of it where it has over 32.

    `length` and `rate` force one of the two, and the other then covers the median clip.

    >>> choose_sampling([Span(4.0, 100), Span(4.0, 100), Span(2.0, 50)])
    Sampling(rate=6.25, length=25, undated=25.0)
    """
    rates = [span.frames / span.seconds for span in spans if span.seconds]
    native = round(median(rates), 6) if rates else 1.0
    seconds = median(measure_seconds(span, native) for span in spans) if spans else 1 / native
    count = max(1, round(seconds * native))
    if rate is not None:
        return Sampling(rate, length or max(1, round(seconds * rate)), native)
    if length is not None:
        return Sampling(length * native / count, length, native)
    step = math.ceil(count / MOST_FRAMES)
    return Sampling(native / step, max(1, count // step), native)


def measure_seconds(span: Span, undated: float) -> float:
    """How long a clip is, in seconds; of numbered pictures at the rate that they are taken to have."""
    return span.frames / undated if span.seconds is None else span.seconds


def place_moments(seconds: float, sampling: Sampling) -> Moments:
    """Place the moments, in seconds from a clip's start: the middles of equal steps, in the middle of a longer clip.

    Of a shorter clip the last ones lie past its end.

    >>> place_moments(2.0, Sampling(rate=2.0, length=2, undated=2.0)).tolist()
    [0.75, 1.25]
    """
    start = max(0.0, (seconds - sampling.length / sampling.rate) / 2)
    moments: Moments = start + (np.arange(sampling.length, dtype=np.float64) + 0.5) / sampling.rate
    return moments


def pick_frames(frames: Iterable[tuple[float, Frame]], moments: Moments) -> Iterator[Frame]:
    """Give the frame that is shown at each moment, of frames that come with their starts; past the end it is the last.

    Cost:   no frame is asked for after the last moment; one is held.
    Raises: ValueError where there are no frames.

    >>> list(pick_frames([(0.0, "a"), (0.5, "b"), (1.0, "c")], np.array([0.2, 0.7, 9.0])))
    ['a', 'b', 'c']
    """
    shown, place = None, 0
    for start, frame in frames:
        while shown is not None and moments[place] + GRACE_SECONDS < start:
            yield shown[0]
            place += 1
            if place == len(moments):
                return
        shown = (frame,)
    if shown is None:
        raise ValueError("no frame in it")
    for _ in moments[place:]:
        yield shown[0]
