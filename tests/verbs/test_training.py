from __future__ import annotations

import json
import math
import re
import shutil
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tests.verbs.draw import (
    COUNTS,
    FILES,
    TEXT,
    Finished,
    hash_pixels,
    make_arrays,
    make_folder,
    read_pixels,
    read_trained,
    take_bytes,
    weights_of,
    without_clock,
)

import striate
from striate.data import load_dataset
from striate.engine import Engine
from striate.errors import InputError, RunError
from striate.train import Progress, Recipe

ENGINE = Engine()


class Links(HTMLParser):
    """Everything that a page would fetch or lead to, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in ("src", "href", "data", "action", "srcset")]

    def handle_data(self, data: str) -> None:
        self.text += data


# What a run leaves behind


def test_a_run_folder_holds_what_it_should_and_nothing_else(finished: Finished) -> None:
    assert {path.name for path in finished.run.path.iterdir()} == FILES
    inside = {re.sub(r"\d{9}", "N", path.name) for path in (finished.run.path / "state").iterdir()}
    assert inside - {"lock"} == {"trained.txt", "step-N.safetensors"}


def test_the_weights_are_those_of_the_module_that_came_back(finished: Finished) -> None:
    kept, given = load_file(finished.run.path / "weights.safetensors"), finished.run.module.state_dict()
    assert kept.keys() == given.keys()
    assert all(torch.equal(kept[name], given[name]) for name in kept)
    assert not finished.run.module.training


def test_the_settings_are_whole_and_make_the_same_recipe_and_engine(finished: Finished) -> None:
    settings = json.loads((finished.run.path / "settings.json").read_text())
    dataset = load_dataset(finished.data)
    assert settings == finished.run.settings
    assert Recipe.from_dict(settings["recipe"]) == finished.run.recipe
    assert Engine.from_dict(settings["engine"]) == finished.run.engine == ENGINE
    assert (settings["striate"], settings["torch"]) == (striate.__version__, torch.__version__)
    assert tuple(settings["classes"]) == dataset.classes == tuple(sorted(COUNTS))
    assert tuple(settings["input"]) == dataset.train.inputs.shape[1:]
    assert settings["data"]["fingerprint"] == dataset.fingerprint
    assert Path(settings["data"]["source"]) == finished.data.resolve()
    parts = {"train": dataset.train, "val": dataset.val, "test": dataset.test}
    assert {name: settings["data"][name] for name in parts} == {name: len(part or ()) for name, part in parts.items()}
    assert finished.run.recipe.epochs == 12
    assert finished.run.recipe.mean == dataset.facts.mean


def test_the_text_in_the_folder_is_the_network(finished: Finished) -> None:
    assert str(striate.read(finished.run.path / "net.txt")) == str(striate.read(TEXT)) == str(finished.run.net)


def test_the_history_holds_an_epoch_a_line(finished: Finished) -> None:
    lines = (finished.run.path / "history.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == list(finished.run.history)
    assert [record["epoch"] for record in finished.run.history] == list(range(1, 13))


def test_it_learned(finished: Finished) -> None:
    result = finished.run.result
    assert result is not None
    assert result.accuracy > 2 / 3  # chance is a third
    assert finished.run.history[-1]["train_loss"] < finished.run.history[0]["train_loss"]


def test_the_result_in_the_folder_is_the_one_that_came_back(finished: Finished) -> None:
    assert finished.run.result is not None
    kept = json.loads((finished.run.path / "result.json").read_text())
    assert kept == json.loads(json.dumps(finished.run.result.to_dict()))
    low, high = finished.run.result.interval
    assert 0 <= low <= finished.run.result.accuracy <= high <= 1
    assert finished.run.result.accuracy * finished.run.result.total == pytest.approx(finished.run.result.correct)


def test_the_report_needs_nothing_else_and_names_the_classes(finished: Finished) -> None:
    page = Links((finished.run.path / "report.html").read_text())
    assert all(link.startswith(("data:", "#")) for link in page.found)
    assert page.text.count("snow & ice")
    assert all(name in page.text for name in COUNTS)


def test_the_users_files_stay_as_they_were(tmp_path: Path) -> None:
    data = make_folder(tmp_path / "photos", {"coal": 4, "slate": 4})
    (data / "coal" / "broken.png").write_bytes(b"no picture")
    before = take_bytes(data)
    run = striate.train(TEXT, data, steps=1, engine=ENGINE)
    assert take_bytes(data) == before
    assert [name for name, _ in run.settings["set_aside"]] == ["coal/broken.png"]
    assert "coal/broken.png" in Links((run.path / "report.html").read_text()).text


# Data of every kind


def test_digits_are_at_hand() -> None:
    run = striate.train(TEXT, "digits", epochs=1, engine=ENGINE)
    dataset = load_dataset("digits")
    assert dataset.test is not None
    assert run.classes == dataset.classes
    assert run.result is not None
    assert (run.result.part, run.result.total) == ("test", len(dataset.test))


@pytest.mark.parametrize("shape", [(10, 10), (1, 10, 10)])
def test_arrays_train_with_or_without_an_axis_for_the_channels(shape: tuple[int, ...]) -> None:
    x, y = make_arrays(30)
    run = striate.train(TEXT, (x.reshape(30, *shape), y), epochs=1, engine=ENGINE)
    assert run.input == (1, 10, 10)
    assert run.classes == ("0", "1", "2")
    assert run.settings["data"]["in_memory"]


def test_one_dimension_and_three_train_too() -> None:
    generator = np.random.default_rng(0)
    for extents in ((40,), (5, 6, 7)):
        x = generator.integers(0, 256, (20, 3, *extents), dtype=np.uint8)
        run = striate.train(TEXT, (x, np.arange(20) % 2), steps=2, engine=ENGINE)
        assert run.input == (3, *extents)
        assert striate.predict(run, x[:4]).shape == (4, 2)


def test_a_folder_with_its_own_test_part_is_tested_on_that(tmp_path: Path) -> None:
    data = make_folder(tmp_path / "split", {"train/coal": 8, "train/slate": 8, "test/coal": 3, "test/slate": 2})
    run = striate.train(TEXT, data, epochs=1, engine=ENGINE)
    assert run.settings["data"]["official_test"]
    assert run.result is not None
    assert (run.result.part, run.result.total) == ("test", 5)


def test_a_zip_of_the_folder_gives_the_same_weights(tmp_path: Path) -> None:
    data = make_folder(tmp_path / "photos", COUNTS)
    packed = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path, "photos"))
    runs = [striate.train(TEXT, source, epochs=1, engine=ENGINE) for source in (data, str(packed))]
    assert weights_of(runs[0].path) == weights_of(runs[1].path)
    assert [run.path for run in runs] == [Path("runs/photos-text"), Path("runs/packed-text")]


def test_two_samples_of_each_class_are_enough_to_run() -> None:
    run = striate.train(TEXT, make_arrays(6), epochs=1, engine=ENGINE)
    assert run.result is not None
    assert run.result.total == run.settings["data"]["test"] == 1


def test_where_nothing_can_be_held_out_no_figure_is_made_up() -> None:
    run = striate.train(TEXT, make_arrays(3), epochs=1, engine=ENGINE)
    assert run.result is None
    assert {path.name for path in run.path.iterdir()} == FILES - {"result.json"}
    assert striate.load(run.path).result is None


def test_input_resizes_the_samples_here_and_ever_after() -> None:
    run = striate.train(TEXT, "digits", input=(3, 12, 14), epochs=1, engine=ENGINE)
    assert run.input == tuple(run.settings["input"]) == (3, 12, 14)
    assert next(run.module.parameters()).shape[1] == 3
    assert run.result is not None
    assert striate.evaluate(run, "digits").correct == run.result.correct


def test_auto_chooses_a_network_and_says_why() -> None:
    said: list[str] = []
    run = striate.train("auto", make_arrays(12), steps=1, engine=ENGINE, say=said.append)
    assert run.settings["auto"]
    assert run.settings["reasons"]
    assert all(any(reason in line for line in said) for reason in run.settings["reasons"])
    assert (run.path / "net.txt").read_text() == run.net.text
    assert run.path == Path("runs/arrays-auto")


# What is trained on


def test_held_out_samples_are_never_trained_on(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = make_arrays(40)
    seen: list[Any] = []
    floor = sys.modules["striate.train"]
    fit = floor.fit

    def spy(module: Any, inputs: Any, labels: Any, *rest: Any, **options: Any) -> Any:
        seen.append(inputs)
        return fit(module, inputs, labels, *rest, **options)

    monkeypatch.setattr(floor, "fit", spy)
    run = striate.train(TEXT, (x, y), seed=3, epochs=1, engine=ENGINE)
    trained = read_trained(run)
    assert trained == [hash_pixels(sample) for sample in seen[0]]
    every = {hash_pixels(sample) for sample in x}
    dataset = load_dataset((x, y), seed=3)
    assert dataset.val is not None
    assert dataset.test is not None
    held_out = {hash_pixels(sample) for part in (dataset.val, dataset.test) for sample in part.inputs}
    assert len(every) == len(x) == len(set(trained)) + len(held_out)
    assert set(trained) == every - held_out


def test_a_test_part_of_the_users_own_is_never_trained_on(tmp_path: Path) -> None:
    data = make_folder(tmp_path / "split", {"train/coal": 9, "train/slate": 9, "test/coal": 3, "test/slate": 2})
    run = striate.train(TEXT, data, epochs=1, engine=ENGINE)
    trained = set(read_trained(run))
    assert trained.isdisjoint(hash_pixels(read_pixels(path)) for path in (data / "test").rglob("*.png"))
    assert trained <= {hash_pixels(read_pixels(path)) for path in (data / "train").rglob("*.png")}


def test_another_seed_holds_others_out() -> None:
    data = make_arrays(40)
    first, second, again = (
        striate.train(TEXT, data, seed=seed, steps=1, engine=ENGINE, out=f"run{place}")
        for place, seed in enumerate((1, 2, 1))
    )
    assert set(read_trained(first)) != set(read_trained(second))
    assert weights_of(first.path) == weights_of(again.path) != weights_of(second.path)
    assert without_clock(first.history) == without_clock(again.history)


# How long


@pytest.mark.parametrize(("length", "steps"), [({"epochs": 2}, 2 * 3), ({"steps": 5}, 5)])
def test_the_length_is_what_was_asked(length: dict[str, int], steps: int) -> None:
    moments: list[Progress] = []
    run = striate.train(TEXT, make_arrays(40), batch=8, **length, engine=ENGINE, on_progress=moments.append)  # type: ignore[arg-type]
    assert run.settings["data"]["train"] // 8 == 3
    assert run.history[-1]["step"] == moments[-1].step == moments[-1].steps == steps


def test_a_recipe_is_asked_for_by_name() -> None:
    said: list[str] = []
    run = striate.train(TEXT, make_arrays(40), recipe="fast", steps=3, engine=ENGINE, say=said.append)
    assert (run.recipe.lookahead.every, run.recipe.steps, run.recipe.freeze_norms) == (5, 3, True)
    assert any("airbench" in line for line in said)
    again = striate.load(run.path)
    assert again.recipe == run.recipe
    assert all((value == again.module.state_dict()[name]).all() for name, value in run.module.state_dict().items())
    with pytest.raises(InputError, match="--recipe is 'slow'"):
        striate.train(TEXT, make_arrays(40), recipe="slow", engine=ENGINE)


@pytest.mark.parametrize("lengths", [{"epochs": 1, "steps": 1}, {"steps": 1, "minutes": 1.0}])
def test_two_lengths_exclude_each_other(lengths: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="needed one of them"):
        striate.train(TEXT, "digits", **lengths)
    assert not Path("runs").exists()


def test_until_ends_a_run_once_it_is_good_enough() -> None:
    run = striate.train(TEXT, make_arrays(60), epochs=40, until=0.3, engine=ENGINE)
    reached = [record["validation_accuracy"] >= 0.3 for record in run.history]
    assert reached == [False] * (len(reached) - 1) + [True]
    assert len(run.history) < 40
    assert run.settings["until"] == 0.3


def test_until_needs_validation() -> None:
    with pytest.raises(InputError, match="no validation part"):
        striate.train(TEXT, make_arrays(4), until=0.5, engine=ENGINE)


def test_batch_and_lr_are_taken_as_given() -> None:
    run = striate.train(TEXT, make_arrays(30), steps=1, batch=5, lr=0.007, engine=ENGINE)
    assert (run.recipe.batch, run.recipe.lr) == (5, 0.007)


# What is refused, before anything is written


@pytest.mark.parametrize(
    ("net", "options", "message"),
    [
        ("nosuch", {}, "nosuch"),
        ("conv3-8, covn", {}, "covn"),
        ("unet", {}, "one score for each of 3 classes|unet"),
        (f"input 1x10x10\n{TEXT}, softmax", {}, "ends in `softmax`"),
        ("gap, flatten, fc-7", {}, "one score for each of 3 classes"),
        ("conv3-classes", {}, "one score for each of 3 classes"),
        ("conv5-8 pad=valid, conv9-8 pad=valid, gap, flatten, fc-classes", {}, "text:1:"),
        (TEXT, {"epochs": 0}, "epochs"),
        (TEXT, {"steps": 0}, "steps"),
        (TEXT, {"minutes": math.nan}, "minutes"),
        (TEXT, {"minutes": 0.0}, "minutes"),
        (TEXT, {"batch": 1}, "batch"),
        (TEXT, {"lr": 0.0}, "lr"),
        (TEXT, {"lr": math.inf}, "lr"),
        (TEXT, {"until": 0.0}, "until"),
        (TEXT, {"until": 1.5}, "until"),
        (TEXT, {"until": math.nan}, "until"),
        (TEXT, {"seed": -1}, "seed"),
        (TEXT, {"seed": 2**63}, "seed"),
        (TEXT, {"input": (1,)}, "input"),
        (TEXT, {"input": ()}, "input"),
        (TEXT, {"input": (1, 0, 4)}, "input"),
        (TEXT, {"input": (1, 8)}, "needed 8|10x10"),
        (TEXT, {"input": (2, 8, 8, 8)}, "arrays"),
    ],
)
def test_wrong_wishes_are_refused_in_a_line(net: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        striate.train(net, make_arrays(30), engine=ENGINE, **options)
    assert len(str(caught.value)) < 300
    assert not Path("runs").exists()


@pytest.mark.parametrize("kind", ["file", "folder", "run"])
def test_an_out_that_exists_is_refused_and_untouched(tmp_path: Path, finished: Finished, kind: str) -> None:
    out = tmp_path / "taken"
    if kind == "file":
        out.write_text("mine")
    elif kind == "folder":
        (out / "deep").mkdir(parents=True)
        (out / "deep" / "mine").write_text("mine")
    else:
        shutil.copytree(finished.run.path, out)
    before = take_bytes(tmp_path)
    with pytest.raises(RunError, match=r"taken.*never overwritten"):
        striate.train(TEXT, "digits", epochs=1, engine=ENGINE, out=out)
    assert take_bytes(tmp_path) == before


def test_an_out_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(RunError, match="can't be made"):
        striate.train(TEXT, make_arrays(9), steps=1, engine=ENGINE, out=tmp_path / "file" / "run")


def test_without_an_out_a_free_name_is_found(tmp_path: Path) -> None:
    net = tmp_path / "tiny.net"
    net.write_text(TEXT)
    paths = [striate.train(net, make_arrays(9), steps=1, engine=ENGINE).path for _ in range(3)]
    assert paths == [Path("runs/arrays-tiny"), Path("runs/arrays-tiny-2"), Path("runs/arrays-tiny-3")]
    assert {path.name for path in Path("runs").iterdir()} == {path.name for path in paths}


def test_the_probe_chooses_an_engine_and_says_what_it_saw() -> None:
    said: list[str] = []
    run = striate.train(TEXT, make_arrays(9), steps=1, say=said.append)
    assert run.engine.label in run.settings["probe_seconds"]
    assert any(line.startswith(f"engine   {run.engine.label} (") for line in said)


def test_what_was_found_is_said(finished: Finished) -> None:
    said: list[str] = []
    files: list[tuple[int, int]] = []

    def hear(done: int, total: int) -> None:
        files.append((done, total))

    run = striate.train(TEXT, finished.data, input=(1, 6, 6), steps=1, engine=ENGINE, say=said.append, on_data=hear)
    found = run.settings["data"]
    assert f"{found['train']} train, {found['val']} validation, {found['test']} test; 3 classes; 1x6x6" in said[0]
    parameters = sum(parameter.numel() for parameter in run.module.parameters())
    assert any(line.endswith(f"{parameters:,} parameters") for line in said)
    assert files[-1][0] == files[-1][1]
