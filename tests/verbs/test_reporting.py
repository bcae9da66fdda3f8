from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.verbs.draw import COUNTS, TEXT, Finished, make_arrays, make_folder, take_bytes
from torch import nn

import striate
from striate.data import load_dataset
from striate.engine import Engine
from striate.errors import DataError, RunError
from striate.train.scores import measure_accuracy
from striate.verbs.reporting import find_first_kernels, tell_story


def test_a_report_written_anew_is_the_same_and_nothing_else_changes(copied: Finished) -> None:
    shown = copied.run.path / "report.html"
    before = take_bytes(copied.run.path)
    shown.unlink()
    assert striate.report(copied.run.path) == shown
    after = take_bytes(copied.run.path)
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} <= {"report.html"}
    title = re.compile(r"<title>.*?</title>|<h1>.*?</h1>")
    assert title.sub("", after["report.html"].decode()) == title.sub("", before["report.html"].decode())


def test_a_run_or_its_path_will_do(copied: Finished) -> None:
    pages = [striate.report(run).read_bytes() for run in (copied.run, copied.run.path, str(copied.run.path))]
    assert pages[0] == pages[1] == pages[2]


def test_data_that_moved_can_be_given(copied: Finished, tmp_path: Path) -> None:
    moved = shutil.copytree(copied.data, tmp_path / "moved")
    assert striate.report(copied.run, moved).is_file()


def test_changed_data_are_refused_and_the_page_stays(copied: Finished, tmp_path: Path) -> None:
    before = take_bytes(copied.run.path)
    other = make_folder(tmp_path / "other", COUNTS, seed=1)
    with pytest.raises(RunError, match="other have changed"):
        striate.report(copied.run, other)
    with pytest.raises(RunError, match="arrays in memory have changed") as caught:
        striate.report(copied.run, make_arrays(9))
    assert "\n" not in str(caught.value)
    with pytest.raises(DataError, match="nosuch"):
        striate.report(copied.run, tmp_path / "nosuch")
    assert take_bytes(copied.run.path) == before


def test_arrays_in_memory_have_to_be_given() -> None:
    data = make_arrays(12)
    run = striate.train(TEXT, data, steps=1, engine=Engine())
    with pytest.raises(RunError, match=r"arrays in memory.*report\(run, data\)"):
        striate.report(run)
    assert striate.report(run, data) == run.path / "report.html"


def test_the_story_is_about_the_part_that_was_held_out(finished: Finished) -> None:
    dataset = load_dataset(finished.data)
    story = tell_story(finished.run, dataset)
    assert dataset.test is not None
    assert finished.run.result is not None
    assert story.scored is not None
    assert (story.part, len(story.names)) == ("test", len(dataset.test))
    assert np.array_equal(story.inputs, dataset.test.inputs)
    assert measure_accuracy(story.scored) == finished.run.result.accuracy
    assert sum(layer.parameters for layer in story.layers) == sum(p.numel() for p in finished.run.module.parameters())
    assert any("no test part" in note for note in story.notes)


def test_leaked_samples_are_counted_in_the_notes(tmp_path: Path) -> None:
    data = make_folder(tmp_path / "split", {"train/coal": 6, "train/slate": 6, "test/coal": 3, "test/slate": 3})
    for number in range(2):
        shutil.copy(data / "train" / "coal" / f"0-00{number}.png", data / "test" / "coal" / f"leak{number}.png")
    run = striate.train(TEXT, data, steps=1, engine=Engine())
    notes = tell_story(run, load_dataset(data)).notes
    assert any(note.startswith("2 of the held-out samples") for note in notes)
    assert not any("no test part" in note for note in notes)


def test_the_first_kernels_are_the_first_convolutions() -> None:
    stem = nn.Conv2d(3, 5, 3)
    found = find_first_kernels(nn.Sequential(nn.BatchNorm2d(3), stem, nn.Conv2d(5, 2, 1)))
    assert found is not None
    assert torch.equal(torch.from_numpy(found), stem.weight.detach())
    assert find_first_kernels(nn.Sequential(nn.Flatten(), nn.Linear(4, 2))) is None
