"""A table as text: a line for each operation, the totals, and below them what they count and where the memory goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from striate.measure.grid import Column, lay_out, write_grid
from striate.measure.row import EXACT, Row
from striate.measure.summary import write_summary
from striate.measure.table import Table
from striate.measure.wording import wrap, write_bytes, write_count, write_field, write_shape, write_step

OWN = "(own)"  # what a module does itself, beside its parts
WIDE = 120
NAMES = 24  # letters that names get before columns that a wide terminal adds, and gaps of two
KIND = 12  # letters of the kinds, which the names of unknown operations can pass


def write_table(table: Table, width: int = 80) -> str:
    """Write a table within `width` letters; from 120 on with more columns. No figure is cut or rounded but bytes.

    Views, which move nothing, are left out unless they are all that a module does (as `nn.Flatten`).
    """
    rows = list_shown(table)
    columns = _make_columns(table, rows)
    extra = _make_wide_columns(table, rows) if width >= WIDE else []
    longest = max((len(row.name if extra else f"  {row.name.rpartition('.')[2]}") for row in rows), default=0)
    layout = lay_out([*columns, *extra], width, min(NAMES, longest))
    cells, heads = name_rows([row.name for row in rows], layout.room)
    grid = write_grid(Column("name", cells, "total", is_number=False), layout, heads)
    missing = [column.title for column in columns if column.title in layout.left_out]
    said = f"not shown at this width: {', '.join(missing)}" if missing else ""
    parts = [wrap(_write_title(table), width), grid, wrap(said, width), write_summary(table, width)]
    return "\n\n".join(part for part in parts if part)


def _write_title(table: Table) -> str:
    shapes = " and ".join(map(write_shape, table.input))
    return f"{table.network}: input {shapes}, batch {table.batch}, {table.precision}, {table.mode} mode"


def list_shown(table: Table) -> list[Row]:
    """The rows to show: all but views; where a module does nothing else, its last view stands for it."""
    parents = {path.rpartition(".")[0] for path in table.trace.modules if path}
    leaves = {path for path in table.trace.modules if path and path not in parents}
    below: dict[str, list[Row]] = defaultdict(list)
    for row in table.rows:
        below[row.name].append(row)
    alone = {id(rows[-1]) for name, rows in below.items() if name in leaves and all(row.is_view for row in rows)}
    return [row for row in table.rows if not row.is_view or id(row) in alone]


def name_rows(names: Sequence[str], room: int) -> tuple[list[str], list[list[str]]]:
    """Write paths within `room`: as they are if they fit, else below headlines that say what they have in common.

    Returns the cells, and for each the headlines above it.

    >>> name_rows(["conv1", "layer1.0.conv1", "layer1.0.conv2", "layer1.0", "fc"], 10)
    (['conv1', '  conv1', '  conv2', '  (own)', 'fc'], [[], ['layer1.0'], [], [], []])
    """
    if all(len(name) <= room for name in names):
        return [name or OWN for name in names], [[] for _ in names]
    cells, heads, current = [], [], ""
    for name in names:
        below = name.removeprefix(f"{current}.") if current else name
        stays = current and (name == current or (below != name and len(below) + 2 <= room))
        if not stays:
            parent, _, below = name.rpartition(".")
        heads.append([] if stays or parent in ("", current) else [parent])
        current = current if stays else parent
        shown = OWN if not name or name == current else below
        cells.append(f"  {shown}" if current else shown)
    return cells, heads


def _make_columns(table: Table, rows: Sequence[Row]) -> list[Column]:
    has_extents = any(len(shape) > 1 for shape in table.input)
    columns = [
        Column("kind", [row.kind for row in rows], is_number=False, most=KIND),
        Column("output", [write_shape(row.output) if row.index >= 0 else "" for row in rows]),
        Column("parameters", [write_count(row.parameters) for row in rows], f"{table.parameters:,}"),
        Column("multiplies", [_write_multiplies(row) for row in rows], f"{table.multiplies:,}"),
        Column("memory", [write_bytes(row.output_bytes) if row.index >= 0 else "" for row in rows], rank=2),
    ]
    if has_extents:
        columns += [
            Column("field", [write_field(row.field) if row.index >= 0 else "" for row in rows], rank=1),
            Column("step", [write_step(row.field) for row in rows], rank=3),
        ]
    return columns


def _write_multiplies(row: Row) -> str:
    """Multiplies, with a question mark where the row says that something of it is unknown."""
    return write_count(row.multiplies) + ("" if row.status == EXACT else "?")


def _make_wide_columns(table: Table, rows: Sequence[Row]) -> list[Column]:
    """What only a wide terminal has room for."""
    wide = [
        Column("parameters if fc", [write_count(row.connected_parameters or 0) for row in rows], rank=7),
        Column("multiplies if fc", [write_count(row.connected_multiplies or 0) for row in rows], rank=8),
        Column("if unshared", [write_count(row.unshared_parameters or 0) for row in rows], rank=6),
    ]
    if table.backward_multiplies is None:
        return wide
    backward = [write_count(row.backward_multiplies) for row in rows]
    saved = [write_bytes(row.saved_bytes) if row.saved_bytes else "" for row in rows]
    return [
        Column("backward", backward, f"{table.backward_multiplies:,}", rank=5),
        Column("saved", saved, write_bytes(table.saved_bytes), rank=4),
        *wide,
    ]
