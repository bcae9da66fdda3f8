"""The files that the page may get: this list, from the package, and no other."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

INDEX = "index.html"
TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
NAMES = (
    "icon.svg",
    "style.css",
    "main.js",
    "call.js",
    "stream.js",
    "tabs.js",
    "cells.css",
    "cells.js",
    "maps.js",
    "mapparts.js",
    "packed.js",
    "sums.js",
    "shades.js",
    "terms.js",
    "histogram.js",
    "wording.js",
    "typed.js",
    "editor.css",
    "editor.js",
    "textbox.js",
    "undo.js",
    "colouring.js",
    "offering.js",
    "drawing.js",
    "layout.js",
    "legend.js",
    "painting.js",
    "table.js",
    "layer.js",
    "advice.js",
    "versions.js",
    "waves.js",
    "panes.js",
    "training.css",
    "training.js",
    "curves.js",
    "runs.js",
    "starting.js",
    "preview.js",
    "followed.js",
    "figures.js",
    "moments.js",
    "inside.js",
    "strip.js",
    "tiles.js",
    "choosing.js",
    "completing.js",
    "heading.js",
    "totals.js",
    "beside.js",
    "code.js",
    "asking.js",
    "fields.js",
    "stepping.js",
    "sides.js",
    "questions.js",
    "portrait.js",
    "questions.css",
    "media.js",
    "bars.js",
    "grid.js",
    "cards.js",
    "opened.js",
    "confused.js",
    "predicted.js",
    "drawn.js",
    "reported.js",
    "taken.js",
    "explanations.css",
    "explanations.js",
    "heatmap.js",
    "heatcurve.js",
    "maptools.js",
    "methods.js",
    "progress.js",
    "sampled.js",
    "section.js",
    "written.js",
    "trusted.js",
    "explored.js",
    "measured.js",
)
"""What stands below `/assets/`; a view's module (`editor.js`) is listed by the frame if it is here."""


@dataclass(frozen=True)
class Asset:
    """A file's content and type."""

    content: bytes
    type: str


def read_asset(name: str) -> Asset:
    """Read a file of the page from the package."""
    content = files("striate.studio").joinpath("page", name).read_bytes()
    return Asset(content, TYPES[name.rsplit(".", 1)[-1]])


def read_assets() -> dict[str, Asset]:
    """Read every listed file, the page itself too."""
    return {name: read_asset(name) for name in (INDEX, *NAMES)}
