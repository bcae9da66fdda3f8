"""How fast a training goes and how far it is, read from the lines that the command prints."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_LINE = re.compile(
    r"(?P<unit>epoch|step)\s+(?P<done>\d+) of (?P<total>\d+)\s+loss (?P<loss>\S+), (?P<merit>.+?)"
    r"(?:, validation (?P<validation>[^,]+))?, (?P<pace>[\d,]+) images/s, (?P<left>[\d:]+) left"
)


@dataclass(frozen=True)
class Pace:
    """A training at its last line: `done` of `total` units ("epoch" or "step"), the figures of the epoch so far.

    `merit` and `validation` are written out, as "accuracy 60.00 %"; `left_seconds` were left `told_seconds` ago.
    """

    unit: str
    done: int
    total: int
    loss: str
    merit: str
    validation: str | None
    per_second: int
    left_seconds: int
    told_seconds: float


def read_pace(lines: Sequence[str], log: Path) -> Pace | None:
    """The pace that the last such line tells; None before there is one.

    >>> line = "epoch    1 of 4          loss 2.334, accuracy 13.91 %, validation 14.58 %, 20,701 images/s, 01:05 left"
    >>> pace = read_pace([line, "test     all"], Path("none"))
    >>> pace.unit, pace.done, pace.merit, pace.validation, pace.per_second, pace.left_seconds
    ('epoch', 1, 'accuracy 13.91 %', '14.58 %', 20701, 65)
    """
    for line in reversed(lines):
        found = _LINE.match(line)
        if found:
            left = 0
            for part in found["left"].split(":"):
                left = 60 * left + int(part)
            return Pace(
                found["unit"],
                int(found["done"]),
                int(found["total"]),
                found["loss"],
                found["merit"],
                found["validation"],
                int(found["pace"].replace(",", "")),
                left,
                _read_age(log),
            )
    return None


def _read_age(log: Path) -> float:
    """Seconds since something was printed."""
    with suppress(OSError):
        return max(0.0, time.time() - log.stat().st_mtime)
    return 0.0
