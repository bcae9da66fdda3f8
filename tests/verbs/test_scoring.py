from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from tests.verbs.draw import COUNTS, TEXT, Finished, hash_pixels, make_arrays, make_folder, read_pixels, read_trained

import striate
from striate.data import load_dataset
from striate.engine import Engine
from striate.errors import DataError, InputError, RunError

GREY = 102  # a colour of the palette that GIFs are written with
PLACES = {name: place for place, name in enumerate(sorted(COUNTS))}


def count_right(run: striate.Run, files: list[Path]) -> int:
    """How many files are put in the class whose folder they lie in, asked one by one."""
    return sum(run.classes[int(striate.predict(run, file).argmax())] == file.parent.name for file in files)


def list_files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.png"))


# evaluate


def test_the_runs_own_data_give_the_runs_own_figure(finished: Finished) -> None:
    assert finished.run.result is not None
    for run in (finished.run, finished.run.path, str(finished.run.path)):
        assert striate.evaluate(run, finished.data).to_dict() == finished.run.result.to_dict()
    assert striate.evaluate(finished.run, str(finished.data)).part == "test"


def test_a_copy_of_the_data_is_the_same_data(finished: Finished, tmp_path: Path) -> None:
    assert finished.run.result is not None
    copy = shutil.copytree(finished.data, tmp_path / "elsewhere" / "pictures")
    assert striate.evaluate(finished.run, copy).to_dict() == finished.run.result.to_dict()


def test_samples_that_were_trained_on_are_left_out_of_grown_data(finished: Finished, tmp_path: Path) -> None:
    grown = shutil.copytree(finished.data, tmp_path / "photos")
    make_folder(grown, dict.fromkeys(COUNTS, 4), seed=1)
    trained = set(read_trained(finished.run))
    new = [file for file in list_files(grown) if hash_pixels(read_pixels(file)) not in trained]
    found = striate.evaluate(finished.run, grown)
    assert (found.part, found.total, found.left_out) == ("all", len(new), len(trained))
    assert found.correct == count_right(finished.run, new)
    assert finished.run.settings["data"]["train"] == len(trained)


def test_trained_samples_are_left_out_of_a_test_part_that_came_later(finished: Finished, tmp_path: Path) -> None:
    trained = set(read_trained(finished.run))
    later = make_folder(tmp_path / "later" / "train", dict.fromkeys(COUNTS, 3), seed=31).parent
    for file in list_files(finished.data):
        target = later / "test" / file.parent.name / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    found = striate.evaluate(finished.run, later)
    fresh = [file for file in list_files(later / "test") if hash_pixels(read_pixels(file)) not in trained]
    assert (found.part, found.total, found.left_out) == ("test", len(fresh), len(trained))
    assert found.correct == count_right(finished.run, fresh)


def test_data_of_which_every_sample_was_trained_on_have_nothing_to_say(finished: Finished, tmp_path: Path) -> None:
    trained = set(read_trained(finished.run))
    for file in list_files(finished.data):
        if hash_pixels(read_pixels(file)) in trained:
            target = tmp_path / "known" / file.parent.name / file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
    with pytest.raises(DataError, match=r"known: found no sample that the run was not trained on"):
        striate.evaluate(finished.run, tmp_path / "known")


def test_new_data_are_scored_whole(finished: Finished, tmp_path: Path) -> None:
    data = make_folder(tmp_path / "new", dict.fromkeys(COUNTS, 5), seed=7)
    found = striate.evaluate(finished.run, data)
    assert (found.part, found.total, found.left_out) == ("all", 15, 0)
    assert found.correct == count_right(finished.run, list_files(data))
    assert found.scores is not None
    assert found.scores.logits.shape == (15, 3)


