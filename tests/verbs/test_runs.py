from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.verbs.draw import Finished, take_bytes

import striate
from striate.errors import InputError, NotationError, RunError


def test_what_was_trained_is_what_is_loaded(finished: Finished) -> None:
    run, loaded = finished.run, striate.load(finished.run.path)
    assert (loaded.path, loaded.classes, loaded.history, loaded.settings) == (
        run.path,
        run.classes,
        run.history,
        run.settings,
    )
    assert (loaded.input, loaded.recipe, loaded.engine) == (run.input, run.recipe, run.engine)
    inputs = torch.rand(5, *run.input)
    with torch.no_grad():
        assert torch.equal(loaded.module(inputs), run.module(inputs))
    assert loaded.result is not None
    assert run.result is not None
    assert loaded.result.to_dict() == run.result.to_dict()
    assert not loaded.module.training


def test_a_path_in_a_string_will_do(finished: Finished) -> None:
    assert striate.load(str(finished.run.path)).classes == finished.run.classes


def test_loading_changes_nothing(copied: Finished) -> None:
    before = take_bytes(copied.run.path)
    striate.load(copied.run.path)
    assert take_bytes(copied.run.path) == before


def test_a_run_that_is_not_finished_is_refused_with_the_way_to_finish_it(copied: Finished) -> None:
    (copied.run.path / "weights.safetensors").unlink()
    with pytest.raises(RunError, match=r"isn't finished.*striate train --resume .*copied"):
        striate.load(copied.run.path)


@pytest.mark.parametrize("kept", [0, 5, 100, -1])
def test_damaged_weights_are_refused(copied: Finished, kept: int) -> None:
    path = copied.run.path / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(RunError, match=r"weights\.safetensors: damaged.*--resume"):
        striate.load(copied.run.path)


def test_weights_in_the_old_unsafe_form_are_never_opened(copied: Finished) -> None:
    torch.save(copied.run.module.state_dict(), copied.run.path / "weights.safetensors")
    with pytest.raises(RunError, match="damaged"):
        striate.load(copied.run.path)


def test_missing_settings_are_named(copied: Finished) -> None:
    (copied.run.path / "settings.json").unlink()
    with pytest.raises(RunError, match=r"no settings\.json"):
        striate.load(copied.run.path)


@pytest.mark.parametrize("name", ["input", "classes", "recipe", "engine", "data", "seed"])
def test_a_missing_setting_is_named(copied: Finished, name: str) -> None:
    path = copied.run.path / "settings.json"
    path.write_text(json.dumps({key: value for key, value in copied.run.settings.items() if key != name}))
    with pytest.raises(RunError, match=rf"settings\.json.*`{name}`"):
        striate.load(copied.run.path)


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "null"])
def test_settings_that_are_none_are_refused(copied: Finished, text: str) -> None:
    (copied.run.path / "settings.json").write_text(text)
    with pytest.raises(RunError, match=r"settings\.json"):
        striate.load(copied.run.path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("conv3-9/2, bn, relu, gap, flatten, fc-classes", "another network"),
        ("conv3-8/2, relu, gap, flatten, fc-classes", "another network"),
        ("conv3-8/2, bn, bn, relu, gap, flatten, fc-classes", "another network"),
    ],
)
def test_another_network_in_net_txt_is_refused(copied: Finished, text: str, message: str) -> None:
    (copied.run.path / "net.txt").write_text(text)
    with pytest.raises(RunError, match=message) as caught:
        striate.load(copied.run.path)
    assert "\n" not in str(caught.value)


def test_a_mistake_in_net_txt_is_shown_with_its_place(copied: Finished) -> None:
    (copied.run.path / "net.txt").write_text("conv3-8\nbm\n")
    with pytest.raises(NotationError, match=r"net\.txt:2:1"):
        striate.load(copied.run.path)


@pytest.mark.parametrize("name", ["net.txt", "settings.json", "history.jsonl", "result.json"])
def test_a_file_that_is_no_text_is_named(copied: Finished, name: str) -> None:
    (copied.run.path / name).write_bytes(b"\xff\xfe\n")
    with pytest.raises(RunError, match=name):
        striate.load(copied.run.path)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"accuracy": 1}', '{"interval": 3}'])
def test_a_damaged_result_is_named_and_its_way_out_works(copied: Finished, text: str) -> None:
    path = copied.run.path / "result.json"
    path.write_text(text)
    with pytest.raises(RunError, match=r"result\.json"):
        striate.load(copied.run.path)
    path.unlink()
    assert striate.load(copied.run.path).result is None


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing here")
    with pytest.raises(RunError, match="not a run folder"):
        striate.load(tmp_path)
    with pytest.raises(RunError, match="no such folder"):
        striate.load(tmp_path / "nosuch")
    with pytest.raises(RunError, match="no such folder"):
        striate.load(tmp_path / "notes.txt")


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without CUDA")
def test_a_run_from_another_machine_runs_on_the_processor_here(copied: Finished) -> None:
    path = copied.run.path / "settings.json"
    engine = {"device": "cuda", "precision": "bf16", "memory_format": "channels_last", "threads": 1}
    path.write_text(json.dumps({**copied.run.settings, "engine": engine}))
    run = striate.load(path.parent)
    assert (run.engine.device, run.engine.precision) == ("cpu", "fp32")
    assert run.settings["engine"] == engine
    assert copied.run.result is not None
    assert striate.evaluate(run, copied.data).correct == copied.run.result.correct


def test_a_strange_engine_or_recipe_is_refused_when_it_is_needed(copied: Finished) -> None:
    path = copied.run.path / "settings.json"
    for name in ("engine", "recipe"):
        path.write_text(json.dumps({**copied.run.settings, name: {"wings": 2}}))
        with pytest.raises(InputError, match="wings"):
            striate.predict(path.parent, np.zeros((1, *copied.run.input), np.uint8))
