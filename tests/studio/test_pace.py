from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from striate.cli.progress import Display
from striate.studio.pace import read_pace
from striate.train import Progress
from striate.train.tasks.task import Merit


@pytest.mark.parametrize("ends", [True, False])
@pytest.mark.parametrize("merit", [Merit("accuracy", "%", most=1.0), Merit("R2", most=1.0), Merit("PSNR", "dB")])
@pytest.mark.parametrize("held", [None, 0.25])
def test_what_the_command_prints_is_read_back(ends: bool, merit: Merit, held: float | None, tmp_path: Path) -> None:
    log, stream = tmp_path / "log.txt", io.StringIO()
    display = Display(stream)
    display.spoken = -1e9
    display.show_step(Progress(30, 80, 2, 4, 1.25, 0.5, 12_345.6, 3725.0, held, ends_epoch=ends, merit=merit))
    log.write_text(stream.getvalue())
    os.utime(log, (1, 1))
    pace = read_pace(["note     a", *stream.getvalue().splitlines(), "test     all"], log)
    assert pace is not None
    assert (pace.unit, pace.done, pace.total) == (("epoch", 2, 4) if ends else ("step", 30, 80))
    assert float(pace.loss) == 1.25
    assert pace.merit == f"{merit.name} {merit.write(0.5)}"
    assert pace.validation == (None if held is None else merit.write(held))
    assert (pace.per_second, pace.left_seconds) == (12_346, 3725)
    assert pace.told_seconds > 1e6


def test_before_the_first_line_there_is_none(tmp_path: Path) -> None:
    assert read_pace(["data     digits", "epoch"], tmp_path / "none") is None
