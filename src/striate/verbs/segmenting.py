"""segment: the mask of each file at the file's own size, by a run that learned to segment; written as pictures.

A picture is scaled as in training, until it covers the network's input; where it is longer, tiles are laid over it and
each cell is answered by the one whose edges are farthest. The numbers are those of the masks that were trained on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.arithmetic.tiling import place_tiles, share_cells
from striate.errors import DataError, InputError
from striate.verbs.answering import Choice, Say
from striate.verbs.runs import Run, load
from striate.verbs.scoring import Hear, list_pictures, score_array
from striate.verbs.writing import name_targets, new_file

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]

MOST_CELLS = 2**27  # of a picture scaled to cover the network's input


@dataclass(frozen=True, eq=False)
class Mask:
    """A file's mask, [*extents] of the file: for each cell the number that its class has in masks.

    `shares` holds the share of the cells that each class has, by name; `path` where the mask was written, if it was.
    """

    name: str
    values: Bytes = field(repr=False)
    shares: Mapping[str, float]
    path: Path | None = None


def segment(
    run: Run | str | Path,
    files: str | Path | Sequence[str | Path],
    *,
    out: str | Path | None = None,
    on_score: Hear | None = None,
) -> tuple[Mask, ...]:
    """Find the mask of each file (or of those in a folder), at the file's size; with `out`, write them there too.

    A picture's mask is written as a png with a palette, an array's as npy, under the file's name. No file that is there
    is overwritten. `on_score(done, total)` hears of each file.

    Raises:  DataError for a file that can't be read; InputError for a run of another task, and for a name that is taken
             in `out`, before any work.
    """
    run = run if isinstance(run, Run) else load(run)
    paths = list_pictures([files] if isinstance(files, str | Path) else files, run.reading)
    targets = None if out is None else choose_targets(run, paths, Path(out))
    return tuple(iterate_masks(run, paths, targets, on_score))


def iterate_masks(
    run: Run,
    paths: Sequence[Path],
    targets: Sequence[Path] | None = None,
    on_score: Hear | None = None,
    choice: Choice | None = None,
    say: Say | None = None,
) -> Iterator[Mask]:
    """One mask after another, so that none need be kept; each is written to its target before it is handed on."""
    if run.task.name != "segment":
        raise InputError(f"{run.path}: found a run for {run.task.name}, needed one for segment. Train one on masks")
    for number, path in enumerate(paths):
        mask = find_mask(run, path, choice, say if number == 0 else None)
        target = None if targets is None else targets[number]
        if target is not None:
            _write(run, mask, target)
        yield Mask(mask.name, mask.values, mask.shares, target)
        if on_score:
            on_score(number + 1, len(paths))


def find_mask(run: Run, path: Path, choice: Choice | None = None, say: Say | None = None) -> Mask:
    """The mask of one file. Raises: DataError where it can't be read."""
    import numpy as np

    from striate.data.cellclasses import CellClasses
    from striate.data.files import load_files, name_sample

    found, tile = measure_file(run, path), run.input[1:]
    cover = _find_cover(found, tile, scaled=_is_scaled(run))
    if np.prod(cover) > MOST_CELLS:
        raise DataError(f"{path}: found a picture of {'x'.join(map(str, found))}, too long for its height. Cut it")
    values, names, aside = load_files([path], extents=cover, channels=run.input[0], reading=run.reading)
    if aside:
        raise DataError(f"{aside[0].name}: {aside[0].reason}, needed {name_sample(run.reading)}. Leave it out")
    numbers = _answer(run, values[0], tile, choice, say)
    numbers = _stretch(numbers, found) if _is_scaled(run) else _cut(numbers, found)
    counts = np.bincount(numbers.reshape(-1), minlength=len(run.classes)) / numbers.size
    shares = {name: float(share) for name, share in zip(run.classes, counts, strict=True)}
    return Mask(names[0], CellClasses(list_values(run), run.classes).write(numbers), shares)


def list_values(run: Run) -> tuple[int, ...]:
    """The number of each class in masks."""
    values = (run.reading or {}).get("values")
    return tuple(range(len(run.classes))) if values is None else tuple(values)


