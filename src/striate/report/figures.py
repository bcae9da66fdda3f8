"""Results as pictures: which drawing a result has, and how a picture comes into a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from striate.errors import InputError
from striate.locate import Locations
from striate.measure.table import Table
from striate.report.costs import draw_costs
from striate.report.locations import draw_locations
from striate.report.picture import AUTHOR, Picture
from striate.train.atomic import replacing

FIGURES: dict[type[Any], Callable[[Any], Picture]] = {Table: draw_costs, Locations: draw_locations}
FORMATS = ("svg", "png", "pdf")


def figure(result: Any) -> Picture:
    """Draw a result: a matplotlib figure, with `savefig` and all.

    - A `Table` becomes its costs layer by layer, and the fields over the input.
    - `Locations` become the picture with its findings, and a map for each class that was found.

    Raises:  InputError for what has no picture.
    """
    for kind, draw in FIGURES.items():
        if isinstance(result, kind):
            return draw(result)
    known = " or ".join(kind.__name__ for kind in FIGURES)
    raise InputError(f"figure: found a {type(result).__name__}, needed a {known}. Measure a network to get one")


def save_figure(result: Any, path: str | Path) -> Path:
    """Draw a result into a file, svg, png or pdf by its suffix; whole or not at all. Give its path.

    Raises:  InputError as `find_place` does; RunError where the disk refuses.
    """
    target, form = find_place(path)
    picture = figure(result)
    with replacing(target) as draft:
        picture.savefig(draft, format=form)
    return target


def find_place(path: str | Path) -> tuple[Path, str]:
    """Check that a picture can be written there, before any work is done; give the path and the format.

    A picture that Striate drew is replaced; any other file is not.

    Raises:  InputError for a suffix that is none of a picture's, a folder that is not there, and a file that is.
    """
    target = Path(path)
    form = target.suffix.lstrip(".").lower()
    if form not in FORMATS:
        found = f"the suffix {target.suffix}" if form else "no suffix"
        raise InputError(f"{target}: found {found}, needed one of .{', .'.join(FORMATS)}. Name it so")
    if not target.parent.is_dir():
        raise InputError(f"{target}: there is no folder {target.parent}. Make it, or choose another place")
    if target.exists() and not _is_ours(target):
        raise InputError(f"{target}: is there already, and Striate didn't draw it. Choose another name")
    return target, form


def _is_ours(path: Path) -> bool:
    """Whether a file bears the mark that `Picture.savefig` leaves in it."""
    if not path.is_file():
        return False
    content = path.read_bytes()
    return content.startswith((b"<?xml", b"\x89PNG", b"%PDF")) and AUTHOR.encode() in content
