"""What a command is to measure: a network in the notation or a module of the user's own, and under which conditions."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from striate.cli.networks import ZOO_CLASSES
from striate.cli.options import read_inputs
from striate.errors import InputError

if TYPE_CHECKING:
    from torch import nn

    from striate.measure.table import Table
    from striate.nets import Net


@dataclass(frozen=True)
class Conditions:
    """Under what a network is measured, as it was written."""

    input: Sequence[str] = ()
    batch: int = 1
    classes: int | None = None
    forward: bool = False
    optimizer: str = "momentum"
    precision: str = "fp32"

    def check(self) -> None:
        """Refuse what can't be read before any work is done.

        Raises:  InputError.
        """
        read_inputs(self.input)
        if self.classes is not None and self.classes < 1:
            raise InputError(f"--classes {self.classes}: needed a whole number from 1. Change it")


@dataclass(frozen=True)
class Subject:
    """A network, what to call it, and how to measure it."""

    network: nn.Module | Net
    label: str
    conditions: Conditions

    @property
    def input(self) -> Any:
        """The shapes that were given."""
        return read_inputs(self.conditions.input)

    @property
    def classes(self) -> int | None:
        """As `show` counts: 1000 where a text asks for them and nothing is said."""
        asks = "classes" in getattr(self.network, "text", "")
        return ZOO_CLASSES if self.conditions.classes is None and asks else self.conditions.classes

    def measure(self) -> Table:
        """Measure it.

        Raises:  InputError, in one line, where it can't be run so.
        """
        from striate import verbs

        with working("measuring"):
            table = verbs.measure(
                self.network,
                self.input,
                self.conditions.batch,
                self.classes,
                backward=not self.conditions.forward,
                optimizer=self.conditions.optimizer,  # type: ignore[arg-type]
                precision=self.conditions.precision,  # type: ignore[arg-type]
            )
        guessed = self.conditions.classes is None and self.classes is not None
        notes = [f"counted with {self.classes} classes. Say another number by --classes"] * guessed
        return replace(table, network=self.label, notes=(*table.notes, *notes))


def find_subject(text: str, conditions: Conditions) -> Subject:
    """Find what a NET names: `package.module:attribute`, a run's folder, a name of the zoo, a file, or the text itself.

    Raises:  InputError, in one line, if it is nothing of that.
    """
    from striate.nets import Net
    from striate.verbs.measuring import read_network, settle_run
    from striate.verbs.modules import is_module_name, load_module

    if is_module_name(text) and not Path(text).is_file():
        return Subject(load_module(text), text, conditions)
    found = read_network(text)
    if isinstance(found, Net):
        return Subject(found, Path(found.source).stem, conditions)
    net, shape, classes = settle_run(found, classes=conditions.classes)
    given = conditions.input or ["x".join(map(str, cast("Sequence[int]", shape)))]
    return Subject(net, found.path.name, replace(conditions, input=given, classes=classes))


@contextmanager
def working(said: str) -> Iterator[None]:
    """Show on a terminal that work is under way; what a user's module prints goes to stderr too."""
    from rich.console import Console

    console = Console(file=sys.stderr)
    with redirect_stdout(sys.stderr):
        if not console.is_terminal:
            yield
            return
        with console.status(said):
            yield
