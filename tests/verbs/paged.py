"""Untrained runs of every task and kind of input, a file of each kind, and what Python and a page make of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray
from PIL import Image
from tests.browsing import open_chromium
from tests.nets.export.page.pages import Opened, stir

import striate
from striate.data.hearing import Hearing
from striate.data.levels import count_sounding
from striate.data.recording import prepare_sound
from striate.engine import Engine
from striate.train import Recipe
from striate.train.tasks import Task
from striate.train.tasks.classify import Classify
from striate.train.tasks.continuing import Continue
from striate.train.tasks.labels import Labels
from striate.train.tasks.regress import Regress
from striate.train.tasks.restore import Restore
from striate.train.tasks.segment import Segment

NAMES = ("background", "cat", "dog & bone")
RATE = 8000
DENSE, EACH = "conv3-4, relu, flatten, fc-classes", "conv3-4, relu, conv1-classes"
SERIES = {"time": "time", "target": "close", "aim": "value", "horizon": 1, "step": 1, "classes": []}
VOLUME = {"kind": "volumes", "axis": None, "in_bytes": False, "low": -60.0, "high": 60.0}
SCAN = {"kind": "volumes", "axis": -1, "in_bytes": True, "low": 0.0, "high": 255.0}
TASKS: dict[str, Task] = {
    "classify": Classify(),
    "labels": Labels(),
    "regress": Regress((5.0, -1.0, 0.5), (2.0, 3.0, 1.0)),
    "segment": Segment(),
    "restore": Restore("noise=0.3"),
    "continue": Continue(),
}


def write_picture(home: Path, shape: tuple[int, ...]) -> Path:
    pixels = np.random.default_rng(1).integers(0, 256, (*shape[1:], shape[0]), dtype=np.uint8)
    Image.fromarray(pixels[..., 0] if shape[0] == 1 else pixels).save(home / "a.png")
    return home / "a.png"


def write_sound(home: Path, shape: tuple[int, ...], seconds: float = 0.07) -> Path:
    times = np.arange(int(RATE * seconds)) / RATE
    wave = 0.4 * np.sin(2 * np.pi * (300 + 4000 * times) * times) * np.hanning(len(times))
    soundfile.write(home / "a.wav", wave, RATE, "FLOAT")
    return home / "a.wav"


def write_clip(home: Path, shape: tuple[int, ...]) -> Path:
    frames = np.random.default_rng(2).integers(0, 256, (6, *shape[2:]), dtype=np.uint8)
    first, *rest = (Image.fromarray(each) for each in frames)
    first.save(home / "a.gif", save_all=True, append_images=rest, duration=100, loop=0)
    return home / "a.gif"


def write_volume(home: Path, shape: tuple[int, ...]) -> Path:
    """Longer than the network's input along one axis, shorter along another, and beyond its range here and there."""
    longer = (shape[1] + 3, shape[2] - 1, *shape[3:])
    np.save(home / "a.npy", np.random.default_rng(3).normal(0, 30, longer))
    return home / "a.npy"


def write_scan(home: Path, shape: tuple[int, ...]) -> Path:
    np.save(home / "a.npy", np.random.default_rng(3).integers(0, 256, (shape[1] + 2, shape[2] - 1, shape[0])))
    return home / "a.npy"


def write_table(home: Path, shape: tuple[int, ...]) -> Path:
    """Its rows aren't in the order of their times."""
    rows = [f"2024-01-{day:02},{day % 7},{day * 0.37:.2f}" for day in (4, 1, 2, 3, *range(5, 12), 13, 12)]
    (home / "a.csv").write_text("\n".join(["Time,weekday,close", *rows]))
    return home / "a.csv"


def write_text(home: Path, shape: tuple[int, ...]) -> Path:
    (home / "a.txt").write_text("Not like the other, don’t you think?")
    return home / "a.txt"


def write_array(home: Path, shape: tuple[int, ...]) -> Path:
    np.save(home / "a.npy", np.random.default_rng(4).random((1, *shape), np.float32))
    return home / "a.npy"


def write_levels(home: Path, shape: tuple[int, ...]) -> Path:
    np.save(home / "a.npy", np.random.default_rng(5).integers(0, 256, (1, *shape), dtype=np.uint8))
    return home / "a.npy"


@dataclass(frozen=True)
class Kind:
    """A kind of input: its shape, how it is read, a file of it, and the network for answers without places."""

    shape: tuple[int, ...]
    reading: dict[str, Any] | None
    write: Callable[[Path, tuple[int, ...]], Path]
    text: str = DENSE
    mean: float = 0.4
    std: float = 0.25


