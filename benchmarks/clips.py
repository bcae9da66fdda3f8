"""Moving clips of real digits: does a 3-D network see which way they go, and the same network not, frames shuffled?

Each clip shows one MNIST digit that moves in one of 8 directions, at the same speed, over 16 frames, and comes back in
at the other side; only the order of the frames tells one sense of a direction from the other. Training clips are made
of MNIST's training digits, test clips of its test digits, by a seed. The network is what `auto` chooses for such clips,
trained by the recipe that `auto` chooses; then the same on the very same clips, each with its frames in an order of its
own.

Needs mnist below $STRIATE_DATA. `python benchmarks/clips.py --train 2000 --test 600 --epochs 6`
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import striate

FRAMES, SIDE = 16, 32
DIRECTIONS = {
    "east": (0, 1), "north": (-1, 0), "north-east": (-1, 1), "north-west": (-1, -1),
    "south": (1, 0), "south-east": (1, 1), "south-west": (1, -1), "west": (0, -1),
}  # fmt: skip
SPEED = 2  # cells a frame: in 16 frames a digit crosses the field once, so that where it is tells nothing
CHANCE_OF_AXIS = 0.5  # shuffled, an axis can still be seen, of its two directions one is a guess

Inputs = NDArray[np.number[Any]]
Bytes = NDArray[np.uint8]


def make_clips(digits: Inputs, count: int, seed: int, *, shuffled: bool = False) -> tuple[Bytes, NDArray[np.int64]]:
    """Make clips [count, 1, 16, 32, 32] of digits [N, 28, 28] and the numbers of their directions, evenly many of each.

    Digits, directions and places are those of the seed, whether frames are shuffled or not.
    """
    rng = np.random.default_rng(seed)
    steps = np.array(list(DIRECTIONS.values()))
    labels = rng.permutation(np.arange(count) % len(steps))
    chosen = digits[rng.integers(len(digits), size=count)]
    starts = rng.integers(SIDE, size=(count, 2))
    orders = np.argsort(rng.random((count, FRAMES)), axis=1)
    clips = np.zeros((count, 1, FRAMES, SIDE, SIDE), np.uint8)
    field = np.zeros((SIDE, SIDE), np.uint8)
    for number in range(count):
        field[2:30, 2:30] = chosen[number]
        for frame in range(FRAMES):
            moved = starts[number] + SPEED * frame * steps[labels[number]]
            clips[number, 0, frame] = np.roll(field, tuple(moved), axis=(0, 1))
        if shuffled:
            clips[number, 0] = clips[number, 0, orders[number]]
    return clips, labels


def write_set(folder: Path, count: int, held: int, seed: int, *, shuffled: bool) -> Path:
    """Write clips into class folders as animated gifs, train/ and test/ above them: as a user's own folder would be."""
    from striate.data import load_dataset

    mnist = load_dataset("mnist", split=True)
    assert mnist.test is not None
    for part, digits, number, offset in (("train", mnist.train, count, 0), ("test", mnist.test, held, 1)):
        clips, labels = make_clips(digits.inputs[:, 0], number, 2 * seed + offset, shuffled=shuffled)
        for place, (clip, label) in enumerate(zip(clips, labels, strict=True)):
            target = folder / part / list(DIRECTIONS)[label]
            target.mkdir(parents=True, exist_ok=True)
            first, *rest = (Image.fromarray(frame) for frame in clip[0])
            first.save(target / f"{place}.gif", save_all=True, append_images=rest, duration=40, loop=0)
    return folder


def run_once(args: argparse.Namespace, seed: int, *, shuffled: bool) -> dict[str, Any]:
    """Train what `auto` chooses and score it on the test clips."""
    with tempfile.TemporaryDirectory() as home:
        data = write_set(Path(home) / "clips", args.train, args.test, seed, shuffled=shuffled)
        began = time.monotonic()
        run = striate.train("auto", data, out=Path(home) / "run", seed=seed, epochs=args.epochs, say=args.say)
        seconds = time.monotonic() - began
        result = run.result
        assert result is not None
        row = {"shuffled": shuffled, "seed": seed, "accuracy": result.accuracy, "seconds": seconds}
        return {**row, "net": run.net.text}


def main() -> None:
    """Run both, print one line of JSON for each run, and whether the goals are met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=int, default=2000)
    parser.add_argument("--test", type=int, default=600)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    args = parser.parse_args()
    args.say = print
    found: dict[bool, list[float]] = {False: [], True: []}
    for seed in args.seeds:
        for shuffled in (False, True):
            row = run_once(args, seed, shuffled=shuffled)
            found[shuffled].append(row["accuracy"])
            print(json.dumps(row), flush=True)
    ordered, mixed = (float(np.mean(found[shuffled])) for shuffled in (False, True))
    print(f"in order {100 * ordered:.2f} % (goal 98 or more); shuffled {100 * mixed:.2f} % (goal 55 or less)")


if __name__ == "__main__":
    main()
