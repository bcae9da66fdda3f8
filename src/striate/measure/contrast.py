"""A difference as text, or as plain values: the totals side by side, and the rows that changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Any

from striate.measure.difference import Change, Difference, Total
from striate.measure.grid import Column, lay_out, write_grid
from striate.measure.records import to_plain
from striate.measure.row import Row
from striate.measure.table import Table
from striate.measure.text import KIND, NAMES, WIDE, name_rows
from striate.measure.wording import wrap, write_bytes, write_count, write_field, write_shape

SIGNS = {"added": "+", "removed": "-", "changed": "~", "same": "="}
FIGURES = ("kind", "output", "parameters", "multiplies", "field")
MORE = ("backward", "memory", "saved")
SIGHT = {"field", "depth"}  # of which every row knows what came before it


@dataclass(frozen=True)
class Line:
    """One line of the rows: its sign, a row's name or a `remark` in its place, and the figures."""

    sign: str
    figures: tuple[str, ...] = ("",) * len((*FIGURES, *MORE))
    name: str | None = None
    remark: str = ""


def write_difference(difference: Difference, width: int = 80) -> str:
    """Write what changed, within `width` letters.

    `-` was there, `+` is new, `~` changed: below the figures before stand those that are other after.
    """
    title = f"{_write_title(difference.before)} -> {_write_title(difference.after)}"
    return "\n\n".join([wrap(title, width), _write_totals(difference, width), _write_rows(difference, width)])


def _write_title(table: Table) -> str:
    return f"{table.network} ({' and '.join(map(write_shape, table.input))}, batch {table.batch})"


def _write_totals(difference: Difference, width: int) -> str:
    totals = difference.totals
    columns = [
        Column("before", [_write_figure(total.before) for total in totals]),
        Column("after", [_write_figure(total.after) for total in totals]),
        Column("difference", [_write_change(total) for total in totals]),
        Column("ratio", [_write_ratio(total.ratio) for total in totals], rank=1),
    ]
    names = [total.name.replace("_", " ") for total in totals]
    return write_grid(Column("total", names, is_number=False), lay_out(columns, width, max(map(len, names))))


def _write_figure(number: int | None) -> str:
    return "-" if number is None else f"{number:,}"


def _write_change(total: Total) -> str:
    return "-" if total.difference is None else f"{total.difference:+,}" if total.difference else "0"


def _write_ratio(ratio: Fraction | None) -> str:
    return "-" if ratio is None else f"{float(ratio):.3f}"


def _write_rows(difference: Difference, width: int) -> str:
    lines = list(_list_lines(difference))
    if all(line.sign == "=" for line in lines):
        return "No row changed."
    titles = (*FIGURES, *MORE) if width >= WIDE else FIGURES
    wanted = max(len(line.remark if line.name is None else line.name.rpartition(".")[2]) for line in lines) + 4
    layout = lay_out(
        [
            Column(
                title,
                [line.figures[place] for line in lines],
                is_number=place > 0,
                rank=max(place - 3, 0),
                most=None if place else KIND,
            )
            for place, title in enumerate(titles)
        ],
        width,
        min(wanted, NAMES),
    )
    cells, heads = _name_lines(lines, layout.room)
    return write_grid(Column("  name", cells, is_number=False), layout, heads)


def _name_lines(lines: Sequence[Line], room: int) -> tuple[list[str], list[list[str]]]:
    """The names with their signs, below headlines where they don't fit."""
    named = iter(zip(*name_rows([line.name for line in lines if line.name is not None], room - 2), strict=True))
    cells, heads = [], []
    for line in lines:
        name, above = next(named) if line.name is not None else (line.remark, [])
        cells.append(f"{line.sign} {name}".rstrip())
        heads.append([f"  {headline}" for headline in above])
    return cells, heads


def _list_lines(difference: Difference) -> Iterator[Line]:
    """A line for each row that came or went, two for one that changed, and one or two for a stretch of rows alike."""
    for kind, changes in groupby(difference.rows, _judge):
        stretch = list(changes)
        if kind == "same":
            yield Line("=", remark=f"{len(stretch)} alike")
        elif kind == "sight" and len(stretch) > 1:
            yield from _write_sights(stretch)
        else:
            for change in stretch:
                yield from _write_change_lines(change)


def _judge(change: Change) -> str:
    """Whether a row costs and sees the same, or just sees otherwise, or costs otherwise too."""
    if change.sign == "changed" and set(change.figures) <= SIGHT:
        return "sight" if "field" in change.figures else "same"
    return change.sign


def _write_sights(stretch: Sequence[Change]) -> Iterator[Line]:
    """Rows that differ in what they see alone: the first and the last field, before and after."""
    first, last = stretch[0], stretch[-1]
    place = FIGURES.index("field")
    for sign, remark, ends in (
        ("~", f"{len(stretch)} alike but the field", (first.before, last.before)),
        (" ", "", (first.after, last.after)),
    ):
        said = " to ".join(write_field(row.field) for row in ends if row is not None)
        figures = ["" for _ in (*FIGURES, *MORE)]
        figures[place] = said
        yield Line(sign, tuple(figures), remark=remark)


def _write_change_lines(change: Change) -> Iterator[Line]:
    before, after, sign = change.before, change.after, SIGNS[change.sign]
    if before is None or after is None:
        yield from (Line(sign, _write_row(row), row.name) for row in (before, after) if row is not None)
        return
    old, new = _write_row(before), _write_row(after)
    yield Line(sign, old, before.name)
    changed = tuple(cell if cell != other else "" for cell, other in zip(new, old, strict=True))
    unseen = "" if any(changed[: len(FIGURES)]) else f"({', '.join(change.figures)})".replace("_", " ")
    leaf = after.name.rpartition(".")[2]
    yield Line(" ", changed, remark=f"  as {leaf}" if leaf != before.name.rpartition(".")[2] else unseen)


def _write_row(row: Row) -> tuple[str, ...]:
    return (
        row.kind,
        write_shape(row.output),
        write_count(row.parameters) or "0",
        write_count(row.multiplies) or "0",
        write_field(row.field),
        write_count(row.backward_multiplies) or "0",
        write_bytes(row.output_bytes),
        write_bytes(row.saved_bytes),
    )


def difference_to_records(difference: Difference) -> dict[str, Any]:
    """Turn a difference into plain values: every total, and every row that is not the same, before and after."""
    return {
        "before": {"network": difference.before.network, "input": to_plain(difference.before.input)},
        "after": {"network": difference.after.network, "input": to_plain(difference.after.input)},
        "totals": {
            total.name: {
                "before": total.before,
                "after": total.after,
                "difference": total.difference,
                "ratio": to_plain(total.ratio),
            }
            for total in difference.totals
        },
        "rows": [
            {
                "sign": change.sign,
                "before": to_plain(change.before),
                "after": to_plain(change.after),
                "changed": list(change.figures),
            }
            for change in difference.rows
            if change.sign != "same"
        ],
    }