HEARD = Hearing(RATE, 480)
SEEN = Hearing(RATE, 640, "spectrogram", 12, 256, 80)
LEVELS = Hearing(RATE, 600, "levels")
WORDS = {"kind": "words", "length": 6, "vocabulary": "the not like don't ,"}
KINDS = {
    "grey": Kind((1, 8, 10), None, write_picture),
    "picture": Kind((3, 8, 10), {"kind": "images"}, write_picture),
    "waveform": Kind((1, *HEARD.extents), HEARD.to_dict(), write_sound),
    "spectrogram": Kind((1, *SEEN.extents), SEEN.to_dict(), write_sound),
    "levels": Kind((1, *LEVELS.extents), LEVELS.to_dict(), write_sound),
    "clip": Kind((1, 3, 6, 7), {"kind": "video", "rate": 5.0, "length": 3, "undated": 10.0}, write_clip),
    "volume": Kind((1, 4, 5, 6), VOLUME, write_volume),
    "scan": Kind((3, 6, 7), SCAN, write_scan),
    "table": Kind((2, 5), {"kind": "series", "columns": ["close", "weekday"], "window": 5, **SERIES}, write_table),
    "words": Kind((1, 6), WORDS, write_text, "embed7-4, gmp, flatten, fc-classes", 0.0, 1 / 32768),
    "array": Kind((2, 5, 4), None, write_array),
    "bytes": Kind((1, 60), None, write_levels),
}


def make_run(task: str, name: str, home: Path, **recipe: Any) -> striate.Run:
    """A run that nobody trained, of which nothing else is known."""
    kind, own = KINDS[name], TASKS[task]
    if task == "restore" and name in ("waveform", "volume"):
        own = Restore("snr=5" if name == "waveform" else "noise=0.3", name == "waveform", -1.0)
    if task == "continue" and name == "levels":
        own = Continue(padded=True)
    texts = {"continue": "conv2-4 pad=causal, relu, conv1-classes", "restore": EACH, "segment": EACH}
    count = 256 if task == "continue" else kind.shape[0] if task == "restore" else len(NAMES)
    net = striate.read(texts.get(task, kind.text))
    module = stir(striate.build(net, input=kind.shape, classes=count, seed=3))
    channels = kind.shape[0]
    settled = Recipe(epochs=1, mean=(kind.mean,) * channels, std=(kind.std,) * channels, **recipe)
    settings = {
        "input": list(kind.shape),
        "recipe": settled.to_dict(),
        "engine": Engine().to_dict(),
        "data": {"reading": kind.reading, "name": "made up", "train": 7},
        "task": own.to_dict(),
    }
    classes = NAMES if count == len(NAMES) else tuple(map(str, range(count)))
    return striate.Run(home / f"{task} {name}", net, module, classes, (), settings)


def expect(run: striate.Run, path: Path) -> NDArray[Any]:
    """What Python makes of the file."""
    if run.task.name == "continue":
        return expect_bits(run, path)
    given: Any = np.load(path) if run.reading is None and path.suffix == ".npy" else path
    if run.task.name == "restore" and given is path:
        return striate.restore(run, path)[0].values
    answer: NDArray[Any] = striate.predict(run, given, engine="torch")[0]
    return answer


def expect_bits(run: striate.Run, path: Path) -> NDArray[Any]:
    """A moment after the other, each from those before it."""
    if path.suffix == ".wav":
        values, rate = soundfile.read(path, dtype="float32", always_2d=True)
        levels = prepare_sound(values.T, rate, LEVELS).astype(np.uint8)
        count = int(count_sounding(levels[None])[0])
    else:
        levels = np.load(path)[0]
        count = levels.shape[-1]
    late = np.concatenate([[128], levels[0, :-1].astype(np.int64)]) / 255
    given = torch.from_numpy((late - run.recipe.mean[0]) / run.recipe.std[0]).float()[None, None]
    with torch.no_grad():
        scores = run.module(given)[0].double().log_softmax(0) / np.log(2)
    return np.array([-float(scores[int(levels[0, at]), at]) for at in range(count)])


@contextmanager
def open_browser() -> Iterator[Opened]:
    """Chromium without a network, with a microphone that beeps; the test is skipped where there is none."""
    with open_chromium("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream") as chromium:
        yield Opened(chromium.new_context(offline=True, viewport={"width": 1100, "height": 900}).new_page())


def load(opened: Opened, files: Any) -> NDArray[Any]:
    """The answer to files, or what the page says against them."""
    opened.page.evaluate("striate.answered = null; 0")
    opened.page.set_input_files("#file", files)
    return take(opened)


def take(opened: Opened) -> NDArray[Any]:
    for _ in range(400):
        answered = opened.page.evaluate("striate.answered && striate.answered.map(String)")
        if answered is not None:
            return np.array([float(each) for each in answered])
        problem = opened.page.inner_text("#problem")
        assert not problem, problem
        opened.page.wait_for_timeout(10)
    raise AssertionError("no answer")
