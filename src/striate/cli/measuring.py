"""measure: the table of what a network costs and sees, and the answers to what is asked beside it."""

from __future__ import annotations

import json as json_format
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.cli.answers import fit, look, write_fit, write_look
from striate.cli.options import read_bytes, read_cell
from striate.cli.subjects import Conditions, Subject, find_subject, working
from striate.errors import InputError

if TYPE_CHECKING:
    from striate.measure.finding import Finding
    from striate.measure.table import Table

APART = {"diff": {"json"}, "fix": set(), "csv": {"plot"}}
"""What is printed in the table's place, and what can be had beside it."""


@dataclass(frozen=True)
class Wishes:
    """What is to be printed, as it was written."""

    fits: str | None = None
    field: Sequence[str] = ()
    advice: bool = True
    fix: bool = False
    diff: str | None = None
    json: bool = False
    csv: bool = False
    plot: Path | None = None

    def check(self) -> None:
        """Refuse what can't be read, had together, or written, before any work is done.

        Raises:  InputError.
        """
        given = [name for name in ("diff", "fix", "csv", "json", "field", "fits", "plot") if getattr(self, name)]
        for name in (name for name in APART if name in given):
            clash = [other for other in given if other != name and other not in APART[name]]
            if clash:
                raise InputError(f"found --{name} and --{clash[0]}, which can't be had together. Leave one out")
        for cell in self.field:
            read_cell(cell)
        if self.fits is not None:
            read_bytes(self.fits)
        if self.plot is not None:
            from striate.report.figures import find_place

            find_place(self.plot)


def measure_network(net: str, conditions: Conditions, wishes: Wishes) -> None:
    """Measure, and print the table, or what was asked for in its place."""
    conditions.check()
    wishes.check()
    subject = find_subject(net, conditions)
    if wishes.diff is not None:
        _print_difference(find_subject(wishes.diff, conditions).measure(), subject.measure(), json=wishes.json)
    elif wishes.fix:
        _print_repair(subject)
    else:
        _print_table(subject, wishes)


def _print_table(subject: Subject, wishes: Wishes) -> None:
    """The table as text, JSON or CSV, and the picture."""
    table = subject.measure()
    answers = _ask(subject, table, wishes)
    findings = _advise(table) if wishes.advice and not wishes.csv else ()
    if wishes.csv:
        from striate.measure.records import to_csv

        print(to_csv(table), end="")
    elif wishes.json:
        from striate.measure.records import to_records

        print(json_format.dumps({**to_records(table, findings), **answers}, indent=2))
    else:
        _print_text(table, findings, answers, subject.conditions)
    if wishes.plot is not None:
        from striate.report.figures import save_figure

        with working("drawing"):
            path = save_figure(table, wishes.plot)
        print(f"picture   {path}", file=sys.stderr if wishes.json or wishes.csv else sys.stdout)


def _ask(subject: Subject, table: Table, wishes: Wishes) -> dict[str, Any]:
    """The answers to --field and --fits, in plain values."""
    from striate.verbs.measuring import make_measurable

    answers: dict[str, Any] = {}
    if wishes.field:
        answers["fields"] = [look(table, *read_cell(text)) for text in wishes.field]
    if wishes.fits is not None:
        conditions, measurable = subject.conditions, make_measurable(subject.network, subject.input, subject.classes)
        with working("finding the largest batch"):
            answers["fits"] = fit(
                *measurable,
                read_bytes(wishes.fits),
                conditions.optimizer,
                conditions.precision,
                training=not conditions.forward,
            )
    return answers


def _advise(table: Table) -> tuple[Finding, ...]:
    from striate.measure.advice import advise

    return advise(table)


def _print_text(table: Table, findings: Sequence[Finding], answers: dict[str, Any], conditions: Conditions) -> None:
    from striate.measure.summary import write_findings
    from striate.measure.text import write_table

    width = _find_width()
    parts = [
        write_table(table, width),
        "\n".join(write_look(seen, width) for seen in answers.get("fields", ())),
        write_fit(answers["fits"], conditions.optimizer, conditions.precision, width) if "fits" in answers else "",
        write_findings(findings, width),
    ]
    print("\n\n".join(part for part in parts if part))


def _find_width() -> int:
    return shutil.get_terminal_size().columns


def _print_difference(before: Table, after: Table, *, json: bool) -> None:
    from striate.measure.contrast import difference_to_records, write_difference
    from striate.measure.difference import compare

    difference = compare(before, after)
    if json:
        print(json_format.dumps(difference_to_records(difference), indent=2))
    else:
        print(write_difference(difference, _find_width()))


def _print_repair(subject: Subject) -> None:
    """The repaired text on stdout; what was changed and what was left, and why, on stderr."""
    from striate.nets import Net
    from striate.nets.repair import repair

    if not isinstance(subject.network, Net):
        found = f"--fix: found a module of Python ({subject.label}), needed a network's name, file or text"
        raise InputError(f"{found}. Leave --fix out")
    table = subject.measure()
    repaired = repair(subject.network, _advise(table), table.input[0], subject.classes)
    print(repaired.net.text.rstrip())
    for finding in repaired.applied:
        print(f"changed   {finding}", file=sys.stderr)
    for finding, reason in repaired.left:
        print(f"left      {finding} Not done: {reason}.", file=sys.stderr)
    if not repaired.applied and not repaired.left:
        print("nothing to repair", file=sys.stderr)
