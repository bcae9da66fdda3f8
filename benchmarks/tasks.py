"""Regression on real digits turned within 45 degrees: how far off is the angle? The median error must be below 5
degrees.

`python benchmarks/tasks.py [--seeds N] [--samples N] [--turns N] [--epochs N]`: MNIST, each training digit as often as
`--turns` says and turned by another angle each time; the test part's are MNIST's own test digits, turned once. The
figure is the mean over seeds.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import rotate

import striate
from striate.data import load_dataset

DEGREES, LIMIT = 45.0, 5.0


def turn_digits(pictures: NDArray[Any], seed: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Pictures [N, 1, height, width] turned, each by its own angle within 45 degrees; and the angles."""
    angles = np.random.default_rng([seed, 45]).uniform(-DEGREES, DEGREES, len(pictures)).astype(np.float32)
    turned = [
        rotate(each[0].astype(float), angle, reshape=False, order=1)
        for each, angle in zip(pictures, angles, strict=True)
    ]
    return np.rint(np.stack(turned)[:, None]).clip(0, 255).astype(np.uint8), angles


def make_arrays(name: str, samples: int, seed: int, turns: int = 1) -> dict[str, Any]:
    """The first samples of a named set's training part, each turned as often, the next as validation; and its test."""
    data = load_dataset(name, seed=seed)
    assert data.test is not None
    assert data.val is not None
    train = [turn_digits(data.train.inputs[:samples], 1000 * seed + turn) for turn in range(turns)]
    arrays: dict[str, Any] = {
        "x_train": np.concatenate([each[0] for each in train]),
        "y_train": np.concatenate([each[1] for each in train]),
    }
    for part, digits, offset in (("val", data.val, 500), ("test", data.test, 501)):
        arrays[f"x_{part}"], arrays[f"y_{part}"] = turn_digits(digits.inputs, 1000 * seed + offset)
    return arrays


def measure(name: str, samples: int, seed: int, turns: int, **length: Any) -> tuple[float, tuple[float, float], float]:
    """Train on turned digits; the median error on the test part with its interval, and the seconds it took."""
    start = time.perf_counter()
    with TemporaryDirectory() as folder:
        arrays = make_arrays(name, samples, seed, turns)
        run = striate.train("auto", arrays, out=Path(folder) / "run", seed=seed, **length)
    assert run.result is not None
    row = run.result.figures["outputs"][0]
    return row["median"], tuple(row["median_interval"]), time.perf_counter() - start


def main() -> None:
    """Print each seed's figures and their mean."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--samples", type=int, default=60_000)
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=4)
    asked = parser.parse_args()
    found = []
    for seed in range(asked.seeds):
        median, (low, high), seconds = measure(asked.data, asked.samples, seed, asked.turns, epochs=asked.epochs)
        found.append(median)
        print(
            f"seed {seed}: median error {median:.2f} degrees (95 % {low:.2f} to {high:.2f}), {seconds:.0f} s",
            flush=True,
        )
    mean = statistics.mean(found)
    print(f"mean {mean:.2f} degrees: {'below' if mean < LIMIT else 'NOT below'} {LIMIT:g}")


if __name__ == "__main__":
    main()
