"""A run on clips, and one on volumes: every verb reads new files as the training read its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.data.moving import draw_moving, write_frames, write_gif

import striate
from striate.errors import DataError
from striate.verbs.runs import Run

NET = "conv3-4/2, bn, relu, gmp, flatten, fc-classes"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STRIATE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="module")
def clips(home: Path) -> Run:
    for number in range(6):
        write_gif(home / "clips" / "left" / f"{number}.gif", draw_moving(5 + number % 2, -2, side=20))
        write_gif(home / "clips" / "right" / f"{number}.gif", draw_moving(5, 2, side=20))
    return striate.train(NET, home / "clips", out=home / "run", epochs=1, probe=False)


@pytest.fixture(scope="module")
def volumes(home: Path) -> Run:
    rng = np.random.default_rng(0)
    for label, mean in (("thick", 30.0), ("thin", -30.0)):
        (home / "volumes" / label).mkdir(parents=True)
        for number in range(6):
            np.save(home / "volumes" / label / f"{number}.npy", rng.normal(mean, 10, (6, 7, 8)))
    return striate.train(NET, home / "volumes", out=home / "volumes-run", epochs=1, probe=False)


@pytest.mark.parametrize("name", ["clips", "volumes"])
def test_files_say_what_their_samples_in_the_set_say(name: str, home: Path, request: pytest.FixtureRequest) -> None:
    run: Run = request.getfixturevalue(name)
    dataset = striate.data.load_dataset(home / name, split=False)
    assert dataset.test is not None
    by_array = striate.predict(run, dataset.test.inputs)
    by_folder = striate.predict(run, home / name)
    files = sorted(path for path in (home / name).rglob("*") if path.is_file())
    assert np.allclose(by_folder, by_array)
    assert np.allclose(striate.predict(run, files[3:5]), by_array[3:5])
    assert striate.evaluate(run, home / name).total == run.settings["data"]["test"]


def test_how_clips_were_read_is_kept(clips: Run, volumes: Run) -> None:
    assert striate.load(clips.path).reading == {"kind": "video", "rate": 25.0, "length": 5, "undated": 25.0}
    assert clips.input == (1, 5, 20, 20)
    reading = striate.load(volumes.path).reading
    assert reading is not None
    assert (reading["kind"], reading["axis"], reading["in_bytes"]) == ("volumes", None, False)


def test_a_clip_stored_in_another_way_is_read_the_same(clips: Run, home: Path) -> None:
    folder = write_frames(home / "new", draw_moving(5, 2, side=20))
    same = write_gif(home / "same.gif", draw_moving(5, 2, side=20))
    assert np.allclose(striate.predict(clips, [folder]), striate.predict(clips, [same]))


def test_what_is_no_clip_is_named(clips: Run, home: Path) -> None:
    (home / "torn.gif").write_bytes(b"GIF89a")
    with pytest.raises(DataError, match=r"torn\.gif: .*, needed a clip\. Leave it out"):
        striate.predict(clips, home / "torn.gif")


@pytest.mark.parametrize("name", ["clips", "volumes"])
def test_an_explanation_has_a_heat_for_every_cell(name: str, home: Path, request: pytest.FixtureRequest) -> None:
    run: Run = request.getfixturevalue(name)
    file = sorted(path for path in (home / name).rglob("*") if path.is_file())[0]
    heat = striate.explain(run, file)
    assert tuple(heat.values.shape) == (1, *run.input[1:])
    assert heat.names == (str(file),)


def test_the_page_says_how_frames_were_taken(clips: Run, volumes: Run) -> None:
    page = (clips.path / "report.html").read_text(encoding="utf-8")
    assert "Clips of 5 frames at 25 a second (every frame is taken); of 3 longer clips the middle" in page
    assert "65,536 levels" in (volumes.path / "report.html").read_text(encoding="utf-8")
