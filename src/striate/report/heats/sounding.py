"""A curve on a page with its heat along it; where it is a sound, its spectrogram, and players of it."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from striate.report.heats.exposures import Exposure, Floats
from striate.report.heats.overlays import colour_strokes, paint_band, paint_spectrogram, stroke_curve
from striate.report.heats.sounds import encode_wav, level_sound, open_gate
from striate.report.heats.spectra import compute_spectrogram
from striate.report.markup import draw_svg, element
from striate.report.pixels import encode_png

WIDTH, LANE, BAND, SPECTRUM, GAP = 700, 110, 10, 120, 6
SHADES = 48  # strokes of like heat are one path


def draw_sounding(exposure: Exposure, label: str) -> Markup:
    """Draw a curve, a lane for each channel, a band of its heat beneath it, and of a sound the spectrogram."""
    lanes, heat = exposure.grounds[0], exposure.heats[0]
    height = LANE * len(lanes)
    parts = [element("rect", class_="night", x=0, y=0, width=WIDTH, height=height + BAND)]
    for number, lane in enumerate(lanes):
        parts += _draw_lane(lane, heat, number * LANE + LANE / 2, signed=exposure.signed)
    parts.append(_draw_pixels(paint_band(heat, signed=exposure.signed), height, BAND))
    below = height + BAND
    found = compute_spectrogram(lanes.mean(axis=0), exposure.rate) if exposure.rate else None
    if found is not None:
        pixels = paint_spectrogram(found, heat, signed=exposure.signed)[::-1]
        parts.append(_draw_pixels(pixels, below + GAP, SPECTRUM))
        below += GAP + SPECTRUM
    parts.append(element("line", class_="head", x1=0, x2=0, y1=0, y2=below, visibility="hidden"))
    drawn = draw_svg(WIDTH, below, label, parts, class_="sounding")
    return element("div", [drawn, _draw_ticks(len(heat), exposure.rate)])


def draw_players(exposure: Exposure, title: str = "") -> Markup:
    """A player of the whole recording; with a method's title, of what mattered to it alone."""
    rate = exposure.rate or 1
    sound = level_sound(exposure.grounds[0])
    said = "The whole recording"
    if title:
        gate = open_gate(exposure.heats[0], rate)
        sound, said = sound * gate, f"Only what mattered to {title}: {100 * gate.mean():.0f} % of the time"
    player = element("audio", controls="", preload="metadata", src=encode_wav(sound, rate), aria_label=said)
    return element("div", element("div", [said, player], class_="player"), class_="players")


def _draw_lane(lane: Floats, heat: Floats, middle: float, *, signed: bool) -> list[Markup]:
    """A curve as one path for each shade of heat, the hottest last and so on top."""
    strokes, heats = stroke_curve(lane, heat, WIDTH)
    x, y = WIDTH * strokes[..., 0] / len(lane), middle - 0.46 * LANE * strokes[..., 1]
    shades = np.rint(SHADES * heats).astype(int)
    paths = []
    for shade in sorted(set(shades.tolist()), key=abs):
        chosen = np.flatnonzero(shades == shade)
        steps = [f"M{x[i, 0]:.1f} {y[i, 0]:.1f}L{x[i, 1]:.1f} {y[i, 1]:.1f}" for i in chosen]
        colour = np.rint(255 * colour_strokes(np.array([shade / SHADES]), signed=signed)[0]).astype(int)
        stroke = "#" + "".join(f"{part:02x}" for part in colour)
        paths.append(element("path", class_="stroke", d="".join(steps), stroke=stroke))
    return paths


def _draw_pixels(pixels: Floats, top: float, height: float) -> Markup:
    """Pixels over the whole width."""
    source = encode_png(np.rint(255 * np.clip(pixels, 0, 1)).astype(np.uint8))
    return element("image", href=source, x=0, y=top, width=WIDTH, height=height, preserveAspectRatio="none")


def _draw_ticks(cells: int, rate: int | None) -> Markup:
    """The ends of the axis and its middle, in seconds where they are known."""
    last = cells / (rate or 1)
    unit = " s" if rate else ""
    return element("div", [element("span", f"{last * part / 2:.3g}{unit}") for part in range(3)], class_="ticks")
