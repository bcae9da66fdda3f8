"""How figures are written for people: shapes, bytes, fields and shares, in few letters."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from fractions import Fraction

from striate.measure.fields import ReceptiveField

UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
ALL = "all"


def write_shape(shape: Sequence[int]) -> str:
    """Write a shape; one without axes is a single number.

    >>> write_shape((32, 112, 112)), write_shape(())
    ('32x112x112', '1')
    """
    return "x".join(map(str, shape)) or "1"


def write_count(number: int | None) -> str:
    """Write a whole number with its thousands parted; nothing for nought, a dash for what was not counted.

    >>> write_count(1234567), write_count(0), write_count(None)
    ('1,234,567', '', '-')
    """
    return "-" if number is None else f"{number:,}" if number else ""


def write_bytes(number: int | None) -> str:
    """Write bytes in the largest binary unit that leaves a whole part, with three figures.

    >>> [write_bytes(number) for number in (784, 1024, 3211264, 2**40 - 1)]
    ['784 B', '1 KiB', '3.06 MiB', '1 TiB']
    """
    if number is None:
        return "-"
    size, power = float(number), 0
    while abs(size) >= 999.5 and power < len(UNITS) - 1:
        size, power = size / 1024, power + 1
    return f"{float(f'{size:.3g}'):g} {UNITS[power]}"


def write_each(values: Iterable[int | Fraction]) -> str:
    """Write one value per axis; once where the axes agree.

    >>> write_each((7, 7)), write_each((7, 5)), write_each((Fraction(1, 2), 4))
    ('7', '7x5', '1/2x4')
    """
    listed = list(values)
    return str(listed[0]) if listed and len(set(listed)) == 1 else "x".join(map(str, listed))


def write_field(field: ReceptiveField | None) -> str:
    """Write the extent of a field, as an upper bound where it varies from cell to cell.

    >>> write_field(ReceptiveField((7, 7), (Fraction(1), Fraction(1)), (0, 0), varies=True)), write_field(None)
    ('<=7', 'all')
    """
    return ALL if field is None else ("<=" if field.varies else "") + write_each(field.size)


def write_step(field: ReceptiveField | None) -> str:
    """Write how far the field moves from one cell to the next; nothing where all cells see the same.

    >>> write_step(ReceptiveField((3,), (Fraction(1, 2),), (0,)))
    '1/2'
    """
    return "" if field is None else write_each(field.step)


def write_share(part: int, whole: int) -> str:
    """Write a share as per cent; `<` and `>` keep rounding from making it none or all.

    >>> write_share(1, 3), write_share(1, 10**6), write_share(10**6 - 1, 10**6), write_share(0, 0)
    ('33.3 %', '<0.1 %', '>99.9 %', '0.0 %')
    """
    share = 100 * part / whole if whole else 0.0
    text = f"{share:.1f}"
    if part and text == "0.0":
        return "<0.1 %"
    return ">99.9 %" if part != whole and text == "100.0" else f"{text} %"


def wrap(text: str, width: int, indent: str = "", hang: str | None = None) -> str:
    """Wrap a text; lines after the first are indented by `hang`. Words are never broken at hyphens.

    >>> print(wrap("one two three", 9, "- ", "  "))
    - one two
      three
    """
    after = indent if hang is None else hang
    return textwrap.fill(
        text, width, initial_indent=indent, subsequent_indent=after, break_on_hyphens=False, break_long_words=False
    )
