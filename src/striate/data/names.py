"""The sets that have a name: their classes, their place below $STRIATE_DATA, and where they are fetched from."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

import numpy as np

from striate.data.part import Numbered
from striate.data.pool import Pool, Request, Side
from striate.data.size import conform
from striate.errors import DataError

DIGITS = tuple("0123456789")
CLOTHES = ("T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
OBJECTS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


@dataclass(frozen=True)
class NamedSet:
    """A set that Striate knows by name: its folder below $STRIATE_DATA, or its files' MD5 sums at `address`."""

    classes: tuple[str, ...]
    address: str = ""
    md5: Mapping[str, str] = field(default_factory=dict)


NAMED: dict[str, NamedSet] = {
    "digits": NamedSet(DIGITS),
    "mnist": NamedSet(
        DIGITS,
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        {
            "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
            "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
            "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
        },
    ),
    "fashion-mnist": NamedSet(
        CLOTHES,
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        {
            "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
            "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
            "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
        },
    ),
    "cifar10": NamedSet(
        OBJECTS,
        "https://www.cs.toronto.edu/~kriz/",
        {"cifar-10-binary.tar.gz": "c32a1d4ab5d03f1284b67883e8d87530"},
    ),
    "fsdd": NamedSet(DIGITS),
}


def find_named(name: str, cache: Path | None) -> Path:
    """Give the folder of a named set: below $STRIATE_DATA, else fetched into `cache` with its checksum.

    Raises: DataError where it is in neither place.
    """
    home = os.environ.get("STRIATE_DATA")
    if home and (Path(home) / name).is_dir():
        return Path(home) / name
    if not NAMED[name].md5:
        raise DataError(f"{name}: is not below $STRIATE_DATA; needed it there. {_way_out(name)}")
    if cache is None:
        raise DataError(f"{name}: is not below $STRIATE_DATA, and the cache folder can't be written. {_way_out(name)}")
    return _fetch(name, cache / "named" / name)


def suggest_name(text: str) -> str:
    """Say which named set was perhaps meant.

    >>> suggest_name("minst")
    ' Did you mean mnist?'
    """
    close = get_close_matches(text[:100].lower(), NAMED, n=1)
    return f" Did you mean {close[0]}?" if close else ""


def read_digits(request: Request) -> Pool:
    """Read scikit-learn's handwritten digits: 1,797 of 1x8x8, values 0 to 16 scaled to 0 to 255. Needs no network.

    Source: E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI, 1998 (its test part).
    """
    from sklearn.datasets import load_digits

    bunch = load_digits()
    inputs = np.rint(bunch.images * (255 / 16)).astype(np.uint8)[:, None]
    count = len(inputs)
    return Pool(
        inputs=conform(inputs, request, "digits"),
        labels=bunch.target.astype(np.int64),
        names=Numbered("digits", np.arange(count)),
        sides=np.full(count, Side.UNSAID, np.int8),
        classes=DIGITS,
        kind="images",
        smallest=(8, 8),
        largest=(8, 8),
        value_range=(0.0, 16.0),
    )


def _fetch(name: str, folder: Path) -> Path:
    """Fetch a named set's files, each checked by its MD5; files already there are checked, not fetched again."""
    import pooch

    named = NAMED[name]
    for file, md5 in named.md5.items():
        try:
            pooch.retrieve(named.address + file, known_hash=f"md5:{md5}", fname=file, path=folder)
        except (OSError, ValueError) as error:
            reason = str(error).strip().splitlines() or [type(error).__name__]
            raise DataError(f"{name}: {file} can't be fetched ({reason[0][:120]}). {_way_out(name)}") from error
    return folder


def _way_out(name: str) -> str:
    return f"Set STRIATE_DATA to a folder that holds {name}/ with its files, or connect to the network once."
