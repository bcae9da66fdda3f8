"""Tiny data of every kind, on real files: a folder or a table to train on, and files like those that were in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray
from PIL import Image
from tests.data.moving import draw_moving, write_gif
from tests.data.sentences import compose, write_table

RATE = 2000  # samples a second
EACH = 12  # files of a class


@dataclass(frozen=True)
class Media:
    """What is trained on, files that a verb may be asked about, and what `train` is told beside."""

    data: Path
    files: tuple[Path, ...]
    options: dict[str, Any] = field(default_factory=dict)


def write_images(home: Path) -> Media:
    """Dark and bright pictures."""
    for number in range(EACH):
        pixels = np.random.default_rng(number).integers(0, 120, (2, 10, 10)).astype(np.uint8)
        for label, picture in (("dark", pixels[0]), ("light", pixels[1] + 100)):
            (home / "images" / label).mkdir(parents=True, exist_ok=True)
            Image.fromarray(picture).save(home / "images" / label / f"{number}.png")
    return Media(home / "images", (home / "images/dark/3.png", home / "images/light/4.png"))


def write_sound(home: Path) -> Media:
    """Low and high tones, no two alike."""
    times = np.arange(RATE // 8) / RATE
    for number in range(EACH):
        for label, hertz in (("low", 150), ("high", 600)):
            (home / "sound" / label).mkdir(parents=True, exist_ok=True)
            tone = 0.3 * np.sin(2 * np.pi * (hertz + 3 * number) * times)
            soundfile.write(home / "sound" / label / f"{number}.wav", tone, RATE)
    return Media(home / "sound", (home / "sound/low/3.wav", home / "sound/high/4.wav"))


def write_spectrograms(home: Path) -> Media:
    """The same tones, seen as pictures of their pitches."""
    sound = write_sound(home)
    return Media(sound.data, sound.files, {"view": "spectrogram"})


def write_video(home: Path) -> Media:
    """A square that goes left or right."""
    for number in range(EACH):
        for label, step in (("left", -1), ("right", 1)):
            clip = np.clip(draw_moving(6, step, side=20).astype(int) + number, 0, 255).astype(np.uint8)
            write_gif(home / "video" / label / f"{number}.gif", clip)
    return Media(home / "video", (home / "video/left/3.gif", home / "video/right/4.gif"))


def draw_volume(number: int, mean: float) -> NDArray[np.float64]:
    """Noise around a mean."""
    return np.random.default_rng(number).normal(mean, 10, (6, 7, 8))


def write_volumes(home: Path) -> Media:
    """Arrays of three axes, fractions from about -60 to 60."""
    for number in range(EACH):
        for label, mean in (("thick", 30.0), ("thin", -30.0)):
            (home / "volumes" / label).mkdir(parents=True, exist_ok=True)
            np.save(home / "volumes" / label / f"{number}.npy", draw_volume(number, mean))
    return Media(home / "volumes", (home / "volumes/thick/3.npy", home / "volumes/thin/4.npy"))


def write_words(home: Path) -> Media:
    """Sentences whose classes differ in the order of three words."""
    (home / "words").mkdir(parents=True, exist_ok=True)
    texts = compose(60)
    table = write_table(home / "words" / "said.csv", texts)
    files = tuple(home / "words" / f"{number}.txt" for number in range(2))
    for file, (text, _) in zip(files, texts, strict=False):
        file.write_text(text)
    return Media(table, files)


def write_series(home: Path) -> Media:
    """A wave in noise, of which the next value is told."""
    home.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(1).normal(0, 1, 400)
    lines = [f"{row},{50 + 9 * np.sin(row / 3) + noise[row]:.4f},{row % 7}" for row in range(400)]
    for name, count in (("prices.csv", 400), ("later.csv", 40)):
        (home / name).write_text("\n".join(["time,close,weekday", *lines[:count]]))
    return Media(home / "prices.csv", (home / "later.csv",))


def write_moves(home: Path) -> Media:
    """The same, of which is told whether it rises."""
    series = write_series(home)
    return Media(series.data, series.files, {"task": "classify", "horizon": 2})


WRITERS: dict[str, Callable[[Path], Media]] = {
    "images": write_images,
    "sound": write_sound,
    "spectrogram": write_spectrograms,
    "video": write_video,
    "volumes": write_volumes,
    "words": write_words,
    "series": write_series,
    "moves": write_moves,
}
