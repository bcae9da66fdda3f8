"""Recordings continued, end to end: a folder without classes, a run, its page, what it writes on, what it refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

import striate
from striate.cli.main import run_command
from striate.data.levels import quantise
from striate.train.batches import normalise
from striate.train.generating import make_streaming

NET = (
    "conv4-8 pad=causal, add[conv2-8 pad=causal dilation=4, relu, tap[conv1-8], conv1-8 | ], taps, relu, conv1-classes"
)
RATE = 2000
SPEED = {"probe": False, "engine": None}


def write_tones(folder: Path, count: int = 16) -> Path:
    """Tones of 0.2 to 0.4 s, in stereo, in no class folder."""
    folder.mkdir()
    for number in range(count):
        random = np.random.default_rng(number)
        times = np.arange(random.integers(400, 800)) / RATE
        tone = 0.5 * np.sin(2 * np.pi * random.uniform(50, 400) * times) + 0.01 * random.standard_normal(len(times))
        soundfile.write(folder / f"{number:02d}.wav", np.stack([tone, 0.5 * tone], 1), RATE)
    return folder


@pytest.fixture(scope="module")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tones(tmp_path_factory.mktemp("sound") / "tones")


@pytest.fixture(scope="module")
def run(tones: Path, tmp_path_factory: pytest.TempPathFactory) -> striate.Run:
    out = tmp_path_factory.mktemp("runs") / "run"
    return striate.train(NET, tones, task="continue", epochs=4, batch=4, out=out, probe=False)


def test_a_run_is_judged_in_bits(run: striate.Run) -> None:
    assert run.result is not None
    assert run.result.task == "continue"
    assert 0 < run.result.merit < 9
    assert run.result.interval[0] <= run.result.merit <= run.result.interval[1]
    assert run.history[-1]["validation_merit"] < run.history[0]["validation_merit"]
    assert run.rate == RATE
    assert run.reading is not None
    assert run.reading["view"] == "levels"


def test_it_is_evaluated_again_to_the_same(run: striate.Run, tones: Path) -> None:
    again = striate.evaluate(run, tones)
    assert run.result is not None
    assert again.merit == pytest.approx(run.result.merit, abs=1e-4)
    assert again.figures["samples_counted"] == run.result.figures["samples_counted"]


def test_the_page_plays_what_was_given_and_what_follows(run: striate.Run) -> None:
    page = (run.path / "report.html").read_text("utf-8")
    assert "bits per sample" in page
    assert "temperature 0.5" in page
    assert "What a sample costs" in page
    players = re.findall(r"<audio", page)
    assert len(players) >= 4
    assert "data:audio/wav;base64," in page


def test_what_goes_on_is_in_range_and_repeatable(run: striate.Run, tones: Path) -> None:
    found = striate.generate(run, tones / "00.wav", seconds=0.1, count=3, seed=4)
    again = striate.generate(run, tones / "00.wav", samples=200, count=2, seed=4)
    assert found.values.shape == (3, 200)
    assert found.rate == RATE
    assert np.isfinite(found.values).all()
    assert np.abs(found.values).max() <= 1
    assert np.array_equal(found.levels[:2], again.levels)
    assert not np.array_equal(found.levels[0], found.levels[1])
    assert np.array_equal(quantise(found.values), found.levels)
    assert found.whole.shape == (3, len(found.given) + 200)


def test_queues_tell_what_the_run_itself_tells(run: striate.Run) -> None:
    import torch

    levels = torch.randint(0, 256, (2, 1, 90), generator=torch.Generator().manual_seed(0)).to(torch.uint8)
    inputs = normalise(levels, run.recipe)
    network = make_streaming(run.module)
    with torch.no_grad():
        whole = run.module(inputs)
        steps = torch.cat([network(inputs[:, :, moment : moment + 1]) for moment in range(90)], 2)
    assert float((whole - steps).abs().max()) <= 1e-5 * max(1.0, float(whole.abs().max()))


def test_a_start_may_be_an_array_or_nothing(run: striate.Run) -> None:
    wave = 0.5 * np.sin(np.arange(300) / 9)
    by_floats = striate.generate(run, wave, samples=20)
    by_levels = striate.generate(run, quantise(wave), samples=20)
    assert np.array_equal(by_floats.levels, by_levels.levels)
    assert len(striate.generate(run, samples=5).given) == 0


def test_without_heat_there_is_one_continuation(run: striate.Run) -> None:
    found = striate.generate(run, samples=30, temperature=0.0, count=2)
    assert np.array_equal(found.levels[0], found.levels[1])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"seconds": 0.0}, "seconds"),
        ({"seconds": 1.0, "samples": 3}, "Leave one out"),
        ({"samples": 0}, "samples"),
        ({"temperature": -1.0}, "temperature"),
        ({"count": 0}, "count"),
        ({"start": np.zeros((2, 2))}, "start"),
        ({"start": np.array([0.0, np.nan])}, "start"),
    ],
)
def test_what_cannot_be_is_refused(run: striate.Run, options: dict[str, object], said: str) -> None:
    with pytest.raises(striate.InputError, match=said):
        striate.generate(run, **options)  # type: ignore[arg-type]


def test_what_makes_no_sense_is_refused(run: striate.Run, tones: Path) -> None:
    with pytest.raises(striate.InputError, match="generate"):
        striate.predict(run, [tones / "00.wav"])
    with pytest.raises(striate.InputError, match="generate"):
        striate.explain(run, [tones / "00.wav"])
    with pytest.raises(striate.InputError, match="continue"):
        striate.locate(run, tones / "00.wav")
    with pytest.raises(striate.InputError, match="whole"):
        striate.export(run, run.path / "whole.onnx", whole=True)


def test_a_network_that_sees_the_future_is_refused_before_training(tones: Path, tmp_path: Path) -> None:
    with pytest.raises(striate.InputError, match="pad=causal"):
        striate.train("conv3-8, relu, conv1-classes", tones, task="continue", out=tmp_path / "run", probe=False)
    with pytest.raises(striate.InputError, match="moments"):
        striate.train("conv3-8/2, gap, flatten, fc-classes", tones, task="continue", out=tmp_path / "run", probe=False)
    assert not (tmp_path / "run").exists()


def test_pictures_and_spectrograms_are_refused(tones: Path, tmp_path: Path) -> None:
    with pytest.raises(striate.InputError, match="to continue them"):
        striate.train("auto", "digits", task="continue", out=tmp_path / "run")
    with pytest.raises(striate.InputError, match="Leave --view out"):
        striate.train("auto", tones, task="continue", view="spectrogram", out=tmp_path / "run")


def test_bytes_are_continued_as_they_are(tmp_path: Path) -> None:
    counting = (np.arange(120)[None, None] * 3 + np.arange(40)[:, None, None]).astype(np.uint8)
    run = striate.train(
        "embed256-8, conv2-16 pad=causal, relu, conv1-classes", (counting, np.zeros(40, np.int64)),
        task="continue", steps=250, batch=8, lr=0.03, out=tmp_path / "run", probe=False,
    )  # fmt: skip
    assert run.rate is None
    assert run.result is not None
    assert run.result.merit < 4
    np.save(tmp_path / "start.npy", counting[0, 0, :20])
    found = striate.generate(run, tmp_path / "start.npy", samples=10, temperature=0.0)
    assert found.values.dtype == np.uint8
    assert found.values.shape == (1, 10)
    with pytest.raises(striate.InputError, match="no rate"):
        striate.generate(run, seconds=1.0)


def test_a_broken_off_run_ends_with_the_same_bits(tones: Path, tmp_path: Path) -> None:
    def stop(progress: object) -> None:
        if 0 < getattr(progress, "step", 0) < 9:  # news come by the clock, but at each epoch's end, too
            raise KeyboardInterrupt

    options = {"task": "continue", "steps": 9, "batch": 4, "probe": False}
    whole = striate.train(NET, tones, out=tmp_path / "whole", **options)  # type: ignore[arg-type]
    with pytest.raises((striate.Stopped, KeyboardInterrupt)):
        striate.train(NET, tones, out=tmp_path / "broken", on_progress=stop, **options)  # type: ignore[arg-type]
    resumed = striate.resume(tmp_path / "broken")
    assert all(
        np.array_equal(value.numpy(), other.numpy())
        for value, other in zip(whole.module.state_dict().values(), resumed.module.state_dict().values(), strict=True)
    )


def test_the_command_writes_a_new_file_to_listen_to(
    run: striate.Run, tones: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "go-on.wav"
    command = ["generate", str(run.path), str(tones / "01.wav"), "--seconds", "0.05", "--out", str(out), "--json"]
    assert run_command(command) == 0
    told = json.loads(capsys.readouterr().out)
    values, rate = soundfile.read(out)
    assert rate == RATE
    assert len(values) == told["given_samples"] + 100
    assert told["files"] == [str(out)]
    before = out.read_bytes()
    assert run_command(command) == 2
    assert out.read_bytes() == before
    assert "is there already" in capsys.readouterr().err
    assert run_command([*command[:-2], str(tmp_path / "go-on.mp3")]) == 2
    assert (
        run_command(["generate", str(run.path), "--samples", "9", "--count", "2", "--out", str(tmp_path / "x.wav")])
        == 0
    )
    assert {path.name for path in tmp_path.glob("x-*.wav")} == {"x-1.wav", "x-2.wav"}


def test_the_scorer_is_exported(run: striate.Run, tmp_path: Path) -> None:
    exported = striate.export(run, tmp_path / "scorer.pt2")
    assert exported.agrees
    assert exported.outputs["output"][1:] == (256, run.input[1])
