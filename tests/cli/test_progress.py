from __future__ import annotations

import io

import pytest

from striate.cli.progress import QUIET_SECONDS, Display, write_step
from striate.train import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def step_at(step: int, *, ends_epoch: bool = False, notes: tuple[str, ...] = (), left: float = 5.0) -> Progress:
    return Progress(step, 40, -(-step // 10), 4, 0.5, 0.75, 1234.0, left, 0.8, notes, ends_epoch)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    return Terminal()


def test_without_a_terminal_there_is_a_line_an_epoch() -> None:
    stream = io.StringIO()
    with Display(stream) as display:
        for step in range(1, 41):
            display.show_step(step_at(step))
            if step % 10 == 0:
                display.show_step(step_at(step, ends_epoch=True))
    lines = stream.getvalue().splitlines()
    assert [line.split()[:4] for line in lines] == [["epoch", str(epoch), "of", "4"] for epoch in range(1, 5)]
    assert all(line.endswith(write_step(step_at(1))) for line in lines)


def test_without_a_terminal_a_long_epoch_speaks_now_and_then() -> None:
    stream = io.StringIO()
    with Display(stream) as display:
        display.show_step(step_at(1))
        display.spoken -= QUIET_SECONDS
        display.show_step(step_at(2))
        display.show_step(step_at(3))
    assert [line.split()[:4] for line in stream.getvalue().splitlines()] == [["step", "2", "of", "40"]]


def test_without_a_terminal_no_control_letters_are_written() -> None:
    stream = io.StringIO()
    with Display(stream) as display:
        display.show_data(1, 2)
        display.show_data(2, 2)
        display.say("data     [red]x[/red] :smile: " + "long " * 100)
    assert stream.getvalue() == "data     [red]x[/red] :smile: " + "long " * 100 + "\n"


def test_on_a_terminal_there_is_a_bar_and_it_goes_away(terminal: Terminal) -> None:
    with Display(terminal) as display:
        display.show_data(1, 2)
        display.show_step(step_at(7))
        display.bars.refresh()
        assert "decode" in terminal.getvalue()
        assert "7/40" in terminal.getvalue()
        display.show_data(2, 2)
        display.say("engine   any")
    shown = terminal.getvalue()
    assert "engine   any" in shown
    assert shown.rindex("\x1b[2K") > shown.rindex("7/40")  # the last that happens to the bar is its erasure
    assert "\x1b[?25h" in shown  # and the cursor is back


def test_scoring_has_a_bar_too(terminal: Terminal) -> None:
    with Display(terminal) as display:
        display.show_score(512, 10_000)
        display.bars.refresh()
        assert "score" in terminal.getvalue()
        assert "512/10000" in terminal.getvalue()


def test_an_error_takes_the_bar_away_too(terminal: Terminal) -> None:
    def fail() -> None:
        with Display(terminal) as display:
            display.show_step(step_at(1))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert terminal.getvalue().rindex("\x1b[?25h") > terminal.getvalue().rindex("1/40")


def test_notes_are_said() -> None:
    stream = io.StringIO()
    with Display(stream) as display:
        display.show_step(step_at(1, notes=("a checkpoint was damaged",)))
    assert stream.getvalue() == "note     a checkpoint was damaged\n"


def test_a_line_holds_the_moments_figures() -> None:
    said = write_step(step_at(1))
    for figure in ("0.500", "75.00 %", "validation 80.00 %", "1,234 images/s", "00:05 left"):
        assert figure in said
    assert "validation" not in write_step(Progress(1, 4, 1, 1, 0.5, 0.75, 9.0, 1.0, None))


@pytest.mark.parametrize("seconds", [0.0, 59.9, 60.0, 3599.0, 3600.0, 86_399.0, 90_061.0, 400_000.0])
def test_the_time_left_adds_up(seconds: float) -> None:
    clock = write_step(step_at(1, left=seconds)).split(", ")[-1].removesuffix(" left")
    total = 0
    for part in clock.split(":"):
        assert len(part) >= 2
        total = 60 * total + int(part)
    assert total == int(seconds)
    assert all(int(part) < 60 for part in clock.split(":")[1:])