@pytest.mark.parametrize("classes", [("snow & ice",), ("slate", "snow & ice"), ("coal", "snow & ice")])
def test_classes_are_told_by_name_however_they_are_numbered(
    finished: Finished, tmp_path: Path, classes: tuple[str, ...]
) -> None:
    data = make_folder(tmp_path / "some", dict.fromkeys(classes, 6), seed=3)
    found = striate.evaluate(finished.run, data)
    assert (found.part, found.total) == ("all", 6 * len(classes))
    assert found.correct == count_right(finished.run, list_files(data))
    assert found.scores is not None
    assert set(found.scores.labels.tolist()) == {PLACES[name] for name in classes}
    assert found.accuracy > 1 / 3


def test_one_picture_of_each_class_can_be_scored(finished: Finished, tmp_path: Path) -> None:
    data = make_folder(tmp_path / "few", dict.fromkeys(COUNTS, 1), seed=5)
    found = striate.evaluate(finished.run, data)
    assert (found.part, found.total) == ("all", 3)
    assert found.correct == count_right(finished.run, list_files(data))


def test_labels_in_a_table_will_do(finished: Finished, tmp_path: Path) -> None:
    data = make_folder(tmp_path / "table", {"snow & ice": 3, "coal": 2}, seed=6)
    rows = [f"{file.relative_to(data)},{file.parent.name}" for file in list_files(data)]
    (data / "labels.csv").write_text("\n".join(["file,label", *rows]))
    found = striate.evaluate(finished.run, data)
    assert (found.total, found.correct) == (5, count_right(finished.run, list_files(data)))


def test_an_unknown_class_is_refused(finished: Finished, tmp_path: Path) -> None:
    data = make_folder(tmp_path / "odd", {"coal": 3, "tulip": 3})
    with pytest.raises(DataError, match=r"odd: found class `tulip`.*coal, slate, snow & ice") as caught:
        striate.evaluate(finished.run, data)
    assert "\n" not in str(caught.value)


def test_arrays_with_unknown_classes_are_refused_in_a_line(finished: Finished) -> None:
    with pytest.raises(DataError, match="arrays in memory: found class `0`") as caught:
        striate.evaluate(finished.run, make_arrays(30))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("sides", "part"),
    [
        (("train", "val", "test"), "test"),
        (("train", "test"), "test"),
        (("train", "val"), "val"),
        (("test",), "test"),
    ],
)
def test_the_datas_own_parts_are_kept(finished: Finished, tmp_path: Path, sides: tuple[str, ...], part: str) -> None:
    amounts = {"train": 4, "val": 3, "test": 2}
    for place, side in enumerate(sides):
        make_folder(tmp_path / "split" / side, dict.fromkeys(COUNTS, amounts[side]), seed=20 + place)
    found = striate.evaluate(finished.run, tmp_path / "split")
    assert (found.part, found.total, found.left_out) == (part, 3 * amounts[part], 0)
    assert found.correct == count_right(finished.run, list_files(tmp_path / "split" / part))


@pytest.mark.parametrize(("sides", "part"), [(("train", "test"), "test"), (("train", "val"), "val")])
def test_a_run_on_data_with_parts_of_their_own_is_scored_on_those(
    tmp_path: Path, sides: tuple[str, ...], part: str
) -> None:
    data = make_folder(tmp_path / "split", {f"{side}/{name}": 5 for side in sides for name in ("coal", "slate")})
    run = striate.train(TEXT, data, epochs=1, engine=Engine())
    assert run.result is not None
    assert (run.result.part, run.result.total) == (part, 10)
    assert striate.evaluate(run, data).to_dict() == run.result.to_dict()


def test_arrays_score_as_they_did(tmp_path: Path) -> None:
    x, y = make_arrays(40)
    run = striate.train(TEXT, (x, y), epochs=1, engine=Engine())
    assert run.result is not None
    assert striate.evaluate(run, (x, y)).to_dict() == run.result.to_dict()
    fresh = make_arrays(20, seed=1)
    found = striate.evaluate(run, (np.concatenate([x, fresh[0]]), np.concatenate([y, fresh[1]])))
    assert (found.left_out, found.total) == (run.settings["data"]["train"], 60 - run.settings["data"]["train"])


