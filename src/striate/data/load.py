"""From whatever the user names to a data set: find the format that reads it, split its samples, gather its facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from striate.data.arrays import pair_arrays, pool_arrays
from striate.data.cache import cache_home
from striate.data.finish import finish
from striate.data.formats import BESIDE, pool_path
from striate.data.fsdd import SPEAKER, read_fsdd
from striate.data.groups import apply_grouping
from striate.data.names import NAMED, find_named, read_digits, suggest_name
from striate.data.part import Dataset
from striate.data.pool import Pool, Request
from striate.data.store import shown
from striate.data.targets import settle_task
from striate.errors import DataError

Source = str | Path | tuple[Any, Any] | Mapping[str, Any]


def load_dataset(
    source: Source,
    *,
    seed: int = 0,
    extents: tuple[int, ...] | None = None,
    channels: int | None = None,
    split: bool = True,
    report: Callable[[int, int], None] | None = None,
    task: str | None = None,
    options: Mapping[str, Any] | None = None,
    reading: Mapping[str, Any] | None = None,
    grouping: Mapping[str, Any] | None = None,
) -> Dataset:
    """Load a named set, a folder, an archive, a file or arrays `(x, y)` as uint8 arrays ready to train on.

    `extents` and `channels` force the samples' size; `report(done, total)` hears how far decoding is. The source's own
    split is kept and what it lacks is drawn by `seed`, stratified; `split=False` puts every sample into `test`.
    `task` is what is to be learned from it, left out what the data say (see `Part` for the labels that it takes).
    `options` are those of a format (of sound `view`); `reading` is another set's (`dataset.reading`), to read this one
    in the same way; `grouping` keeps groups on one side of a split (`pattern`, `hold_out`). Shape: inputs uint8 or
    int16 [N, C, *extents], labels int64 [N]. Raises: DataError, one line: where, what was found, what was needed, a
    way out.

    >>> digits = load_dataset("digits")
    >>> digits.train.inputs.shape, len(digits.val), len(digits.test), digits.classes[:3]
    ((1294, 1, 8, 8), 144, 359, ('0', '1', '2'))
    """
    request = Request(extents, channels, report, options or {}, reading, task, split=split)
    pool, name, shown_source = _pool_source(source, request)
    if grouping and source == "fsdd":
        grouping = {**grouping, "pattern": grouping.get("pattern") or SPEAKER}
    pool = apply_grouping(settle_task(pool, task, name), grouping, name)
    return replace(finish(pool, name, shown_source, seed=seed, split=split), grouping=grouping)


def _pool_source(source: Source, request: Request) -> tuple[Pool, str, str]:
    """All samples of what the user names, its short name, and where it is."""
    if isinstance(source, str) and source in NAMED:
        return _pool_named(source, request), source, source
    if isinstance(source, str | Path):
        path = _find_path(source)
        return pool_path(path, request), path.resolve().name.split(".")[0] or "data", str(path.resolve())
    return _pool_memory(source, request), "arrays", "arrays in memory"


def _find_path(source: str | Path) -> Path:
    """Give the path that the user names. Raises: DataError where there is nothing, with the set perhaps meant."""
    try:
        path = Path(source).expanduser()
        if str(source).strip() and path.exists():
            return path
    except (OSError, ValueError, RuntimeError):  # too long, a NUL inside, no such user's home: not a path of anything
        pass
    named = shown(str(source)[:100]) or "(nothing)"
    raise DataError(
        f"{named}: not found; needed a folder, an archive, an .npz, or one of {', '.join(NAMED)}."
        + suggest_name(str(source))
    )


def _pool_named(name: str, request: Request) -> Pool:
    if name == "digits":
        return read_digits(request)
    if name == "fsdd":
        return read_fsdd(find_named(name, cache_home()), request)
    pool = pool_path(find_named(name, cache_home()), request)
    classes = NAMED[name].classes
    if len(pool.classes) == len(classes):
        aside = tuple(each for each in pool.set_aside if each.reason != BESIDE)
        return replace(pool, classes=classes, set_aside=aside, notes=(*pool.notes, *_note_copies(name, pool)))
    raise DataError(f"{name}: found {len(pool.classes)} classes; needed its {len(classes)}. Is the folder complete?")


def _note_copies(name: str, pool: Pool) -> tuple[str, ...]:
    """Say that a set whose pixels were published whole is here as lossy copies: its figures are not comparable."""
    if name != "cifar10" or not pool.names[0].lower().endswith((".jpg", ".jpeg")):
        return ()
    return ("CIFAR-10 (JPEG copies): not the original pixels, so accuracies can't be compared to published ones.",)


def _pool_memory(source: tuple[Any, Any] | Mapping[str, Any], request: Request) -> Pool:
    if isinstance(source, Mapping):
        return pool_arrays(pair_arrays(source, "arrays"), "arrays", request)
    if not isinstance(source, tuple | list) or len(source) != 2:
        raise DataError("arrays: found no pair; needed (x, y), or a dict such as {'x_train': ..., 'y_train': ...}.")
    return pool_arrays(pair_arrays({"x": source[0], "y": source[1]}, "arrays"), "arrays", request)
