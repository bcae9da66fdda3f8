"""One explained input on a page: its picture, each method's heat over it with its scale, and its sounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from striate.explain.heat import Heat
from striate.report.heats.exposures import Exposure, expose, name_answer
from striate.report.heats.heats import describe_layer, name_method
from striate.report.heats.overlays import paint_bar, paint_heat, paint_input
from striate.report.heats.sounding import draw_players, draw_sounding
from striate.report.heats.wording import draw_wording
from striate.report.markup import element
from striate.report.pixels import encode_png, shrink

LONGEST, SQUARES = 512, 96  # pixels of a picture's longer side; up to so many, each is shown as a square


@dataclass(frozen=True)
class Card:
    """An input with its name, the network's answer, and everything that is shown of it."""

    name: str
    answer: str
    body: Markup
    sounding: bool = False


def make_card(heats: Sequence[Heat], index: int, *, sounds: bool = True, longest: int = LONGEST) -> Card:
    """Put one input of heats, one for each method, on a card; without `sounds` nothing can be played."""
    exposures = [expose(heat, index) for heat in heats]
    first = exposures[0]
    answer = " / ".join(dict.fromkeys(name_answer(heat, index) for heat in heats))
    if heats[0].words:
        figures = [draw_wording(heat, index) for heat in heats]
        return Card(first.name, answer, element("div", figures, class_="heats wide"))
    if first.is_curve:
        figures = [_draw_curve(heat, each, sounds=sounds) for heat, each in zip(heats, exposures, strict=True)]
        players = [draw_players(first)] if sounds and first.rate else []
        body = element("div", [*players, *figures], class_="heats wide")
        return Card(first.name, answer, body, bool(players))
    figures = [_draw_input(first, longest)]
    figures += [_draw_heat(heat, each, longest) for heat, each in zip(heats, exposures, strict=True)]
    return Card(first.name, answer, element("div", figures, class_="heats" + " wide" * (len(first.heats) > 1)))


def count_bytes(heats: Sequence[Heat], index: int) -> int:
    """About how much the sounds of an input weigh on a page: the whole, and one for each method."""
    return (1 + len(heats)) * 8 * heats[0].values[index].numel() // 3 if heats[0].rate else 0


def _draw_input(exposure: Exposure, longest: int) -> Markup:
    images = [_draw_image(paint_input(exposure, frame), "the input", longest) for frame in range(len(exposure.heats))]
    return element(
        "figure", [_line_up(exposure, images), element("figcaption", ["The input", *_write_notes(exposure)])]
    )


def _draw_heat(heat: Heat, exposure: Exposure, longest: int) -> Markup:
    title = name_method(heat.method)
    frames = range(len(exposure.heats))
    images = [_draw_image(paint_heat(exposure, frame), f"{title} over the input", longest) for frame in frames]
    return element("figure", [_line_up(exposure, images), _write_caption(heat, exposure)])


def _draw_curve(heat: Heat, exposure: Exposure, *, sounds: bool) -> Markup:
    title = name_method(heat.method)
    parts = [draw_sounding(exposure, f"{title} along {exposure.name}"), _write_caption(heat, exposure)]
    parts += _write_notes(exposure)
    if sounds and exposure.rate:
        parts.append(draw_players(exposure, title))
    return element("figure", parts)


def _line_up(exposure: Exposure, images: list[Markup]) -> Markup:
    """One image as it is; frames in a row, each with its number."""
    if len(images) == 1:
        return images[0]
    frames = [
        element("div", [image, element("small", caption)])
        for image, caption in zip(images, exposure.captions, strict=True)
    ]
    return element("div", frames, class_="frames")


def _draw_image(pixels: NDArray[np.float64], label: str, longest: int) -> Markup:
    bytes_ = shrink(np.rint(255 * np.clip(pixels, 0, 1)).astype(np.uint8), longest)
    height, width = bytes_.shape[:2]
    small = "pixels" if max(height, width) <= SQUARES else None
    return element("img", src=encode_png(bytes_), alt=label, width=width, height=height, class_=small)


def _write_caption(heat: Heat, exposure: Exposure) -> Markup:
    """The method, where it was read and where it is hottest; below it the scale."""
    title = element("strong", name_method(heat.method))
    said = f", {describe_layer(heat)}; hottest at {write_peak(exposure.peak, exposure.rate)}"
    parts: list[str] = [title, said]
    if exposure.high > exposure.low:
        low, high = (
            f"{value:.3g}" if abs(value) > 1e-3 * exposure.high else "0" for value in (exposure.low, exposure.high)
        )
        bar = np.rint(255 * paint_bar(signed=exposure.signed, steps=64)[::-1, ::8]).astype(np.uint8)
        image = element(
            "img", src=encode_png(np.ascontiguousarray(bar.transpose(1, 0, 2))), alt="to", width=64, height=4
        )
        parts.append(element("div", [element("span", low), image, element("span", high)], class_="scale"))
    return element("figcaption", parts)


def _write_notes(exposure: Exposure) -> list[Markup]:
    return [element("div", f"{note[0].upper()}{note[1:]}.", class_="quiet") for note in exposure.notes]


def write_peak(peak: tuple[int, ...], rate: int | None = None) -> str:
    """Where a cell lies, in words.

    >>> write_peak((3, 7)), write_peak((4000,), 8000), write_peak((2, 3, 4))
    ('row 3, column 7', '0.500 s', 'cell 2, 3, 4')
    """
    if len(peak) == 1 and rate:
        return f"{peak[0] / rate:.3f} s"
    if len(peak) == 2:
        return f"row {peak[0]}, column {peak[1]}"
    return f"cell {', '.join(map(str, peak))}"
