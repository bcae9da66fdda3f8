"""The options of a convolution that say which maps are connected, and which cells have a bias of their own.

`table=` is a connection table (LeCun et al. 1998, table I), `bias=cell` one bias for each output cell (LeCun et al.
1989).
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from striate.errors import ShapeError
from striate.nets.words.word import Plain, Settled, Shape, read_yes

Rows: TypeAlias = "tuple[tuple[int, ...], ...]"  # the input maps that each row lists, in order


def read_table(values: Settled) -> tuple[str, ...]:
    """Rows of 0 and 1, one for each output map or for several in a row; leading zeros, lost in a number, come back.

    >>> read_table((11100, 111, 100011))
    ('011100', '000111', '100011')
    """
    if not all(isinstance(value, int) and not isinstance(value, bool) and {*str(value)} <= {*"01"} for value in values):
        raise ValueError("rows of 0 and 1, one per output map or per several, such as 1100x0110x0011x1001")
    longest = max(len(str(value)) for value in values)
    return tuple(str(value).zfill(longest) for value in values)


def read_bias(values: Settled) -> bool | Literal["cell"]:
    """`yes`, `no`, or `cell`: one for every output cell."""
    if values == ("cell",):
        return "cell"
    try:
        return read_yes(values)
    except ValueError:
        raise ValueError("yes, no or cell") from None


def has_cell_bias(plain: Plain) -> bool:
    """Whether each output cell has a bias of its own."""
    return bool(plain.options.get("bias") == "cell")


def find_table(plain: Plain, shape: Shape) -> Rows | None:
    """The input maps that each row of the table lists; None where all are connected.

    Raises:  ShapeError for a table that doesn't fit the channels, or stands beside groups.

    >>> find_table(Plain("conv", (3,), 4, options={"table": ("110", "011")}), (3, 8))
    ((0, 1), (1, 2))
    """
    texts: tuple[str, ...] | None = plain.options.get("table")
    if texts is None:
        return None
    channels = plain.channels or shape[0]
    if "groups" in plain.options:
        raise ShapeError("found groups= and table=, needed one of them: both say what is connected. Take one away")
    if channels % len(texts):
        raise ShapeError(
            f"the table has {len(texts)} rows, needed a number that divides the {channels} output maps. "
            f"Write a row for each map, or for as many in a row"
        )
    return tuple(_find_row(number, text, shape[0]) for number, text in enumerate(texts, 1))


def _find_row(number: int, text: str, channels: int) -> tuple[int, ...]:
    digits = text.lstrip("0").zfill(channels)
    if len(digits) > channels:
        raise ShapeError(
            f"row {number} of the table, {digits}, has {len(digits)} digits, needed {channels}: one per input map. "
            f"Shorten it"
        )
    row = tuple(place for place, digit in enumerate(digits) if digit == "1")
    if not row:
        raise ShapeError(f"row {number} of the table is all 0, needed an input map that it sees. Write a 1")
    return row
