"""What a run can be taken away as: the formats, and one of them written as a single file."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from striate.errors import InputError

if TYPE_CHECKING:
    from striate.nets.export import Exported
    from striate.verbs.runs import Run


@dataclass(frozen=True)
class Offer:
    """A format: the ending of its files, its name, and which options it knows."""

    suffix: str
    name: str
    has_graph: bool
    is_page: bool


@dataclass(frozen=True)
class Taken:
    """A run as one file of some bytes, and what the export says of it."""

    path: Path
    bytes: int
    exported: Exported


def list_formats() -> tuple[Offer, ...]:
    """List the formats of the catalogue, each once.

    >>> [offer.suffix for offer in list_formats()]
    ['.onnx', '.pt2', '.html', '.safetensors', '.pt']
    """
    from striate.nets.export.catalogue import FORMATS

    named = {form.name: suffix for suffix, form in reversed(FORMATS.items())}
    return tuple(
        Offer(suffix, form.name, form.has_graph, form.is_page)
        for suffix, form in FORMATS.items()
        if named[form.name] == suffix
    )


def take_away(run: Run, suffix: str, folder: Path, *, whole: bool = False, half: bool = False) -> Taken:
    """Export a run into a folder in the format of a suffix; where that makes several files, they come as one zip.

    Raises:  InputError for a suffix of none, and as `export`.
    """
    from striate.verbs.exporting import export

    known = [offer.suffix for offer in list_formats()]
    if suffix not in known:
        raise InputError(f"format: found {suffix[:20]}, needed one of {', '.join(known)}")
    exported = export(run, folder / f"{run.path.name}{suffix}", whole=whole, half=half)
    path = exported.path if len(exported.files) == 1 else _pack(exported.files, folder / f"{run.path.name}.zip")
    return Taken(path, path.stat().st_size, exported)


def _pack(files: tuple[Path, ...], target: Path) -> Path:
    """Files side by side in one, stored as they are: weights don't shrink."""
    with zipfile.ZipFile(target, "x", zipfile.ZIP_STORED) as archive:
        for file in files:
            archive.write(file, file.name)
    return target
