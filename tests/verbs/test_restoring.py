"""A run that restores, from the command to the files: pictures and sound, on the fly and from pairs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image
from typer.testing import CliRunner

import striate
from striate.cli.application import app
from striate.errors import DataError, InputError
from striate.train.batches import normalise
from striate.verbs.restoring import STEP

SIDE = 8


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> striate.Run:
    out = tmp_path_factory.mktemp("runs") / "restored"
    return striate.train("auto", "digits", corrupt="noise=0.3", steps=40, out=out, probe=False)


@pytest.fixture(scope="module")
def sound_run(tmp_path_factory: pytest.TempPathFactory) -> striate.Run:
    rng, times = np.random.default_rng(0), np.arange(400)
    values = np.stack([np.sin(times * rng.uniform(0.05, 0.3)) for _ in range(40)])
    folder = tmp_path_factory.mktemp("sounds")
    for number, each in enumerate(values):
        soundfile.write(folder / f"{number}.wav", each * 0.5, 8000)
    text = "conv9-4, relu, conv9-classes"
    return striate.train(text, folder, task="restore", steps=10, out=folder.parent / "heard", probe=False)


def test_it_gains_and_says_what_it_undoes(run: striate.Run) -> None:
    assert run.result is not None
    assert run.result.task == "restore"
    assert run.result.figures["gain"] > 0
    assert any("noise=0.3" in reason for reason in run.settings["reasons"])
    assert striate.evaluate(striate.load(run.path), "digits").figures == run.result.figures
    page = (run.path / "report.html").read_text("utf-8")
    assert "What is gained" in page
    assert "From worst to best" in page


def test_predict_is_the_networks_output_in_full_scale_units(run: striate.Run) -> None:
    import torch

    values = np.random.default_rng(0).normal(0.5, 0.5, (3, 1, SIDE, SIDE)).astype(np.float32)
    found = striate.predict(run, values)
    mean, std = run.recipe.mean[0], run.recipe.std[0]
    with torch.no_grad():
        expected = run.module(normalise(torch.from_numpy(values), run.recipe)) * std + mean
    assert np.allclose(found, expected.clamp(0, 1).numpy(), atol=1e-4)


def test_larger_pictures_go_through_whole(run: striate.Run, tmp_path: Path) -> None:
    """Far from the padded rim the answer is that of the network slid over the picture by hand."""
    import torch

    pixels = np.random.default_rng(1).integers(0, 256, (SIDE + STEP, 30), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "large.png")
    (found,) = striate.restore(run, tmp_path / "large.png")
    assert found.values.shape == (1, SIDE + STEP, 30)
    padded = np.pad(pixels, ((0, 0), (0, SIDE + STEP - 30)), mode="symmetric")
    batch = normalise(torch.from_numpy(padded)[None, None], run.recipe)
    with torch.no_grad():
        expected = run.module(batch)[0] * run.recipe.std[0] + run.recipe.mean[0]
    assert np.allclose(found.values, expected.clamp(0, 1).numpy()[:, :, :30], atol=1e-4)


def test_files_are_written_beside_none_that_is_there(run: striate.Run, tmp_path: Path) -> None:
    for name, size in {"a": (SIDE, SIDE), "b": (11, 23)}.items():
        Image.fromarray(np.full(size, 100, np.uint8)).save(tmp_path / f"{name}.png")
    (tmp_path / "broken.png").write_text("no picture")
    out = tmp_path / "out"
    arguments = [
        "predict",
        str(run.path),
        str(tmp_path / "a.png"),
        str(tmp_path / "b.png"),
        str(tmp_path / "broken.png"),
    ]
    found = CliRunner().invoke(app, [*arguments, "--out", str(out), "--json"])
    assert found.exit_code == 0
    told = json.loads(found.stdout)
    assert [Path(each["restored"]).name for each in told] == ["a.png", "b.png"]
    for name, size in (("a", (SIDE, SIDE)), ("b", (23, 11))):
        with Image.open(out / f"{name}.png") as image:
            assert image.size == size
    before = (out / "a.png").read_bytes()
    with pytest.raises(InputError, match="nothing is overwritten"):
        striate.restore(run, tmp_path / "a.png", out=out)
    assert (out / "a.png").read_bytes() == before
    assert sorted(path.name for path in out.iterdir()) == ["a.png", "b.png"]


def test_long_sounds_are_worked_through(sound_run: striate.Run, tmp_path: Path) -> None:
    assert sound_run.task.merit.name == "SI-SDR"
    rng = np.random.default_rng(2)
    soundfile.write(tmp_path / "long.wav", rng.normal(0, 0.1, (5000, 2)), 16000)
    soundfile.write(tmp_path / "short.wav", rng.normal(0, 0.1, 200), 8000)
    found = striate.restore(sound_run, [tmp_path / "long.wav", tmp_path / "short.wav"], out=tmp_path / "out")
    assert [(each.values.shape, each.rate) for each in found] == [((1, 2500), 8000), ((1, 200), 8000)]
    for each in found:
        assert each.path is not None
        written, rate = soundfile.read(each.path)
        assert rate == 8000
        assert np.allclose(written, each.values[0], atol=1 / 16384)


def test_how_loud_a_sound_is_does_not_matter(sound_run: striate.Run, tmp_path: Path) -> None:
    values = np.random.default_rng(3).normal(0, 0.1, 700)
    for name, gain in (("loud", 1.0), ("soft", 0.125)):
        soundfile.write(tmp_path / f"{name}.wav", gain * values, 8000, subtype="FLOAT")
    loud, soft = striate.restore(sound_run, [tmp_path / "loud.wav", tmp_path / "soft.wav"])
    assert np.allclose(loud.values, 8 * soft.values, atol=1e-4)


def test_what_makes_no_sense_is_refused_in_one_line(run: striate.Run, tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    Image.fromarray(np.zeros((SIDE, SIDE), np.uint8)).save(picture)
    for attempt in (
        lambda: striate.explain(run, picture),
        lambda: striate.locate(run, picture),
        lambda: striate.timeline(run, picture),
        lambda: striate.train("auto", "digits", corrupt="noise=1", task="classify", out=tmp_path / "no"),
        lambda: striate.train("auto", "digits", corrupt="fog=1", out=tmp_path / "no"),
        lambda: striate.train("conv3-4, gap, flatten, fc-classes", "digits", corrupt="noise=1", out=tmp_path / "no"),
    ):
        with pytest.raises((InputError, DataError)) as caught:
            attempt()
        assert "\n" not in str(caught.value)
    assert not (tmp_path / "no").exists()
    found = CliRunner().invoke(app, ["predict", str(run.path), str(picture)])
    assert found.exit_code != 0
    assert "--out" in str(found.exception)
