"""What stands below a table: the rule of its total, multiplies by kind, what is free or unknown, memory by terms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from striate.measure.finding import Finding
from striate.measure.grid import Column, lay_out, write_grid
from striate.measure.memory import Memory
from striate.measure.row import EXACT
from striate.measure.table import Table
from striate.measure.wording import wrap, write_bytes, write_share

TERMS = ("parameters", "buffers", "inputs", "gradients", "optimizer", "activations", "scratch")
MOST_NAMES = 6


def write_summary(table: Table, width: int = 80) -> str:
    """Write everything below the table, in paragraphs."""
    parts = [
        wrap(table.rule, width),
        _write_kinds(table, width),
        wrap(_write_depth(table), width),
        _write_unknown(table, width),
        _write_memory(table, width),
        "\n".join(wrap(note, width, "note: ", "  ") for note in table.notes),
    ]
    return "\n\n".join(part for part in parts if part)


def count_kinds(table: Table) -> tuple[dict[str, int], dict[str, int]]:
    """Itemise a table: the multiplies of each kind that has any, most first; and how often each free kind was met."""
    counted: Counter[str] = Counter()
    for row in table.rows:
        counted[row.kind] += row.multiplies
    free = Counter(row.kind for row in table.rows if not row.multiplies and row.status == EXACT and row.index >= 0)
    return {kind: number for kind, number in counted.most_common() if number}, dict(free.most_common())


def _write_kinds(table: Table, width: int) -> str:
    counted, free = count_kinds(table)
    total = table.multiplies
    columns = [
        Column("multiplies", [f"{number:,}" for number in counted.values()], f"{total:,}"),
        Column("share", [write_share(number, total) for number in counted.values()], rank=1),
    ]
    if table.backward_multiplies is not None:
        backward: Counter[str] = Counter()
        for row in table.rows:
            backward[row.kind] += row.backward_multiplies or 0
        cells = [f"{backward[kind]:,}" for kind in counted]
        columns.append(Column("backward", cells, f"{table.backward_multiplies:,}", rank=2))
    grid = write_grid(Column("kind", list(counted), "total", is_number=False), lay_out(columns, width))
    listed = ", ".join(f"{kind} {number}" for kind, number in free.items()) or "nothing"
    lines = [grid, wrap(f"free: {listed}", width, "", "  ")]
    if table.inference_multiplies != total:
        lines.append(wrap(f"in eval mode: {table.inference_multiplies:,} multiplies", width))
    return "\n".join(lines)


def _write_depth(table: Table) -> str:
    return f"depth: {table.depth} layers with parameters on the longest way"


def _write_unknown(table: Table, width: int) -> str:
    """The rows whose figures are not all known, by name."""
    if table.status == EXACT:
        return ""
    lines = ["Partial: not all is known of these operations (? in the table), and no total holds what isn't."]
    reasons: dict[str, list[str]] = {}
    for row in table.rows:
        if row.status != EXACT:
            reasons.setdefault(row.status.removeprefix("partial: "), []).append(row.name or "(own)")
    lines += [f"{why}: {_name_some(names)}" for why, names in reasons.items()]
    return "\n".join(
        wrap(line, width, "  " if place else "", "    " if place else "") for place, line in enumerate(lines)
    )


def _name_some(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def list_terms(memory: Memory) -> dict[str, int]:
    """The terms that add up to the peak, in order.

    >>> sum(list_terms(Memory(1, 2, 3, 4, 5, 6, 7, "", "")).values())
    28
    """
    return {name: getattr(memory, name) for name in TERMS}


def _write_memory(table: Table, width: int) -> str:
    memories = {"inference": table.inference, **({"training": table.training} if table.training else {})}
    terms = [name for name in list_terms(table.inference) if any(list_terms(each)[name] for each in memories.values())]
    columns = [
        Column(title, [f"{list_terms(each)[name]:,}" for name in terms], f"{each.peak:,}")
        for title, each in memories.items()
    ]
    grid = write_grid(Column("bytes", terms, "peak", is_number=False), lay_out(columns, width))
    places = [
        f"{title}: {write_bytes(each.peak)}" + (f" at {each.at}" if each.at else "") + _write_settings(each.settings)
        for title, each in memories.items()
    ]
    return "\n".join([grid, *(wrap(place, width, "", "  ") for place in places)])


def _write_settings(settings: str) -> str:
    return f" ({settings})" if settings else ""


def write_findings(findings: Sequence[Finding], width: int = 80) -> str:
    """Write what could be better: layer, reason and figure, and the way out."""
    lines = [wrap(str(finding), width, "- ", "  ") for finding in findings]
    return "\n".join(["Advice", *lines]) if lines else ""
