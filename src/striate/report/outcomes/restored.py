"""One restored sample as pictures side by side: damaged, restored, clean, and what is left of the difference.

A sound is a curve, a spectrogram and a player each.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from striate.report.heats.sounds import encode_wav
from striate.report.heats.spectra import compute_spectrogram
from striate.report.markup import element
from striate.report.pictures import LONGEST, SMALL, draw_sample, draw_wave
from striate.report.pixels import encode_png, merge_channels, shrink, take_middle
from striate.report.strips import lay_slices

Reals = NDArray[np.floating[Any]]
TOO_MUCH, TOO_LITTLE = (214, 94, 10), (40, 104, 190)
STRONG = 0.5  # of full scale: a difference that is shown in full colour
TITLES = ("damaged", "restored", "clean", "restored less clean")


def draw_restored(
    given: Reals, answer: Reals, wanted: Reals, name: str, told: tuple[str, str], low: float, rate: int | None
) -> Markup:
    """Draw what was given, the answer and what was wanted, [C, *extents] of full scale `low` to 1.

    `told` says how good the first two are; `rate` is a sound's, in samples per second.
    """
    arrays = (given, answer, wanted, answer - wanted)
    if rate is not None or given.ndim == 2:
        drawn = [_draw_curve(each, f"{name}, {title}", rate) for each, title in zip(arrays, TITLES, strict=True)]
    else:
        whole = [scale_bytes(each, low) for each in arrays[:3]]
        drawn = [draw_sample(each, f"{name}, {title}") for each, title in zip(whole, TITLES[:3], strict=True)]
        drawn.append(_draw_difference(arrays[3], f"{name}, {TITLES[3]}"))
    said = (f"{TITLES[0]}, {told[0]}", f"{TITLES[1]}, {told[1]}", *TITLES[2:])
    return element(
        "div",
        [element("figure", [each, element("figcaption", text)]) for each, text in zip(drawn, said, strict=True)],
        class_="cells",
    )


def scale_bytes(values: Reals, low: float) -> NDArray[np.uint8]:
    pixels: NDArray[np.uint8] = np.clip(np.rint(255 * (values - low) / (1 - low)), 0, 255).astype(np.uint8)
    return pixels


def _draw_difference(rest: Reals, label: str) -> Markup:
    pixels = paint_difference(rest)
    height, width = pixels.shape[:2]
    small = "pixels" if max(rest.shape[-2:]) <= SMALL else None
    return element("img", src=encode_png(pixels), alt=label, width=width, height=height, class_=small)


def paint_difference(rest: Reals) -> NDArray[np.uint8]:
    """Too much in orange, too little in blue, nothing white: [C, *extents] as one colour picture."""
    flat = lay_slices(take_middle(rest, 3)) if rest.ndim > 3 else rest
    mean = merge_channels(flat)
    mean = mean.mean(-1) if mean.ndim > 2 else mean
    mean = np.where(mean > 2, 0.0, mean)  # the paper between slices
    colours = np.where((mean > 0)[..., None], np.array(TOO_MUCH), np.array(TOO_LITTLE))
    share = np.clip(np.abs(mean) / STRONG, 0, 1)[..., None]
    return shrink(np.rint(255 + share * (colours - 255.0)).astype(np.uint8), (1 + (rest.ndim > 3)) * LONGEST)


def _draw_curve(values: Reals, label: str, rate: int | None) -> Markup:
    """A curve; of a sound also its spectrogram, dark where it is loud, and a player."""
    curve = draw_wave(np.clip(values, -1, 1) if rate else values, label, zero=rate is not None)
    if rate is None:
        return curve
    mono = np.asarray(values, np.float64).mean(0)
    found, spectrum = compute_spectrogram(mono, rate), []
    if found is not None:
        pixels = np.rint(255 * (1 - found.levels[::-1])).astype(np.uint8)
        about = f"{label}: spectrogram up to {found.hertz:,.0f} Hz"
        spectrum = [element("img", src=encode_png(pixels), alt=about, class_="spectrum")]
    player = element("audio", controls="", preload="none", src=encode_wav(mono, rate), aria_label=label)
    return element("div", [curve, *spectrum, player], class_="heard")
