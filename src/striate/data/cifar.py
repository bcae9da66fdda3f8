"""CIFAR-10 and CIFAR-100 in their binary version: records of one or two label bytes and 3x32x32 pixels.

Source: A. Krizhevsky, "The CIFAR-10 and CIFAR-100 data sets", section "Binary version".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from striate.data.part import Bytes, Integers, Joined, Numbered
from striate.data.pool import Pool, Request, Side
from striate.data.size import conform
from striate.data.store import Entry, Store, shown
from striate.errors import DataError

PIXELS = 3 * 32 * 32
_TEN = re.compile(r"(data_batch_\d+|test_batch)\.bin")
_HUNDRED = re.compile(r"(train|test)\.bin")
_PICKLED = re.compile(r"data_batch_\d+|test_batch|batches\.meta")
_NAMES = {10: "batches.meta.txt", 100: "fine_label_names.txt"}


def is_cifar(store: Store) -> bool:
    """Tell a source of CIFAR batches, binary or pickled, by the files' names."""
    bases = {_base(entry) for entry in store.entries}
    pickled = any(_PICKLED.fullmatch(base) for base in bases) or {"train", "test", "meta"} <= bases
    return pickled or any(_TEN.fullmatch(base) or _HUNDRED.fullmatch(base) for base in bases)


def read_cifar(store: Store, request: Request) -> Pool:
    """Read the binary batches in the order of their numbers; of CIFAR-100 the fine labels.

    Raises: DataError for pickled batches, a truncated file, or a label that has no class.
    """
    files = {_base(entry): entry for entry in store.entries}
    ten = sorted((base for base in files if _TEN.fullmatch(base)), key=_number)
    batches = ten or sorted((base for base in files if _HUNDRED.fullmatch(base)), reverse=True)
    if not batches:
        raise DataError(
            f"{store.where}: found CIFAR's Python version, which is pickled and can run code when it is loaded; "
            "needed the binary version (data_batch_1.bin or train.bin): fetch that one from the same page."
        )
    count = 10 if ten else 100
    read = [_read_batch(store, files[base], count) for base in batches]
    sides = [Side.TEST if base.startswith("test") else Side.TRAIN for base in batches]
    labels = np.concatenate([labels for labels, _ in read])
    inputs = np.concatenate([inputs for _, inputs in read])
    return Pool(
        inputs=conform(inputs, request, store.where),
        labels=labels,
        names=Joined(
            [
                Numbered(base.removesuffix(".bin"), np.arange(len(batch)))
                for base, (batch, _) in zip(batches, read, strict=True)
            ]
        ),
        sides=np.repeat(np.array(sides, np.int8), [len(labels) for labels, _ in read]),
        classes=_read_names(store, files.get(_NAMES[count]), count),
        kind="images",
        smallest=(32, 32),
        largest=(32, 32),
    )


def _read_batch(store: Store, entry: Entry, count: int) -> tuple[Integers, Bytes]:
    """Split a batch into labels and pixels; the label is the byte before the pixels."""
    where = f"{store.where}: {shown(entry.name)}"
    head = 1 if count == 10 else 2
    values = np.frombuffer(store.read(entry), np.uint8)
    if not len(values) or len(values) % (head + PIXELS):
        raise DataError(
            f"{where}: found {len(values)} bytes; needed a multiple of {head + PIXELS}. Fetch the file again."
        )
    records = values.reshape(-1, head + PIXELS)
    labels = records[:, head - 1].astype(np.int64)
    if labels.max() >= count:
        raise DataError(f"{where}: found the label {labels.max()}; needed 0 to {count - 1}. Fetch the file again.")
    return labels, records[:, head:].reshape(-1, 3, 32, 32)


def _read_names(store: Store, entry: Entry | None, count: int) -> tuple[str, ...]:
    """Read the class names, one on a line; where the file isn't there the numbers are the names."""
    lines: Sequence[str] = store.read(entry).decode("utf-8", "replace").split("\n") if entry else ()
    names = tuple(shown(line.strip()) for line in lines if line.strip())
    return names if len(names) == count else tuple(str(number) for number in range(count))


def _base(entry: Entry) -> str:
    return entry.name.rsplit("/", 1)[-1]


def _number(base: str) -> tuple[bool, int]:
    digits = re.sub(r"\D", "", base)
    return base.startswith("test"), int(digits or 0)
