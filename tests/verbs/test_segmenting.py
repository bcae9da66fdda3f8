from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import striate
from striate.cli.application import app
from striate.errors import DataError, InputError

TEXT = "conv3-12, bn, relu, cat[ | maxpool2, conv3-12, bn, relu, deconv2-12/2], conv3-12, bn, relu, conv1-classes"
SIZE = (20, 28)


def draw_scene(rng: np.random.Generator, size: tuple[int, int] = SIZE) -> tuple[np.ndarray, np.ndarray]:
    """A noisy picture of one bright box, and its mask of 0 and 255."""
    mask = np.zeros(size, np.uint8)
    top, left = rng.integers(1, size[0] // 2), rng.integers(1, size[1] // 2)
    mask[top : top + size[0] // 3, left : left + size[1] // 3] = 255
    picture = np.where(mask > 0, 190, 70)[..., None] + rng.integers(-40, 40, (*size, 3))
    return picture.astype(np.uint8), mask


def write_set(home: Path, count: int = 40) -> Path:
    rng = np.random.default_rng(3)
    for folder in ("images", "masks"):
        (home / folder).mkdir(parents=True)
    for number in range(count):
        picture, mask = draw_scene(rng)
        Image.fromarray(picture).save(home / "images" / f"p{number:02}.png")
        Image.fromarray(mask).save(home / "masks" / f"p{number:02}.png")
    return home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_set(tmp_path_factory.mktemp("scenes") / "set")


@pytest.fixture(scope="module")
def run(home: Path, tmp_path_factory: pytest.TempPathFactory) -> striate.Run:
    return striate.train(TEXT, home, out=tmp_path_factory.mktemp("runs") / "boxes", steps=60, probe=False)


def test_a_folder_of_pictures_and_masks_is_segmented(run: striate.Run, home: Path) -> None:
    assert run.task.name == "segment"
    assert run.classes == ("background", "object")
    assert run.result is not None
    assert run.result.merit > 0.85
    found = striate.evaluate(run, home)
    assert found.merit == pytest.approx(run.result.merit)
    assert found.to_dict()["figures"]["outputs"][1]["name"] == "object"
    assert found.interval[0] <= found.merit <= found.interval[1]
    assert (run.path / "report.html").is_file()
    assert striate.load(run.path).result is not None


def test_predict_gives_class_numbers(run: striate.Run, home: Path) -> None:
    answers = striate.predict(run, home / "images")
    assert answers.shape == (40, *SIZE)
    truth = np.stack([np.asarray(Image.open(path)) for path in sorted((home / "masks").iterdir())]) > 0
    both, either = (answers == 1) & truth, (answers == 1) | truth
    assert both.sum() / either.sum() > 0.85


def test_a_mask_has_its_pictures_size(run: striate.Run, tmp_path: Path) -> None:
    rng = np.random.default_rng(9)
    for name, size in (("large", (60, 84)), ("wide", (40, 150)), ("tall", (90, 30)), ("same", SIZE)):
        picture, mask = np.full((*size, 3), 70, np.uint8), np.zeros(size, np.uint8)
        mask[size[0] // 5 : size[0] // 2, size[1] // 4 : size[1] // 2] = 255
        picture[mask > 0] = 190
        noisy = (picture + rng.integers(-20, 20, picture.shape)).astype(np.uint8)
        Image.fromarray(noisy).save(tmp_path / f"{name}.png")
        (found,) = striate.segment(run, tmp_path / f"{name}.png")
        assert found.values.shape == size
        assert set(np.unique(found.values)) <= {0, 255}
        overlap = ((found.values > 0) & (mask > 0)).sum() / ((found.values > 0) | (mask > 0)).sum()
        assert overlap > 0.6, name
        assert found.shares["object"] == pytest.approx(float((found.values > 0).mean()))
        assert sum(found.shares.values()) == pytest.approx(1)


def test_a_picture_of_the_networks_size_is_answered_as_predict_does(run: striate.Run, home: Path) -> None:
    path = home / "images" / "p07.png"
    (found,) = striate.segment(run, [path])
    assert (found.values == 255 * striate.predict(run, [path])[0]).all()


def test_masks_are_written_once(run: striate.Run, home: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    found = striate.segment(run, home / "images", out=out)
    assert len(found) == len(list(out.iterdir())) == 40
    for mask in found:
        assert mask.path is not None
        image = Image.open(mask.path)
        assert image.mode == "P"
        assert (np.asarray(image) == mask.values).all()
    # A written mask is read as one.
    (tmp_path / "again").mkdir()
    out.rename(tmp_path / "again" / "masks")
    (tmp_path / "again" / "images").symlink_to(home / "images")
    with pytest.raises(InputError, match="nothing is overwritten"):
        striate.segment(run, home / "images", out=tmp_path / "again" / "masks")
    with pytest.raises(InputError, match="is a file"):
        striate.segment(run, home / "images", out=home / "images" / "p00.png")


def test_two_files_of_one_stem_get_two_masks(run: striate.Run, home: Path, tmp_path: Path) -> None:
    image = Image.open(home / "images" / "p00.png")
    image.save(tmp_path / "a.png")
    image.save(tmp_path / "a.bmp")
    found = striate.segment(run, [tmp_path / "a.png", tmp_path / "a.bmp"], out=tmp_path / "out")
    assert {mask.path.name for mask in found if mask.path} == {"a.png.png", "a.bmp.png"}
    (tmp_path / "b").mkdir()
    image.save(tmp_path / "b" / "a.png")
    with pytest.raises(InputError, match="two files that would be written there"):
        striate.segment(run, [tmp_path / "a.png", tmp_path / "b" / "a.png"], out=tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_the_command_line_tells_shares_and_writes_masks(run: striate.Run, home: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"nothing")
    files = [str(home / "images" / "p01.png"), str(tmp_path / "broken.png"), str(home / "images" / "p02.png")]
    out = tmp_path / "masks"
    done = CliRunner().invoke(app, ["predict", str(run.path), *files, "--out", str(out), "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert [each["extents"] for each in told] == [list(SIZE)] * 2
    assert sorted(path.name for path in out.iterdir()) == ["p01.png", "p02.png"]
    assert "broken.png" in done.stderr
    again = CliRunner().invoke(app, ["predict", str(run.path), *files, "--out", str(out)])
    assert isinstance(again.exception, InputError)
    plain = CliRunner().invoke(app, ["predict", str(run.path), files[0]])
    assert "background" in plain.stdout
    assert "%" in plain.stdout


def test_what_makes_no_sense_is_refused_in_one_line(run: striate.Run, home: Path, tmp_path: Path) -> None:
    path = home / "images" / "p01.png"
    with pytest.raises(InputError, match="locate: found a run for segment"):
        striate.locate(run, path)
    with pytest.raises(InputError, match="--balance sampling"):
        striate.train(TEXT, home, out=tmp_path / "none", balance="sampling", steps=1, probe=False)
    with pytest.raises(InputError, match="conv1-classes"):
        striate.train("conv3-8, gap, flatten, fc-classes", home, out=tmp_path / "none", steps=1, probe=False)
    with pytest.raises(DataError):
        striate.segment(run, tmp_path / "nowhere.png")
    assert not (tmp_path / "none").exists()


def test_a_run_is_explained_exported_and_measured(run: striate.Run, home: Path, tmp_path: Path) -> None:
    heat = striate.explain(run, [home / "images" / "p01.png"], method="saliency", target="object")
    assert heat.values.shape == (1, *SIZE)
    exported = striate.export(run, tmp_path / "net.onnx")
    assert exported.agrees
    assert exported.outputs == {"output": ("N", 2, *SIZE)}
    assert striate.measure(run.module, input=run.input).multiplies > 0


def test_auto_chooses_a_network_for_masks_and_weighs_classes(home: Path, tmp_path: Path) -> None:
    told: list[str] = []
    run = striate.train("auto", home, out=tmp_path / "auto", steps=2, balance="weights", probe=False, say=told.append)
    said = "\n".join(told)
    assert "2 classes of cells (background, object)" in said
    assert "masks are moved with their pictures" in said
    assert not run.recipe.mirror
    assert run.settings["task"] == {"name": "segment"}


def test_other_data_are_scored_by_the_run_s_own_classes(run: striate.Run, tmp_path: Path) -> None:
    rng = np.random.default_rng(31)
    pictures, masks = zip(*(draw_scene(rng) for _ in range(6)), strict=True)
    inputs = np.moveaxis(np.stack(pictures), 3, 1)
    found = striate.evaluate(run, (inputs, np.stack(masks) > 0))
    assert found.merit > 0.8
    with pytest.raises(DataError, match="found class `class 0` in the masks"):
        striate.evaluate(run, (inputs, rng.integers(0, 3, np.stack(masks).shape)))


@pytest.mark.parametrize("axes", [1, 3])
def test_arrays_are_segmented_at_their_own_extents(tmp_path: Path, axes: int) -> None:
    rng = np.random.default_rng(5)
    for folder in ("images", "masks"):
        (tmp_path / "set" / folder).mkdir(parents=True)
    for number in range(12):
        shape = (8 + number % 3, *[6] * (axes - 1))
        mask = (rng.random(shape) < 0.5).astype(np.uint8)
        np.save(tmp_path / "set" / "images" / f"v{number}.npy", mask + rng.normal(0, 0.1, shape))
        np.save(tmp_path / "set" / "masks" / f"v{number}.npy", mask)
    text = "conv3-6, bn, relu, conv1-classes"
    run = striate.train(text, tmp_path / "set", out=tmp_path / "run", steps=60, lr=0.05, probe=False)
    assert run.result is not None
    assert run.result.merit > 0.9
    paths = [tmp_path / "set" / "images" / f"v{number}.npy" for number in (0, 1, 2)]
    for found, size in zip(striate.segment(run, paths, out=tmp_path / "out"), (8, 9, 10), strict=True):
        assert found.values.shape == (size, *[6] * (axes - 1))
        assert found.path is not None
        truth = np.load(tmp_path / "set" / "masks" / f"{found.path.stem}.npy")
        assert (np.load(found.path) == truth).mean() > 0.9
