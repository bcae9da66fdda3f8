"""How far it is: a bar on a terminal, a line an epoch elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

if TYPE_CHECKING:
    from striate.train import Progress as Step

QUIET_SECONDS = 10.0  # between two lines where there is no terminal


class Display:
    """Shows decoding and training on `stream`; a `with`, so that the bar is gone before anything else is printed."""

    def __init__(self, stream: TextIO) -> None:
        """Nothing is shown yet."""
        self.console = Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[said]}"),
        )
        self.bars = Progress(*columns, console=self.console, transient=True, disable=not self.console.is_terminal)
        self.shares: dict[str, TaskID] = {}
        self.training: TaskID | None = None
        self.spoken = time.monotonic()

    def __enter__(self) -> Self:
        """Begin to show."""
        self.bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bars away."""
        self.bars.stop()

    def say(self, line: str) -> None:
        """Print a line above the bars."""
        self.console.print(line)

    def show_data(self, done: int, total: int) -> None:
        """Show how many files are decoded."""
        self._show_share("decode", done, total)

    def show_score(self, done: int, total: int) -> None:
        """Show how many samples are scored."""
        self._show_share("score", done, total)

    def show_work(self, done: int, total: int) -> None:
        """Show how far any other long work is."""
        self._show_share("work", done, total)

    def _show_share(self, work: str, done: int, total: int) -> None:
        """Show a piece of work while it lasts."""
        if work not in self.shares:
            self.shares[work] = self.bars.add_task(work, total=total, said="")
        self.bars.update(self.shares[work], completed=done, total=total, visible=done < total)

    def show_step(self, step: Step) -> None:
        """Show where the training stands; a line for each epoch, kept on the screen."""
        if self.training is None:
            self.training = self.bars.add_task("train", total=step.steps, said="")
        said = write_step(step)
        self.bars.update(self.training, completed=step.step, total=step.steps, said=said)
        for note in step.notes:
            self.say(f"note     {note}")
        now = time.monotonic()
        if step.ends_epoch or (not self.console.is_terminal and now - self.spoken >= QUIET_SECONDS):
            self.spoken = now
            place = (
                f"epoch    {step.epoch} of {step.epochs}"
                if step.ends_epoch
                else f"step     {step.step} of {step.steps}"
            )
            self.say(f"{place:<24} {said}")


def write_step(step: Step) -> str:
    """The figures of one moment in one line."""
    held = step.validation_accuracy
    validation = "" if held is None else f", validation {step.merit.write(held)}"
    minutes, seconds = divmod(int(step.seconds_left), 60)
    left = f"{minutes:02}:{seconds:02}" if minutes < 60 else f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
    figures = f"loss {step.loss:.3f}, {step.merit.name} {step.merit.write(step.accuracy)}{validation}"
    return f"{figures}, {step.images_per_second:,.0f} images/s, {left} left"
