from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.verbs.draw import (
    FILES,
    TEXT,
    Finished,
    cut_down,
    make_arrays,
    make_folder,
    take_bytes,
    weights_of,
    without_clock,
)

import striate
from striate.engine import Engine
from striate.errors import DataError, RunError, Stopped
from striate.train import Progress, RunFolder

ENGINE = Engine()


def test_a_finished_run_says_so_and_stays_as_it_is(copied: Finished) -> None:
    before, said = take_bytes(copied.run.path), list[str]()
    run = striate.resume(copied.run.path, say=said.append)
    assert any("nothing to resume" in line for line in said)
    assert take_bytes(copied.run.path) == before
    assert run.result is not None
    assert finished_figures(run) == finished_figures(copied.run)


def finished_figures(run: striate.Run) -> dict[str, Any]:
    assert run.result is not None
    return run.result.to_dict()


@pytest.mark.parametrize(
    "lost",
    [
        ("report.html",),
        ("report.html", "result.json"),
        ("report.html", "result.json", "weights.safetensors"),
        ("report.html", "result.json", "weights.safetensors", "state/step-*"),
    ],
)
def test_a_run_that_lacks_its_end_gets_the_same_end(copied: Finished, lost: tuple[str, ...]) -> None:
    before = take_bytes(copied.run.path)
    cut_down(copied.run.path, *lost)
    run = striate.resume(copied.run.path)
    after = take_bytes(copied.run.path)
    assert after.keys() == before.keys()
    kept = {"net.txt", "settings.json", "weights.safetensors", "result.json", "state/trained.txt"}
    assert all(after[name] == before[name] for name in kept)
    assert without_clock(run.history) == without_clock(copied.run.history)


def test_damaged_weights_are_written_anew(copied: Finished) -> None:
    before = weights_of(copied.run.path)
    (copied.run.path / "weights.safetensors").write_bytes(before[:-7])
    striate.resume(copied.run.path)
    assert weights_of(copied.run.path) == before


def test_a_stop_is_a_stop_and_the_rest_gives_the_same_weights(tmp_path: Path, finished: Finished) -> None:
    def stop(progress: Progress) -> None:
        if progress.epoch == 3:
            import signal

            signal.raise_signal(signal.SIGINT)

    out = tmp_path / "stopped"
    with pytest.raises(Stopped, match="--resume"):
        striate.train(TEXT, finished.data, epochs=12, engine=ENGINE, out=out, on_progress=stop)
    assert {path.name for path in out.iterdir()} == FILES - {"weights.safetensors", "result.json", "report.html"}
    run = striate.resume(out)
    assert weights_of(out) == weights_of(finished.run.path)
    assert finished_figures(run) == finished_figures(finished.run)


def test_changed_data_are_refused(tmp_path: Path) -> None:
    data = make_folder(tmp_path / "photos", {"coal": 5, "slate": 5})
    run = striate.train(TEXT, data, steps=2, engine=ENGINE)
    cut_down(run.path, "report.html", "weights.safetensors")
    before = take_bytes(run.path)
    make_folder(data, {"coal": 1}, seed=1)
    with pytest.raises(RunError, match=r"photos have changed"):
        striate.resume(run.path)
    shutil.rmtree(data)
    with pytest.raises(DataError, match="photos: not found"):
        striate.resume(run.path)
    assert take_bytes(run.path) == before


def test_arrays_in_memory_have_to_be_given_again() -> None:
    x, y = make_arrays(30)
    run = striate.train(TEXT, (x, y), epochs=1, engine=ENGINE)
    weights = weights_of(run.path)
    cut_down(run.path, "report.html", "weights.safetensors")
    with pytest.raises(RunError, match=r"arrays in memory.*resume\(path, data\)"):
        striate.resume(run.path)
    with pytest.raises(RunError, match="arrays in memory have changed") as caught:
        striate.resume(run.path, (x, y[::-1]))
    assert "\n" not in str(caught.value)
    striate.resume(run.path, (x, y))
    assert weights_of(run.path) == weights


def test_a_run_has_one_writer(copied: Finished) -> None:
    cut_down(copied.run.path, "report.html")
    with RunFolder.open(copied.run.path).writing(), pytest.raises(RunError, match="another process"):
        striate.resume(copied.run.path)


@pytest.mark.parametrize("name", ["nosuch", "empty"])
def test_only_a_run_can_be_gone_on_with(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(RunError, match=name):
        striate.resume(tmp_path / name)


def test_a_folder_without_its_settings_cannot_be_gone_on_with(copied: Finished) -> None:
    cut_down(copied.run.path, "report.html", "settings.json")
    with pytest.raises(RunError, match=r"no settings\.json.*train anew"):
        striate.resume(copied.run.path)
