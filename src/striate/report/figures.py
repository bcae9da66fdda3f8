"""Results as pictures: which drawing a result has, and how a picture comes into a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from striate.errors import InputError
from striate.explain.ascent.visualisation import Visualisation
from striate.explain.cells.tuning import Tuning
from striate.explain.convolving.filters import Filtered
from striate.explain.convolving.sums import Summed
from striate.explain.heat import Heat
from striate.explain.motion.invariance import Invariance
from striate.explain.surface.landscape import Surface
from striate.explain.units.kernels import Kernels
from striate.explain.units.maps import Maps
from striate.explain.units.unitpatches import UnitPatches
from striate.locate import Locations
from striate.measure.table import Table
from striate.report.convolving.filters import draw_filtered
from striate.report.convolving.sums import draw_sums
from striate.report.costs import draw_costs
from striate.report.heats.sheets import Sheet, draw_heat, draw_sheet
from striate.report.invariances import draw_invariance
from striate.report.locations import draw_locations
from striate.report.picture import AUTHOR, Picture
from striate.report.surfaces import draw_surface
from striate.report.units.kernelsheets import draw_kernel_sheet
from striate.report.units.mapsheets import draw_maps
from striate.report.units.scrolls import render_scroll
from striate.report.units.tunings import draw_tuning
from striate.report.units.unitpatches import draw_unit_patches
from striate.report.units.visualisations import draw_visualisation
from striate.train.atomic import replacing

FIGURES: dict[type[Any], Callable[[Any], Picture]] = {
    Table: draw_costs,
    Locations: draw_locations,
    Heat: draw_heat,
    Sheet: draw_sheet,
    Filtered: draw_filtered,
    Summed: draw_sums,
    Kernels: draw_kernel_sheet,
    Maps: draw_maps,
    Surface: draw_surface,
    Tuning: draw_tuning,
    Invariance: draw_invariance,
    Visualisation: draw_visualisation,
    UnitPatches: draw_unit_patches,
}
FORMATS = ("svg", "png", "pdf")
PAGES: dict[type[Any], Callable[[Any, str], str]] = {Maps: render_scroll}
"""Results that can be a page too: of a series, maps that scroll with the sound."""
MARK = "Striate explanation"
"""What a page of an explanation is known by: it may be replaced, as a picture may."""


def figure(result: Any) -> Picture:
    """Draw a result: a matplotlib figure, with `savefig` and all.

    - A `Table` becomes its costs layer by layer, and the fields over the input.
    - `Locations` become the picture with its findings, and a map for each class that was found.
    - A `Heat` becomes its inputs with the heat over them; more than two inputs, or a list of heats of the same inputs,
      a contact sheet.

    Raises:  InputError for what has no picture.
    """
    if isinstance(result, list | tuple):
        result = Sheet(tuple(result)) if len(result) != 1 else result[0]
    for kind, draw in FIGURES.items():
        if isinstance(result, kind):
            return draw(result)
    known = ", ".join(kind.__name__ for kind in FIGURES)
    raise InputError(f"figure: found a {type(result).__name__}, needed one of {known}. Measure a network to get one")


def save_figure(result: Any, path: str | Path) -> Path:
    """Draw a result into a file, svg, png or pdf by its suffix; whole or not at all. Give its path.

    What is in `PAGES` may be html too.

    Raises:  InputError as `find_place` does; RunError where the disk refuses.
    """
    page = PAGES.get(type(result))
    target, form = find_place(path, (*FORMATS, "html") if page is not None else FORMATS)
    if page is not None and form == "html":
        text = page(result, MARK)
        with replacing(target) as draft:
            draft.write_text(text, encoding="utf-8", errors="backslashreplace")
        return target
    picture = figure(result)
    with replacing(target) as draft:
        picture.savefig(draft, format=form)
    return target


def find_place(path: str | Path, formats: tuple[str, ...] = FORMATS) -> tuple[Path, str]:
    """Check that a picture can be written there, before any work is done; give the path and the format.

    A picture that Striate drew is replaced; any other file is not.

    Raises:  InputError for a suffix that is none of a picture's, a folder that is not there, and a file that is.
    """
    target = Path(path)
    form = target.suffix.lstrip(".").lower()
    if form not in formats:
        found = f"the suffix {target.suffix}" if form else "no suffix"
        raise InputError(f"{target}: found {found}, needed one of .{', .'.join(formats)}. Name it so")
    if not target.parent.is_dir():
        raise InputError(f"{target}: there is no folder {target.parent}. Make it, or choose another place")
    if target.exists() and not is_ours(target):
        raise InputError(f"{target}: is there already, and Striate didn't draw it. Choose another name")
    return target, form


def is_ours(path: Path) -> bool:
    """Whether a file bears the mark that `Picture.savefig`, or a page of an explanation, leaves in it."""
    if not path.is_file():
        return False
    content = path.read_bytes()
    if content.startswith(b"<!doctype html>"):
        return f'<meta name="generator" content="{MARK}">'.encode() in content[:2048]
    return content.startswith((b"<?xml", b"\x89PNG", b"%PDF")) and AUTHOR.encode() in content
