"""From what each file is marked with, by its folder or a table, to the labels of a set: arrays, with names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.data.cellclasses import number_arrays
from striate.data.labels import read_labels
from striate.data.part import Labels
from striate.data.pool import index_classes
from striate.data.tree import Labelled
from striate.errors import DataError

Marks = tuple[str, tuple[str, ...], Labels]


def gather_labels(files: Sequence[Labelled]) -> Marks:
    """The task that these files are marked for, the names of its outputs, and the labels.

    Shape: labels int64 [N] of classes, bool [N, outputs] of several labels, float32 [N, outputs] of numbers.
    """
    task = files[0].task if files else "classify"
    if task == "labels":
        names = tuple(sorted({label for file in files for label in file.marks}))
        rows = [[name in held for name in names] for held in ({*file.marks} for file in files)]
        return task, names, np.array(rows, bool).reshape(len(files), len(names))
    if task == "regress":
        return task, files[0].columns, np.array([file.marks for file in files], np.float32)
    classes, labels = index_classes([file.label for file in files])
    return task, classes, labels


def gather_arrays(parts: Sequence[NDArray[Any]], where: str, task: str | None = None) -> Marks:
    """The same of labels in arrays: fractions regress, rows of yes and no are labels, anything else classes.

    Whole numbers of more axes are masks, uint8 [N, *extents].

    Raises: DataError for what can't be read so.

    >>> gather_arrays([np.array([0.5, 2.0])], "x")[:2], gather_arrays([np.array([[1, 1], [0, 1]])], "x")[:2]
    (('regress', ('target',)), ('labels', ('0', '1')))
    """
    found = [np.asarray(part) for part in parts]
    if task == "segment" or (task is None and all(part.ndim > 2 and part.dtype.kind in "bui" for part in found)):
        return ("segment", *number_arrays(found, where))
    form = task if task in ("regress", "labels") else _find_form(found)
    if form == "classify" or found[0].dtype.kind not in "buif":
        classes, labels = read_labels(parts, where)
        return "classify", classes, labels
    if len({part.shape[1:] for part in found}) > 1:
        raise DataError(f"{where}: found labels of different shapes in the parts; needed one shape.")
    rows = np.concatenate([part.reshape(len(part), -1) for part in found])
    if not np.isfinite(rows).all():
        broken = int(np.argmin(np.isfinite(rows).all(1)))
        raise DataError(f"{where}: found NaN or infinity in the labels, first in number {broken}; needed numbers.")
    if form == "labels":
        if rows.shape[1] == 1 or not ((rows == 0) | (rows == 1)).all():
            classes, labels = read_labels(parts, where)
            return "classify", classes, labels
        return form, tuple(map(str, range(rows.shape[1]))), rows.astype(bool)
    names = ("target",) if rows.shape[1] == 1 else tuple(f"target {place + 1}" for place in range(rows.shape[1]))
    return form, names, rows.astype(np.float32)


def _find_form(parts: Sequence[NDArray[Any]]) -> str:
    """What the labels look like, where the user doesn't say."""
    wide = all(part.ndim == 2 and part.shape[1] > 1 and part.dtype.kind in "buif" for part in parts)
    if wide:
        flags = all(((part == 0) | (part == 1)).all() for part in parts)
        single = flags and all((part.sum(1) == 1).all() for part in parts)
        return "classify" if single else "labels" if flags else "regress"
    flat = all(part.ndim == 1 or part.size == len(part) for part in parts)
    fractions = any(part.dtype.kind == "f" and not (part == np.rint(part)).all() for part in parts)
    return "regress" if flat and fractions and all(part.dtype.kind in "buif" for part in parts) else "classify"


def write_labels(names: Sequence[str], held: Iterable[Any]) -> str:
    """The labels that a sample has, of all, with commas.

    >>> write_labels(("cat", "dog", "owl"), (True, False, True)), write_labels(("cat",), (False,))
    ('cat, owl', 'none')
    """
    return ", ".join(name for name, is_held in zip(names, held, strict=True) if is_held) or "none"
