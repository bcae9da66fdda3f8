"""From a pool of samples to a data set: check it, split it, measure it."""

from __future__ import annotations

import math
import shutil
from tempfile import TemporaryFile

import numpy as np
from numpy.typing import NDArray

from striate.data.cache import cache_home
from striate.data.groups import split_groups
from striate.data.hashing import fingerprint, hash_samples, sum_moments
from striate.data.part import Dataset, Facts, Inputs, Integers, Joined, Part, full_scale
from striate.data.pool import Pool, Side
from striate.data.split import Split, split_pool
from striate.data.targets import CLASSIFY, count_samples, stratify
from striate.errors import DataError

IN_MEMORY_BYTES = 1 << 30
SALT = 0x5712A7E  # numbers that a user drew by the same seed would else be split by their size


def finish(pool: Pool, name: str, source: str, *, seed: int, split: bool) -> Dataset:
    """Check, split and measure a pool. With `split=False` every sample is in `test` and `train` is empty.

    Raises: DataError for no samples; and, where it is to be split, for one class only or classes that train lacks.
    """
    if not len(pool.labels):
        raise DataError(f"{name}: found no sample that can be read; needed some of each class.{_first_reason(pool)}")
    if split:
        if pool.task == CLASSIFY:
            _check_classes(pool, name)
        parts = _split(pool, seed)
    else:
        nothing = np.zeros(0, np.int64)
        parts = Split(nothing, None, np.arange(len(pool.labels)), bool((pool.sides == Side.TEST).all()))
    if pool.learn is not None:
        pool = pool.learn(parts.train if split else np.arange(len(pool.labels)))
    hashes = hash_samples(pool.inputs) if pool.hashes is None else pool.hashes
    own = hashes if pool.hashes is None else None  # what a format gives may be of other bytes than the inputs'
    return Dataset(
        name=name,
        classes=pool.classes,
        train=_take(pool, parts.train, own),
        val=None if parts.val is None else _take(pool, parts.val, own),
        test=None if parts.test is None else _take(pool, parts.test, own),
        official=parts.official and pool.own_split,
        set_aside=pool.set_aside,
        fingerprint=fingerprint(hashes, pool.labels, pool.sides, f"{pool.classes} {pool.inputs.shape}"),
        facts=_gather_facts(pool, parts, hashes),
        source=source,
        task=pool.task,
        reading=pool.reading,
    )


def _split(pool: Pool, seed: int) -> Split:
    """Draw what the source's own split lacks: sample by sample, or by whole groups where there are some."""
    strata = stratify(pool.task, pool.labels)
    seed = seed if pool.task == CLASSIFY else seed + SALT
    if pool.groups is None:
        return split_pool(strata, pool.sides, seed)
    return split_groups(strata, pool.sides, pool.groups, seed)


def _check_classes(pool: Pool, name: str) -> None:
    if len(pool.classes) < 2:
        raise DataError(
            f"{name}: found one class only ({pool.classes[0]}); needed at least two to tell apart. "
            "Put each class in a folder of its own." + _first_reason(pool)
        )
    trained = np.bincount(pool.labels[pool.sides < Side.VAL], minlength=len(pool.classes))
    lacking = [pool.classes[number] for number in np.flatnonzero(trained == 0)]
    if len(lacking) == len(pool.classes):
        raise DataError(f"{name}: found val or test alone; needed samples to train on, in train/ or without a split.")
    if lacking:
        raise DataError(
            f"{name}: found no training sample of {len(lacking)} of {len(pool.classes)} classes "
            f"({', '.join(lacking[:5])}); "
            "needed at least one of each. Add some, or take the class out of val and test."
        )


def _take(pool: Pool, places: Integers, hashes: NDArray[np.uint64] | None) -> Part:
    """Pick samples; a run of neighbours is a view, so that a memmap stays one."""
    names, own = Joined([pool.names], places), None if hashes is None else hashes[places]
    if len(places) and places[-1] - places[0] == len(places) - 1:
        run = slice(int(places[0]), int(places[-1]) + 1)
        return Part(pool.inputs[run], pool.labels[run], names, own)
    return Part(_copy(pool.inputs, places), pool.labels[places], names, own)


def _copy(inputs: Inputs, places: Integers) -> Inputs:
    """Copy picked samples; many bytes out of a file go to a nameless file again, which the system may page out."""
    shape = (len(places), *inputs.shape[1:])
    size = math.prod(shape) * inputs.itemsize
    home = cache_home() if isinstance(inputs, np.memmap) and size > IN_MEMORY_BYTES else None
    if home is None or shutil.disk_usage(home).free < 2 * size:
        return inputs[places]
    with TemporaryFile(dir=home) as file:
        copied = np.memmap(file, inputs.dtype, "w+", shape=shape)
    for start in range(0, len(places), 256):
        copied[start : start + 256] = inputs[places[start : start + 256]]
    return copied


def _gather_facts(pool: Pool, parts: Split, hashes: NDArray[np.uint64]) -> Facts:
    held = np.concatenate([side for side in (parts.val, parts.test) if side is not None] or [parts.train[:0]])
    mean, std = _mean_and_std(pool, parts.train if len(parts.train) else held)
    return Facts(
        kind=pool.kind,
        samples=len(pool.labels),
        train_samples=len(parts.train),
        classes=pool.classes,
        counts=count_samples(pool.task, pool.labels, len(pool.classes)),
        channels=pool.inputs.shape[1],
        extents=tuple(pool.inputs.shape[2:]),
        smallest=pool.smallest,
        largest=pool.largest,
        grey=pool.inputs.shape[1] == 1,
        mean=mean,
        std=std,
        leaked=int(np.isin(hashes[held], hashes[parts.train]).sum()),
        value_range=pool.value_range,
        notes=pool.notes,
        rate=pool.rate,
    )


def _mean_and_std(pool: Pool, places: Integers) -> tuple[tuple[float, ...], tuple[float, ...]]:
    if pool.kind == "words":  # tokens have no mean; with these they reach the network as whole numbers, to the bit
        return (0.0,), (1 / full_scale(pool.inputs),)
    moments = sum_moments(pool.inputs) if pool.moments is None else pool.moments
    cells = len(places) * int(np.prod(pool.inputs.shape[2:]))
    mean, square = moments[places].sum(0).T / cells
    std = np.sqrt(np.maximum(square - mean * mean, 0))
    scale = full_scale(pool.inputs)
    return tuple((mean / scale).tolist()), tuple((std / scale).tolist())


def _first_reason(pool: Pool) -> str:
    if not pool.set_aside:
        return ""
    first = pool.set_aside[0]
    return f" {len(pool.set_aside)} were set aside, the first: {first.name}: {first.reason}."
