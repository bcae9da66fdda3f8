"""A run on tones: it predicts, explains and reports sound, and hears them along a long recording."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

import striate
from striate.cli.main import run_command
from striate.verbs.hearing import find_edges, find_spans

NET = "conv32-8/8, bn, relu, conv9-16, bn, relu, gap, flatten, fc-classes"
RATE = 4000


def make_tone(hertz: float, seconds: float, seed: int = 0) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """A tone in a little noise."""
    times = np.arange(round(RATE * seconds)) / RATE
    return 0.3 * np.sin(2 * np.pi * hertz * times) + np.random.default_rng(seed).normal(
        0, 0.002 * (seed % 3), len(times)
    )


@pytest.fixture(scope="module", params=["waveform", "spectrogram"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> striate.Run:
    """A run that tells low tones from high ones, in either view."""
    top = tmp_path_factory.mktemp("hearing")
    for number in range(40):
        label, hertz = (("low", 300), ("high", 1200))[number % 2]
        (top / "tones" / label).mkdir(parents=True, exist_ok=True)
        tone = make_tone(hertz * (1 + 0.004 * (number % 9)), 0.1 + 0.1 * (number // 2 % 4) / 3, number // 2)
        soundfile.write(top / "tones" / label / f"{number}_{'abcd'[number // 2 % 4]}_.wav", tone, RATE)
    net = NET if request.param == "waveform" else "conv3-8/2, bn, relu, flatten, fc-classes"
    out = top / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STRIATE_CACHE", str(top / "cache"))
        options = {"view": request.param, "group": r"_(\w)_", "hold_out": "c", "probe": False}
        return striate.train(net, top / "tones", out=out, epochs=20, **options)


@pytest.fixture
def long(tmp_path: Path) -> Path:
    """Silence, a low tone, silence, a high one; 12 kHz, two channels."""
    rate = 12_000
    times = np.arange(rate) / rate
    low, high = (0.3 * np.sin(2 * np.pi * hertz * times) for hertz in (300, 1200))
    whole = np.concatenate([np.zeros(rate), low, np.zeros(rate), high])
    soundfile.write(tmp_path / "long.wav", np.stack([whole, whole], 1), rate)
    return tmp_path / "long.wav"


def test_the_settings_say_how_it_was_read(run: striate.Run) -> None:
    data = run.settings["data"]
    assert data["reading"]["kind"] == "sound"
    assert data["grouping"] == {"pattern": r"_(\w)_", "hold_out": "c"}
    assert data["test"] == 10
    assert run.result is not None
    assert run.result.accuracy == 1
    loaded = striate.load(run.path)
    assert loaded.rate == (RATE if data["reading"]["view"] == "waveform" else None)
    assert striate.evaluate(loaded, data["source"]).to_dict()["total"] == 10


def test_files_are_predicted_as_they_were_trained_on(run: striate.Run, tmp_path: Path) -> None:
    for rate, name in ((4000, "plain.wav"), (16_000, "other.flac")):
        soundfile.write(tmp_path / name, 0.05 * np.sin(2 * np.pi * 1200 * np.arange(rate // 4) / rate), rate)
    rows = striate.predict(run, [tmp_path / "plain.wav", tmp_path / "other.flac"])
    assert (rows.argmax(1) == run.classes.index("high")).all()
    (tmp_path / "text.wav").write_text("no sound")
    with pytest.raises(striate.DataError, match=r"text\.wav: not a sound that can be read, needed a sound"):
        striate.predict(run, tmp_path / "text.wav")


def test_a_timeline_finds_the_tones(run: striate.Run, long: Path) -> None:
    found = striate.timeline(run, long)
    assert found.seconds == pytest.approx(4, abs=0.01)
    for label, moment in (("low", 1.5), ("high", 3.5), (None, 0.5), (None, 2.5)):
        assert [span.label for span in found.spans if span.start <= moment < span.end] == [label] * (label is not None)
    assert min(span.start for span in found.spans) == pytest.approx(1, abs=0.15)
    assert max(span.end for span in found.spans) == pytest.approx(4, abs=0.01)
    assert found.probabilities.shape == (len(found.starts), 2)
    assert found.quiet[0]
    finer = striate.timeline(run, long, step=0.02, threshold=0.9)
    assert len(finer.starts) > 2 * len(found.starts)


def test_each_window_is_predicted_as_a_file_of_its_own(run: striate.Run, long: Path, tmp_path: Path) -> None:
    found = striate.timeline(run, long, step=0.25)
    values, rate = soundfile.read(long)
    for place in (4, 5, 12):
        first = round(found.starts[place] * rate)
        soundfile.write(tmp_path / "cut.wav", values[first : first + round(found.window * rate)], rate)
        alone = striate.predict(run, tmp_path / "cut.wav")[0]
        assert np.abs(alone - found.probabilities[place]).max() < 0.05  # the filter of resampling meets other ends


def test_a_short_recording_is_one_window(run: striate.Run, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "short.wav", make_tone(300, 0.1), RATE)
    found = striate.timeline(run, tmp_path / "short.wav")
    assert len(found.starts) == 1
    (span,) = found.spans
    assert (span.start, span.label) == (0, "low")
    assert span.end == pytest.approx(0.1)


def test_the_command_prints_it(run: striate.Run, long: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["predict", str(run.path), str(long), "--timeline", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert {span["class"] for span in told["spans"]} == {"low", "high"}
    assert set(told["windows"][0]["probabilities"]) == {"low", "high"}
    assert run_command(["predict", str(run.path), str(long), "--timeline"]) == 0
    assert "low " in capsys.readouterr().out


def test_explained_and_reported_as_sound(run: striate.Run, long: Path) -> None:
    heat = striate.explain(run, long, method="saliency")
    assert tuple(heat.values.shape) == (1, *run.input[1:])
    assert heat.rate == run.rate
    page = striate.report(run).read_text()
    assert ("media-src data:" in page) == (run.rate is not None)
    assert "Data changed" not in page


def test_edges_and_spans() -> None:
    edges = find_edges(np.array([0.0]), 0.5, 0.3)
    assert edges.tolist() == [0.0, 0.3]
    assert find_spans([None], np.ones(1), edges) == ()
    spans = find_spans(["a", "b", "b"], np.array([1, 0.4, 0.6]), np.arange(4.0))
    assert [(span.label, span.start, span.end, span.probability) for span in spans] == [
        ("a", 0, 1, 1),
        ("b", 1, 3, 0.5),
    ]


@pytest.mark.parametrize(("wrong", "message"), [({"step": 0.0}, "step is 0"), ({"threshold": 2.0}, "threshold is 2")])
def test_what_cant_be(run: striate.Run, long: Path, wrong: dict[str, float], message: str) -> None:
    with pytest.raises(striate.InputError, match=message):
        striate.timeline(run, long, **wrong)  # type: ignore[arg-type]
