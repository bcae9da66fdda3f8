"""Filters side by side: the input before, the kernel with its numbers, and the input after, also channel by channel."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from numpy.typing import NDArray

from striate.explain.convolving.filters import Applied, Filtered
from striate.report.convolving.filtersounds import draw_filtered_sound
from striate.report.convolving.stencils import draw_stencil
from striate.report.convolving.tones import Tone, choose_tone, make_pixels, write_value
from striate.report.numerals import write_shape
from striate.report.palette import INK, QUIET
from striate.report.picture import LARGE, PLAIN, SMALL, Picture, shorten_text, styled, wrap_text

# All in inches.
WIDTH, EDGE, HEAD, GAP, LINE = 8.6, 0.3, 0.85, 0.2, 0.16
INSIDE = WIDTH - 2 * EDGE
TITLE, CAPTION = 0.27, 0.2  # above a kernel's row; below a tile
HIGHEST, LEAST = 3.6, 0.25
MOST_CHANNELS, FEW = 3, 2
COLOURS = ("red", "green", "blue")


def draw_filtered(found: Filtered) -> Picture:
    """Draw an input before and after each kernel; with three channels also each of them, in grey.

    A series is drawn as waves and spectra; of a volume the middle slice. One or two kernels get a block each.
    """
    if found.before.ndim == 2:
        return draw_filtered_sound(found)
    with styled():
        return _draw_sheet(found) if len(found.applied) > FEW and len(found.before) > 1 else _draw_blocks(found)


def _draw_blocks(found: Filtered) -> Picture:
    """A block for each kernel: the kernel, before and after; below them the channels."""
    stencil = 2.0
    tile = (INSIDE - stencil - 2 * GAP) / 2
    height = _fit(found, tile)
    count = min(len(found.before), MOST_CHANNELS) if len(found.before) > 1 else 0
    small = (INSIDE - (2 * MOST_CHANNELS - 1) * 0.14) / (2 * MOST_CHANNELS)
    channels = _fit(found, small) + CAPTION + 0.08 if count else 0.0
    block = TITLE + max(height, stencil) + CAPTION + channels + GAP
    picture, top = _begin(found, block * len(found.applied))
    for applied in found.applied:
        tone, plain = choose_tones(found, applied)
        _title(picture, EDGE, top, applied, INSIDE)
        _stencil(picture, applied, EDGE, top + TITLE, stencil)
        for number, (said, values, scale) in enumerate(_pair(found, applied, plain, tone)):
            left = EDGE + stencil + GAP + number * (tile + GAP)
            _tile(picture, values, scale, (left, top + TITLE, tile, height), f"{said}: {scale.said}")
        for channel in range(count):
            for number, (said, values, scale) in enumerate(_pair(found, applied, plain, tone)):
                left = EDGE + (2 * channel + number) * (small + 0.14)
                place = (left, top + TITLE + max(height, stencil) + CAPTION + 0.08, small, channels - CAPTION - 0.08)
                _tile(picture, values[channel : channel + 1], scale, place, f"{_name(found, channel)}, {said}")
        top += block
    return picture


def _draw_sheet(found: Filtered) -> Picture:
    """A row for each kernel, below one of the input itself: all channels together, then each."""
    stencil, whole = 1.35, 2.35
    count = min(len(found.before), MOST_CHANNELS)
    tile = (INSIDE - stencil - whole - (1 + MOST_CHANNELS) * 0.14) / MOST_CHANNELS
    height, small = _fit(found, whole), _fit(found, tile)
    rows: list[Applied | None] = [None, *found.applied]
    row = TITLE + max(height, stencil) + CAPTION + 0.5 * GAP
    picture, top = _begin(found, row * len(rows))
    for applied in rows:
        tone, plain = choose_tones(found, applied)
        values, scale = (found.before, plain) if applied is None else (applied.after, tone)
        if applied is None:
            picture.write(EDGE, top + 0.06, "before", PLAIN, color=INK, weight="bold")
        else:
            _title(picture, EDGE, top, applied, INSIDE)
            _stencil(picture, applied, EDGE, top + TITLE, stencil)
        left = EDGE + stencil + 0.14
        _tile(picture, values.numpy(), scale, (left, top + TITLE, whole, height), scale.said)
        for channel in range(count):
            place = (left + whole + 0.14 + channel * (tile + 0.14), top + TITLE, tile, small)
            _tile(picture, values[channel : channel + 1].numpy(), scale, place, _name(found, channel))
        top += row
    return picture


def _begin(found: Filtered, height: float) -> tuple[Picture, float]:
    """A sheet with its head and its notes; and where what stands between begins, in inches from the top."""
    notes = [line for note in _write_notes(found) for line in wrap_text(note, 0.95 * INSIDE, SMALL)]
    picture = Picture(WIDTH, HEAD + height + LINE * len(notes) + EDGE)
    names = ", ".join(applied.kernel.name for applied in found.applied)
    file = found.name.replace("\\", "/").rpartition("/")[2]
    shape = write_shape(tuple(found.before.shape))
    picture.write(EDGE, 0.2, shorten_text(f"{file}, by hand: {names}", INSIDE, LARGE), LARGE, color=INK)
    picture.write(EDGE, 0.52, shorten_text(f"{shape}. {describe_pad(found.pad)}", INSIDE, PLAIN), PLAIN, color=QUIET)
    for number, line in enumerate(notes):
        picture.write(EDGE, HEAD + height + number * LINE, line, SMALL, color=QUIET)
    return picture, HEAD


def describe_pad(pad: str) -> str:
    """Say how a kernel was applied."""
    beyond = {
        "zero": "beyond the border stand zeros",
        "reflect": "beyond the border the input is mirrored",
        "replicate": "beyond the border its last cell is repeated",
        "circular": "beyond the border its other end follows",
        "valid": "only cells whose kernel lies inside are kept",
    }
    return f"Each channel by itself, the kernel not flipped (cross-correlation, as torch does); {beyond[pad]}."


def _write_notes(found: Filtered) -> list[str]:
    notes = list(found.notes)
    if len(found.before) > MOST_CHANNELS:
        notes.append(f"The first {MOST_CHANNELS} of {len(found.before)} channels are shown, and the mean of all.")
    if found.before.ndim > 3:
        notes.append(f"The middle slices of {write_shape(tuple(found.before.shape[1:]))} are shown.")
    return notes


def choose_tones(found: Filtered, applied: Applied | None) -> tuple[Tone, Tone]:
    """The scales after and before: what an even input leaves unchanged is shown as the input is."""
    before = found.before.numpy()
    within = before.size and before.min() >= 0 and before.max() <= 1
    plain = Tone(0.0, 1.0) if within else choose_tone(before, signed=False)
    if applied is None:
        return plain, plain
    after, total = applied.after.numpy(), applied.kernel.sum
    if abs(total - 1) < 1e-6:
        return choose_tone(after, (plain.low, plain.high), signed=False), plain
    return choose_tone(after, signed=total == 0), plain


def _pair(found: Filtered, applied: Applied, plain: Tone, tone: Tone) -> list[tuple[str, NDArray[Any], Tone]]:
    return [("before", found.before.numpy(), plain), ("after", applied.after.numpy(), tone)]


def _fit(found: Filtered, width: float) -> float:
    """The height of a tile so wide, in the picture's proportions as far as they can be looked at."""
    rows, columns = found.before.shape[-2:]
    return float(min(HIGHEST, max(LEAST, width * rows / columns)))


