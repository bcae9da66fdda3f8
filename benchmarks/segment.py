"""Digits in photographs, found cell by cell: which pixels are a digit, and of which?

Each picture is a crop of a real photograph with up to four MNIST digits at random places, in random sizes and inks; a
cell's class is its digit, or background (11 classes). Training pictures are made of MNIST's training digits and of some
photographs, test pictures of its test digits and of the others, by a seed, and written as folders of images and masks,
as a user's own would be. The network and the recipe are what `auto` chooses.

Beside it stands a threshold: cells brighter than a level are digits, the level chosen on the training pictures for the
best mean IoU of digit and background. The network's own answer is held against that as digit or background, too.

Needs mnist and photos below $STRIATE_DATA. `python benchmarks/segment.py --train 2000 --test 500`
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import striate

SIDE = 64
MOST_DIGITS = 4
SIZES = (16, 40)  # of a digit's frame, in cells
INKS = (150, 256)  # brightness: lighter than most of a photograph, not than all
HELD = ("chelsea.png", "coffee.png", "gravel.png", "rocket.jpg")  # photographs that no training picture is made of

Bytes = NDArray[np.uint8]


def load_photos(home: Path) -> dict[str, Bytes]:
    """The photographs in colour, by name."""
    files = sorted(path for path in (home / "photos").iterdir() if path.suffix in (".png", ".jpg"))
    return {path.name: np.asarray(Image.open(path).convert("RGB")) for path in files}


def make_picture(
    digits: Bytes, labels: NDArray[np.int64], photo: Bytes, rng: np.random.Generator
) -> tuple[Bytes, Bytes]:
    """One picture [64, 64, 3] and its mask [64, 64]: 0 is background, a digit its number and 1."""
    scale = rng.integers(1, max(2, min(photo.shape[:2]) // SIDE + 1))
    height, width = (extent - SIDE * scale for extent in photo.shape[:2])
    top, left = rng.integers(height + 1), rng.integers(width + 1)
    crop = Image.fromarray(photo[top : top + SIDE * scale, left : left + SIDE * scale])
    picture = np.asarray(crop.resize((SIDE, SIDE), Image.Resampling.BOX), np.float64)
    mask = np.zeros((SIDE, SIDE), np.uint8)
    for _ in range(rng.integers(1, MOST_DIGITS + 1)):
        number, size = rng.integers(len(digits)), int(rng.integers(*SIZES))
        drawn = np.asarray(Image.fromarray(digits[number]).resize((size, size), Image.Resampling.BICUBIC)) / 255
        down, along = rng.integers(SIDE - size + 1, size=2)
        place = slice(down, down + size), slice(along, along + size)
        ink = rng.integers(*INKS) + rng.integers(-30, 31, size=3)
        picture[place] += drawn[..., None] * (ink - picture[place])
        mask[place][drawn > 0.5] = labels[number] + 1
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8), mask


def write_set(folder: Path, counts: dict[str, int], seed: int) -> None:
    """Write train/ and test/, images/ and masks/ in each."""
    from striate.data import load_dataset

    mnist, photos = load_dataset("mnist", split=True), load_photos(Path(os.environ["STRIATE_DATA"]))
    assert mnist.test is not None
    sources = {"train": (mnist.train, sorted(photos.keys() - set(HELD))), "test": (mnist.test, list(HELD))}
    for offset, (part, (digits, names)) in enumerate(sources.items()):
        rng = np.random.default_rng([seed, offset])
        for kind in ("images", "masks"):
            (folder / part / kind).mkdir(parents=True)
        for number in range(counts[part]):
            photo = photos[names[rng.integers(len(names))]]
            picture, mask = make_picture(np.asarray(digits.inputs[:, 0]), digits.labels, photo, rng)
            Image.fromarray(picture).save(folder / part / "images" / f"{number:05}.png")
            Image.fromarray(mask).save(folder / part / "masks" / f"{number:05}.png")
    (folder / "classes.txt").write_text("\n".join(["background", *map(str, range(10))]) + "\n")


def measure_two(answers: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    """The mean IoU of digit and background."""
    each = [(answers == of) & (truth == of) for of in (True, False)]
    either = [(answers == of) | (truth == of) for of in (True, False)]
    return float(np.mean([both.sum() / one.sum() for both, one in zip(each, either, strict=True)]))


def read_part(folder: Path) -> tuple[Bytes, Bytes]:
    """Greys and masks of a part."""
    files = sorted((folder / "images").iterdir())
    greys = np.stack([np.asarray(Image.open(path).convert("L")) for path in files])
    return greys, np.stack([np.asarray(Image.open(folder / "masks" / path.name)) for path in files])


def main() -> None:
    """Make the set, train, and print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--train", type=int, default=2000)
    parser.add_argument("--test", type=int, default=500)
    parser.add_argument("--epochs", type=int, help="Left out, as many as `auto` chooses.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="A folder that isn't there yet, for the set and the run.")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        home = args.keep or Path(scratch)
        write_set(home / "set", {"train": args.train, "test": args.test}, args.seed)
        start = time.monotonic()
        length = {} if args.epochs is None else {"epochs": args.epochs}
        run = striate.train("auto", home / "set", out=home / "run", seed=args.seed, say=print, **length)
        seconds = time.monotonic() - start
        greys, truth = read_part(home / "set" / "test")
        print(json.dumps({"seconds": round(seconds, 1), **compare(run, home / "set", greys, truth)}, indent=2))


def compare(run: striate.Run, home: Path, greys: Bytes, truth: Bytes) -> dict[str, Any]:
    """The network's figures and the threshold's, on the test part."""
    assert run.result is not None
    trained = read_part(home / "train")
    levels = range(90, 256, 5)
    level = max(levels, key=lambda each: measure_two(trained[0] > each, trained[1] > 0))
    answers = striate.predict(run, home / "test" / "images")
    return {
        "mean_iou_11_classes": run.result.merit,
        "interval": run.result.interval,
        "cells_right": run.result.figures["right"],
        "iou": {row["name"]: round(row["iou"], 4) for row in run.result.figures["outputs"]},
        "digit_or_background": {
            "network": measure_two(answers > 0, truth > 0),
            "threshold": measure_two(greys > level, truth > 0),
            "level": level,
        },
        "background_everywhere_11_classes": float((truth == 0).mean() / 11),
    }


if __name__ == "__main__":
    main()
