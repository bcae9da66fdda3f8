"""What stands behind an option, read: bytes, cells, and the shapes of one or several inputs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from striate.cli.networks import read_shape
from striate.errors import InputError

BYTES = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)\s*([kmgt]?)(i?)b?", re.IGNORECASE | re.ASCII)
CELL = re.compile(r"([^:]+):(\d{1,9}(?:,\d{1,9})*)", re.ASCII)
INPUT = re.compile(r"(?:([^\W\d]\w*)=)?(.*)", re.DOTALL)


def read_bytes(text: str) -> int:
    """Read a number of bytes: GiB is 1024^3, GB is 1000^3, a number alone is bytes.

    Raises:  InputError for anything else, and for less than one byte.

    >>> read_bytes("8GiB"), read_bytes("1.5 kB"), read_bytes("640")
    (8589934592, 1500, 640)
    """
    match = BYTES.fullmatch(text.strip())
    room = 0
    if match is not None:
        number, prefix, binary = match.groups()
        room = int(Fraction(number) * (1024 if binary else 1000) ** " kmgt".index(prefix.lower() or " "))
    if room < 1:
        raise InputError(f"--fits {text}: needed a number of bytes with its unit, such as 8GiB or 512MiB. Write it so")
    return room


def read_cell(text: str) -> tuple[str, tuple[int, ...]]:
    """Read a row's name and a cell of its output.

    Raises:  InputError for anything else.

    >>> read_cell("block1.conv2:5,7")
    ('block1.conv2', (5, 7))
    """
    match = CELL.fullmatch(text)
    if match is None:
        raise InputError(f"--field {text}: needed a row's name and a cell, such as conv3:5,7. Write it so")
    name, cell = match.groups()
    return name, tuple(map(int, cell.split(",")))


def read_inputs(texts: Sequence[str]) -> Any:
    """Read one shape, or several, each alone or behind a keyword; None where nothing is said.

    Raises:  InputError for other shapes, and where a keyword stands twice.

    >>> read_inputs(["3x8x8"]), read_inputs(["3x8x8", "mask=1x8x8"])
    ((3, 8, 8), {0: (3, 8, 8), 'mask': (1, 8, 8)})
    """
    named: dict[str | int, tuple[int, ...]] = {}
    for text in texts:
        match = INPUT.fullmatch(text)
        keyword, written = match.groups() if match is not None else (None, text)
        key = keyword or sum(isinstance(place, int) for place in named)
        if key in named:
            raise InputError(f"--input {text}: found {keyword} twice, needed each input once. Leave one out")
        named[key] = read_shape(written) or ()
    return named[0] if list(named) == [0] else named or None