def measure_file(run: Run, path: Path) -> tuple[int, ...]:
    """Height and width of a picture as it is shown, or the extents of an array. Raises: DataError."""
    from striate.data.folder import File, open_regular
    from striate.data.images import explain_failure, read_header
    from striate.data.volume import read_volume

    try:
        if _is_scaled(run):
            with open_regular(path) as stream:
                header = read_header(stream)
            return header.height, header.width
        store, axis = File(path), (run.reading or {}).get("axis")
        shape = read_volume(store, store.entries[0]).shape
        return shape if axis is None else shape[1:] if axis == 0 else shape[:-1]
    except Exception as error:  # decoders raise almost anything on damaged files
        raise DataError(f"{path}: {explain_failure(error)}, needed a file that can be read. Leave it out") from None


def choose_targets(run: Run, paths: Sequence[Path], out: Path) -> list[Path]:
    """Where each mask is written: pictures' as png, arrays' as npy. Raises: InputError for a name that is taken."""
    return name_targets(paths, out, ".png" if len(run.input) == 3 else ".npy")


def _is_scaled(run: Run) -> bool:
    """Whether files are scaled to the network's size, as pictures are; arrays are cut and padded."""
    return str((run.reading or {}).get("kind", "images")) == "images"


def _find_cover(found: tuple[int, ...], tile: tuple[int, ...], *, scaled: bool) -> tuple[int, ...]:
    """The size that a file is brought to: no side shorter than the network's input."""
    if len(found) != len(tile):
        size = "x".join(map(str, found))
        raise DataError(f"inputs: found an array of {size}, needed one of {len(tile)} axes. Give another")
    scale = max(needed / has for needed, has in zip(tile, found, strict=True)) if scaled else 1.0
    return tuple(max(needed, round(has * scale)) for needed, has in zip(tile, found, strict=True))


def _answer(
    run: Run, sample: NDArray[Any], tile: tuple[int, ...], choice: Choice | None, say: Say | None
) -> NDArray[np.uint8]:
    """The class numbers of a sample that covers the network's input, tile by tile."""
    import numpy as np

    extents = sample.shape[1:]
    starts = [place_tiles(extent, size) for extent, size in zip(extents, tile, strict=True)]
    corners = list(product(*starts))
    tiles = np.stack(
        [sample[(slice(None), *(slice(at, at + n) for at, n in zip(corner, tile, strict=True)))] for corner in corners]
    )
    answers = score_array(run, tiles, None, choice, say)
    own = [share_cells(*each) for each in zip(extents, tile, starts, strict=True)]
    numbers = np.empty(extents, np.uint8)
    for answer, corner, ranges in zip(answers, corners, product(*own), strict=True):
        inner = tuple(slice(first - at, last - at) for (first, last), at in zip(ranges, corner, strict=True))
        numbers[tuple(slice(first, last) for first, last in ranges)] = answer[inner]
    return numbers


def _stretch(numbers: NDArray[np.uint8], extents: tuple[int, ...]) -> NDArray[np.uint8]:
    """The nearest cell's number at another size."""
    import numpy as np

    for axis, (has, needed) in enumerate(zip(numbers.shape, extents, strict=True)):
        numbers = np.take(numbers, (2 * np.arange(needed) + 1) * has // (2 * needed), axis)
    return numbers


def _cut(numbers: NDArray[np.uint8], extents: tuple[int, ...]) -> NDArray[np.uint8]:
    """What was padded, without the padding."""
    starts = [(has - needed) // 2 for has, needed in zip(numbers.shape, extents, strict=True)]
    return numbers[tuple(slice(at, at + needed) for at, needed in zip(starts, extents, strict=True))]


def _write(run: Run, mask: Mask, target: Path) -> None:
    """Write a mask whole or not at all, and never over a file; a png has a colour for each class."""
    import numpy as np
    from PIL import Image

    from striate.report.cellcolours import choose_colours

    with new_file(target) as file:
        if target.suffix == ".npy":
            np.save(file, mask.values, allow_pickle=False)
            return
        palette = np.zeros((256, 3), np.uint8)
        palette[list(list_values(run))] = choose_colours(run.classes)
        image = Image.fromarray(mask.values)
        image.putpalette(palette.tobytes())
        image.save(file, "PNG", optimize=True)