def test_data_that_are_not_there_are_named(finished: Finished, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nosuch: not found"):
        striate.evaluate(finished.run, tmp_path / "nosuch")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="empty"):
        striate.evaluate(finished.run, tmp_path / "empty")


def test_a_damaged_list_of_trained_samples_is_named(copied: Finished, tmp_path: Path) -> None:
    data = make_folder(tmp_path / "new", COUNTS, seed=7)
    for text in ("no hash\n", "f" * 17 + "\n"):
        (copied.run.path / "state" / "trained.txt").write_text(text)
        with pytest.raises(RunError, match=r"trained\.txt"):
            striate.evaluate(copied.run, data)


# predict


def is_probable(rows: NDArray[np.float64]) -> bool:
    return bool((rows >= 0).all()) and np.allclose(rows.sum(axis=1), 1, rtol=0, atol=1e-9)


def test_a_prediction_is_the_networks_own_softmax(finished: Finished) -> None:
    run = finished.run
    inputs = np.random.default_rng(0).integers(0, 256, (9, *run.input), dtype=np.uint8)
    mean, std = (torch.tensor(values).view(-1, 1, 1) for values in (run.recipe.mean, run.recipe.std))
    batch = (torch.from_numpy(inputs) / 255 - mean) / std
    with torch.no_grad():
        logits = (run.module(batch) + run.module(batch.flip(-1))) / 2 if run.recipe.mirror else run.module(batch)
    rows = striate.predict(run, inputs)
    assert is_probable(rows)
    assert np.allclose(rows, torch.softmax(logits, 1).numpy(), atol=1e-5)


def test_predictions_agree_with_the_evaluation(finished: Finished) -> None:
    dataset = load_dataset(finished.data)
    assert dataset.test is not None
    assert finished.run.result is not None
    rows = striate.predict(finished.run, dataset.test.inputs)
    assert int((rows.argmax(axis=1) == dataset.test.labels).sum()) == finished.run.result.correct
    files = [finished.data / name for name in dataset.test.names]
    assert np.array_equal(striate.predict(finished.run, files), rows)


def test_files_folders_and_arrays_say_the_same(finished: Finished) -> None:
    folder = finished.data / "slate"
    files = list_files(folder)
    rows = striate.predict(finished.run, files)
    assert rows.shape == (len(files), 3)
    assert is_probable(rows)
    pixels = np.stack([read_pixels(file) for file in files])
    for inputs in (folder, str(folder), [folder], [str(file) for file in files], pixels, torch.from_numpy(pixels)):
        assert np.array_equal(striate.predict(finished.run, inputs), rows)
    assert np.array_equal(striate.predict(finished.run, files[::-1]), rows[::-1])
    assert np.array_equal(striate.predict(finished.run, [files[2], folder])[1:], rows)


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.float16])
def test_floats_from_0_to_1_are_bytes_divided_by_255(finished: Finished, kind: type[np.floating[Any]]) -> None:
    pixels = np.stack([read_pixels(file) for file in list_files(finished.data)[:4]])
    rows = striate.predict(finished.run, (pixels / 255).astype(kind))
    assert np.allclose(rows, striate.predict(finished.run, pixels), atol=5e-3 if kind is np.float16 else 1e-5)


def test_a_folder_is_searched_to_the_ground_and_notes_are_passed_over(finished: Finished, tmp_path: Path) -> None:
    data = make_folder(tmp_path / "tree", {"b/coal": 2, "a": 1})
    (data / "b" / "notes.txt").write_text("no picture")
    expected = [data / "a" / "0-000.png", *list_files(data / "b")]
    assert np.array_equal(striate.predict(finished.run, data), striate.predict(finished.run, expected))


