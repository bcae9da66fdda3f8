from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.verbs.draw import Finished
from tests.verbs.heldout.conftest import Hold, hold
from typer.testing import CliRunner

import striate
from striate.cli.application import app
from striate.errors import InputError
from striate.verbs.telling import tell_one, write_answer

__all__ = ["hold"]


def test_a_line_is_what_predict_prints(finished: Finished, tmp_path: Path) -> None:
    files = sorted(path for path in finished.data.rglob("*") if path.is_file())[:6]
    printed = CliRunner().invoke(app, ["predict", str(finished.run.path), *map(str, files)]).stdout.splitlines()
    for path, line in zip(files, printed, strict=True):
        row = striate.predict(finished.run, path)[0]
        assert line.split(None, 1)[1] == write_answer(finished.run, row)
        assert line.split(None, 1)[0] in str(path)


def test_a_sample_is_told_with_the_figures_of_predict(hold: Hold) -> None:
    held = hold("classify")
    told = tell_one(held.run, held.part.inputs[3])
    row = striate.predict(held.run, held.part.inputs[3:4])[0]
    assert [value for _, value in told.scores] == row.tolist()
    best = sorted(range(10), key=lambda place: -row[place])[:3]
    assert told.line == "   ".join(f"{held.run.classes[place]} {100 * row[place]:.1f} %" for place in best)
    assert told.are_shares


def test_labels_and_numbers_are_told_in_their_own_way(hold: Hold) -> None:
    held = hold("labels")
    assert write_answer(held.run, np.array([0.9, 0.2])) == f"{held.run.classes[0]} 90.0 %"
    assert write_answer(held.run, np.array([0.1, 0.2])) == "none"
    held = hold("regress")
    told = tell_one(held.run, held.part.inputs[0])
    row = striate.predict(held.run, held.part.inputs[:1])[0]
    assert told.line == "   ".join(f"{name} {value:.4g}" for name, value in zip(held.run.classes, row, strict=True))
    assert not told.are_shares


def test_a_masks_shares_are_counted(hold: Hold) -> None:
    held = hold("segment")
    told = tell_one(held.run, held.part.inputs[0])
    mask = striate.predict(held.run, held.part.inputs[:1])[0]
    assert dict(told.scores) == {name: float((mask == place).mean()) for place, name in enumerate(held.run.classes)}
    assert [media.title for media in told.media] == ["as the network gets it", "its classes"]


def test_a_restored_sample_is_shown_before_and_after(hold: Hold) -> None:
    held = hold("restore")
    told = tell_one(held.run, held.part.inputs[0])
    assert [media.title for media in told.media] == ["as the network gets it", "restored"]
    assert told.scores == ()


def test_a_continuation_is_refused_in_a_line(hold: Hold) -> None:
    held = hold("continue")
    with pytest.raises(InputError, match="Use striate generate"):
        tell_one(held.run, held.part.inputs[0])
