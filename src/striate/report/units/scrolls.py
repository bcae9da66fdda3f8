"""A series on its way through a network as a page: one long strip that scrolls with the sound, where there is one."""

from __future__ import annotations

from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from striate.errors import InputError
from striate.explain.units.maps import LayerMaps, Maps
from striate.report.convolving.waves import trace_envelope
from striate.report.heats.sounds import encode_wav, level_sound
from striate.report.markup import element
from striate.report.palette import BLUE, INK, ORANGE, PAPER, QUIET, RULE
from striate.report.pixels import Bytes, encode_png
from striate.report.units.mapscales import colour_values
from striate.report.units.mapsheets import restore_input
from striate.report.units.mapstrips import describe_strip, reduce_strip

PIXELS_PER_SECOND, MOST_PIXELS, WAVE = 600, 24_000, 96
CELLS_PER_PIXEL = 8  # where the rate isn't known

STYLE = f"""
:root {{ color-scheme: light; }}
body {{ margin: 0; font: 14px/1.45 system-ui, sans-serif; color: {INK}; background: {PAPER}; }}
main {{ max-width: 72rem; margin: 0 auto; padding: 1.2rem; }}
h1 {{ font-size: 1.4rem; font-weight: 500; margin: 0 0 .2rem; }}
p {{ color: {QUIET}; margin: .2rem 0 .8rem; }}
audio {{ width: 100%; }}
.window {{ position: relative; margin-top: .8rem; }}
.scroll {{ overflow-x: auto; border: 1px solid {RULE}; cursor: crosshair; }}
.strip {{ position: relative; }}
.strip img {{ display: block; image-rendering: pixelated; }}
.name {{ position: sticky; left: .4rem; font-size: .75rem; color: {QUIET}; width: max-content; max-width: 80vw; }}
.head {{ position: absolute; top: 0; bottom: 0; width: 2px; background: {ORANGE}; left: 0; pointer-events: none; }}
"""
SCRIPT = """
const scroll = document.querySelector(".scroll"), strip = document.querySelector(".strip");
const head = document.querySelector(".head"), sound = document.querySelector("audio");
const width = Number(strip.dataset.width);
function show(share) {
  head.style.left = `${share * width}px`;
}
function follow() {
  const share = sound.duration ? sound.currentTime / sound.duration : 0;
  show(share);
  scroll.scrollLeft = share * width - scroll.clientWidth / 2;
  if (!sound.paused) requestAnimationFrame(follow);
}
if (sound) {
  for (const happening of ["play", "seeked"]) sound.addEventListener(happening, follow);
}
strip.addEventListener("click", (event) => {
  const share = Math.min(1, Math.max(0, (event.clientX - strip.getBoundingClientRect().left) / width));
  show(share);
  if (sound && sound.duration) sound.currentTime = share * sound.duration;
});
"""


def render_scroll(found: Maps, mark: str = "Striate") -> str:
    """Render a series's maps as one page that needs nothing else: press play, and the strip runs by; or click into it.

    `mark` is what the page names as its maker.
    Cost:    every strip is a picture inside the page: a minute of sound makes some megabytes.
    Raises:  InputError for maps of more than one axis.
    """
    if found.input.ndim != 2:
        axes = found.input.ndim - 1
        raise InputError(f"{found.name}: maps of {axes} axes are no page that scrolls. Draw them as png, svg or pdf")
    width = _measure_width(found)
    rows: list[Markup] = [_row("input", encode_png(_draw_wave(restore_input(found), width)), width, WAVE)]
    for layer in found.layers:
        height = max(24, min(320, 6 * len(layer.channels)))
        rows.append(_row(describe_strip(layer), encode_png(_paint(layer, width)), width, height))
    file = found.name.replace("\\", "/").rpartition("/")[2]
    title = f"{file} on its way through {found.network}"
    playhead = element("div", class_="head")
    strip = element("div", [*rows, playhead], class_="strip", style=f"width:{width}px", data_width=width)
    window = element("div", [element("div", [strip], class_="scroll")], class_="window")
    body = [element("h1", title), element("p", _say(found)), *_player(found), window, *_notes(found)]
    head = [
        Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        Markup('<meta name="generator" content="{}">').format(mark),
        element("title", title),
        element("style", Markup(STYLE)),
    ]
    script = element("script", Markup(SCRIPT))
    page = element("html", [element("head", head), element("body", [element("main", body), script])], lang="en")
    return f"<!doctype html>\n{page}\n"


def _say(found: Maps) -> str:
    how = "Play, or click into the strip." if found.rate else "Scroll along it."
    return f"Below the wave stand each layer's channels, one above the other, brought to the input's length. {how}"


def _player(found: Maps) -> list[Markup]:
    if not found.rate:
        return []
    source = encode_wav(level_sound(restore_input(found)), found.rate)
    return [element("audio", "", controls="", src=source)]


def _notes(found: Maps) -> list[Markup]:
    return [element("p", note) for note in found.notes]


def _measure_width(found: Maps) -> int:
    length = found.input.shape[1]
    wanted = length / found.rate * PIXELS_PER_SECOND if found.rate else length / CELLS_PER_PIXEL
    return int(min(MOST_PIXELS, max(900, wanted)))


def _row(said: str, source: str, width: int, height: int) -> Markup:
    picture = element("img", src=source, alt=said, width=width, height=height)
    return element("div", [element("div", said, class_="name"), picture], class_="row")


def _paint(layer: LayerMaps, width: int) -> Bytes:
    """A layer's channels by time; a short one keeps its cells, which the page stretches."""
    return colour_values(layer, reduce_strip(layer.values.numpy(), width))


def _draw_wave(values: NDArray[np.float64], width: int) -> Bytes:
    """The mean of the channels as an envelope, a column a pixel."""
    mono = values.mean(axis=0)
    places, lows, highs = trace_envelope(mono, width)
    if lows is highs:  # fewer cells than pixels
        lows = highs = np.interp(np.arange(width), places * (width / len(mono)), mono)
    most = float(np.abs(mono).max(initial=0)) or 1.0
    rows: Any = np.arange(WAVE)[:, None]
    tops, bottoms = ((1 - edge / most) * (WAVE - 1) / 2 for edge in (highs, lows))
    inked = (rows >= np.floor(tops)) & (rows <= np.ceil(bottoms))
    paper, ink = (np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) for colour in (PAPER, BLUE))
    return np.where(inked[..., None], ink, paper).astype(np.uint8)