@pytest.mark.parametrize(
    ("mode", "name"), [("I;16", "deep.png"), ("CMYK", "print.jpg"), ("RGB", "a.png"), ("P", "a.gif")]
)
def test_pictures_of_other_modes_are_read(finished: Finished, tmp_path: Path, mode: str, name: str) -> None:
    if mode == "I;16":
        image = Image.fromarray(np.full((10, 10), 257 * GREY, np.uint16))
    elif mode == "CMYK":
        image = Image.new("RGB", (10, 10), (GREY, GREY, GREY)).convert("CMYK")
    else:
        image = Image.new("RGB", (10, 10), (GREY, GREY, GREY)).convert(mode)
    image.save(tmp_path / name)
    plain = striate.predict(finished.run, np.full((1, *finished.run.input), GREY, np.uint8))
    assert np.allclose(striate.predict(finished.run, tmp_path / name), plain, atol=0.02)


def test_pictures_of_another_size_are_brought_to_the_networks(finished: Finished, tmp_path: Path) -> None:
    Image.new("L", (31, 17), GREY).save(tmp_path / "wide.png")
    plain = striate.predict(finished.run, np.full((1, *finished.run.input), GREY, np.uint8))
    assert np.allclose(striate.predict(finished.run, tmp_path / "wide.png"), plain)


@pytest.mark.parametrize("name", ["broken.png", "nosuch.png", "notes.txt"])
def test_a_file_that_cannot_be_read_is_named(finished: Finished, tmp_path: Path, name: str) -> None:
    if name != "nosuch.png":
        (tmp_path / name).write_bytes(b"no picture")
    with pytest.raises(DataError, match=name):
        striate.predict(finished.run, [*list_files(finished.data)[:2], tmp_path / name])


def test_a_folder_without_pictures_is_refused(finished: Finished, tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "notes.txt").write_text("nothing")
    with pytest.raises(DataError, match="bare: found no picture"):
        striate.predict(finished.run, tmp_path / "bare")


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (np.zeros((2, 1, 10, 9), np.uint8), "found 1x10x9 each, needed 1x10x10"),
        (np.zeros((1, 10, 10), np.uint8), "found 10x10 each"),
        (np.zeros((2, 3, 10, 10), np.uint8), "found 3x10x10 each"),
        (np.zeros(3), "found single numbers each"),
        (7, "needed 1x10x10"),
        (np.zeros((0, 1, 10, 10), np.uint8), "at least one"),
        ([], "."),
        (np.full((1, 1, 10, 10), 200.0), "values from 200"),
        (np.full((1, 1, 10, 10), -0.5), "values from -0.5"),
        (np.full((1, 1, 10, 10), np.nan), "values from nan"),
        (np.zeros((1, 1, 10, 10), np.int64), "int64"),
        (np.zeros((1, 1, 10, 10), np.complex64), "complex64"),
        (np.zeros((1, 1, 10, 10), object), "object"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(finished: Finished, inputs: object, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        striate.predict(finished.run, inputs)
    assert "\n" not in str(caught.value)


def test_predicting_leaves_the_module_as_it_was(finished: Finished) -> None:
    before = {name: value.clone() for name, value in finished.run.module.state_dict().items()}
    striate.predict(finished.run, list_files(finished.data))
    after = finished.run.module.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert not finished.run.module.training


def test_progress_of_decoding_and_scoring_is_heard_to_its_end(finished: Finished) -> None:
    decoded: list[tuple[int, int]] = []
    scored: list[tuple[int, int]] = []
    files = list_files(finished.data)
    striate.predict(
        finished.run,
        files,
        on_data=lambda done, total: decoded.append((done, total)),
        on_score=lambda done, total: scored.append((done, total)),
    )
    assert decoded[-1] == scored[-1] == (len(files), len(files))
    scored.clear()
    found = striate.evaluate(finished.run, finished.data, on_score=lambda done, total: scored.append((done, total)))
    assert scored[-1] == (found.total, found.total)
