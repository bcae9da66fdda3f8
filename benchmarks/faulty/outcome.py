"""What a kind of fault came to: how often it was done, what held each time, and what didn't."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

Tell = Callable[[str], None]


@dataclass
class Outcome:
    """One row of the table; `failures` say in a line each what didn't hold."""

    name: str
    held: str
    done: int = 0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)

    def to_row(self) -> str:
        """The row."""
        bad = len(self.failures)
        return f"| {self.name} | {self.done:,} | {self.held} | {bad or 'none'} | {self.seconds:.0f} |"


HEADER = "| fault | times | what held each time | what didn't | seconds |\n| --- | --- | --- | --- | --- |"