def _title(picture: Picture, left: float, top: float, applied: Applied, width: float) -> None:
    size = " × ".join(map(str, applied.kernel.values.shape))
    text = f"{applied.kernel.name}   {size}, sum {write_value(applied.kernel.sum)}"
    picture.write(left, top + 0.06, shorten_text(text, width, PLAIN), PLAIN, color=INK, weight="bold")


def _stencil(picture: Picture, applied: Applied, left: float, top: float, side: float) -> None:
    axes = picture.place(left, picture.height - top - side, side, side)
    axes.set_anchor("NW")
    values = applied.kernel.values.numpy()
    divisor = draw_stencil(axes, values, side)
    rows, columns = values.shape[-2:]
    drawn = min(side, side * rows / columns)
    if divisor:
        picture.write(left, top + drawn + 0.04, divisor, SMALL, color=QUIET)


def _tile(
    picture: Picture, values: NDArray[Any], tone: Tone, place: tuple[float, float, float, float], said: str
) -> Axes:
    """A picture at a place (left, top, width, height), with a line below it."""
    left, top, width, height = place
    pixels = make_pixels(values, tone)
    axes = picture.place(left, picture.height - top - height, width, height)
    axes.set_anchor("NW")
    smooth = max(pixels.shape[:2]) > 96
    style: Any = {"cmap": "gray", "vmin": 0, "vmax": 255, "interpolation": "antialiased" if smooth else "nearest"}
    axes.imshow(pixels, **style)
    axes.set_xticks([])
    axes.set_yticks([])
    drawn = min(height, width * pixels.shape[0] / pixels.shape[1])
    picture.write(left, top + drawn + 0.04, shorten_text(said, width, SMALL), SMALL, color=QUIET)
    return axes


def _name(found: Filtered, channel: int) -> str:
    return COLOURS[channel] if len(found.before) == len(COLOURS) else f"channel {channel}"
