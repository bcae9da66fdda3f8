"""Spoken digits (fsdd) continued: bits per sample on the official test part, beside linear prediction (LPC).

    python benchmarks/continuing.py

The network is `striate train auto fsdd --task continue` as a user types it, in a process of its own, timed from start
to end. Linear predictors see the same: the levels before each sample, as many as the network looks back on (and fewer,
which may be better). Their weights are the least squares solution over the training part; their error is supposed to
be distributed as whichever does best of Gauss, Laplace and Student's t, of one scale, and of Student's t whose scale
follows the errors just made, quickly and slowly; all of it is fitted to the training part. A level's probability is the
integral over its bin, mixed with a little of the uniform one, so that both figures are lengths of a code for the very
same symbols. A predictor fitted to each test recording itself is told beside, without the cost of its weights.

The target is fewer bits than any of the predictors, and continuations that are finite and in range. Needs
$STRIATE_DATA.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.signal import lfilter, oaconvolve
from scipy.special import expit, ndtr, stdtr

import striate
from striate.data import load_dataset
from striate.data.levels import count_sounding, expand

Reals = NDArray[np.floating[Any]]
ORDERS = (16, 32, 64)  # beside the network's own look-back
OWN_ORDER = 32  # of the predictor that is fitted to each recording itself
FITTED = 120_000  # samples of the training part on which the distributions are fitted
ERRORS = 1e-3  # the scale about which their search begins
EDGES = np.concatenate([[-np.inf], expand(np.arange(255) + 0.5).astype(np.float64), [np.inf]])


@dataclass(frozen=True)
class Predicted:
    """The samples of some recordings, one after the other: their levels, what was predicted, and the errors' past."""

    levels: NDArray[np.int64]
    means: Reals
    errors: Reals
    starts: NDArray[np.int64]  # where each recording begins


def read_recordings(inputs: NDArray[Any]) -> list[NDArray[np.int64]]:
    """The levels of each recording, without the silence that fills it up."""
    counts = count_sounding(np.asarray(inputs, np.uint8))
    return [row[0, :count].astype(np.int64) for row, count in zip(inputs, counts, strict=True) if count]


def fit_weights(recordings: list[NDArray[np.int64]], order: int) -> Reals:
    """The least squares weights of the `order` samples before each; before the first there were zeros.

    The normal equations are exact: their first row by Fourier transforms, each next one from the row above, less what
    lies beyond the recordings' ends.
    """
    row, ends = np.zeros(order + 1), np.zeros((len(recordings), order + 1))
    for place, levels in enumerate(recordings):
        values = expand(levels).astype(np.float64)
        size = 1 << int(np.ceil(np.log2(len(values) + order + 1)))
        row += np.fft.irfft(np.abs(np.fft.rfft(values, size)) ** 2, size)[: order + 1]
        last = values[::-1][: order + 1]
        ends[place, : len(last)] = last
    lost, gram = ends.T @ ends, np.zeros((order + 1, order + 1))
    gram[0] = row
    for place in range(order):
        gram[place + 1, place + 1 :] = gram[place, place:-1] - lost[place, place:-1]
    gram = np.triu(gram) + np.triu(gram, 1).T
    weights: Reals = np.linalg.solve(gram[1:, 1:] + 1e-9 * gram[0, 0] * np.eye(order), gram[1:, 0])
    return weights


def predict_all(recordings: list[NDArray[np.int64]], weights: Callable[[NDArray[np.int64]], Reals]) -> Predicted:
    """Predict each sample of each recording from those before it."""
    means, errors = [], []
    for levels in recordings:
        values = expand(levels).astype(np.float64)
        told = oaconvolve(values, np.concatenate([[0.0], weights(levels)]))[: len(values)]
        means.append(told)
        errors.append(values - told)
    starts = np.cumsum([0, *map(len, recordings)])[:-1]
    return Predicted(np.concatenate(recordings), np.concatenate(means), np.concatenate(errors), starts)


def follow(predicted: Predicted, decay: float) -> Reals:
    """The mean square of the errors before each sample of a recording, those far back counted ever less."""
    found = np.zeros(len(predicted.errors))
    for start, stop in zip(predicted.starts, [*predicted.starts[1:], len(found)], strict=True):
        found[start:stop] = lfilter([0.0, 1 - decay], [1.0, -decay], predicted.errors[start:stop] ** 2)
    return found


def measure_bits(predicted: Predicted, scale: Reals | float, cumulate: Callable[[Reals], Reals], mixed: float) -> float:
    """The mean code length, each level's probability being the integral over its bin."""
    low = (EDGES[predicted.levels] - predicted.means) / scale
    high = (EDGES[predicted.levels + 1] - predicted.means) / scale
    above = low > 0  # there the difference of what is left above keeps its digits
    share = np.where(above, cumulate(-low) - cumulate(-high), cumulate(high) - cumulate(low))
    return float(-np.log2((1 - mixed) * np.maximum(share, 0) + mixed / 256).mean())


def laplace(values: Reals) -> Reals:
    """The cumulative distribution of Laplace's."""
    half = 0.5 * np.exp(-np.abs(values))
    return np.where(values < 0, half, 1 - half)


def list_distributions() -> dict[str, tuple[list[float], Callable[[Predicted, Reals], float]]]:
    """What the errors may be distributed as: where the search for its numbers begins, and the bits that they give."""

    def fixed(cumulate: Callable[[Reals], Reals]) -> Callable[[Predicted, Reals], float]:
        return lambda data, x: measure_bits(data, np.exp(x[0]), cumulate, expit(x[1]))

    def student(data: Predicted, x: Reals) -> float:
        return measure_bits(data, np.exp(x[0]), lambda values: stdtr(np.exp(x[2]), values), expit(x[1]))

    def adaptive(data: Predicted, x: Reals) -> float:
        quick, slow = follow(data, expit(x[3])), follow(data, expit(x[4]))
        scale = np.sqrt(np.exp(x[5]) * quick + np.exp(x[6]) * slow + np.exp(2 * x[0]))
        return measure_bits(data, scale, lambda values: stdtr(np.exp(x[2]), values), expit(x[1]))

    start = [float(np.log(20 * ERRORS)), -7.0]
    return {
        "Gauss": (start, fixed(ndtr)),
        "Laplace": (start, fixed(laplace)),
        "Student's t": ([*start, 0.7], student),
        "Student's t, adaptive": ([float(np.log(ERRORS)), -7.0, 1.8, 2.0, 4.0, -0.7, -1.5], adaptive),
    }


def cut(recordings: list[NDArray[np.int64]], samples: int) -> list[NDArray[np.int64]]:
    """Some recordings, evenly out of all, that have about so many samples together."""
    step = max(1, sum(map(len, recordings)) // samples)
    return recordings[::step]


def judge(
    trained: list[NDArray[np.int64]], held: list[NDArray[np.int64]], weigh: Callable[[NDArray[np.int64]], Reals]
) -> Iterator[tuple[str, float]]:
    """The bits that held-out recordings cost under each distribution, its numbers fitted to the training part."""
    fitted, judged = predict_all(cut(trained, FITTED), weigh), predict_all(held, weigh)
    for name, (start, bits) in list_distributions().items():
        options = {"maxfev": 120 * len(start), "xatol": 1e-2, "fatol": 1e-4}
        found = minimize(partial(bits, fitted), start, method="Nelder-Mead", options=options)
        yield name, bits(judged, found.x)


def train_network(out: Path, extra: list[str], seed: int) -> tuple[float, float]:
    """Train in a process of its own: the test part's bits per sample, and the seconds that all of it took."""
    command = [sys.executable, "-m", "striate", "train", "auto", "fsdd", "--task", "continue", "--out", str(out)]
    began = time.monotonic()
    subprocess.run([*command, "--seed", str(seed), *extra], check=True, stdout=subprocess.DEVNULL)
    return json.loads((out / "result.json").read_text("utf-8"))["merit"], time.monotonic() - began


def check_continuations(run: striate.Run, held: list[NDArray[np.int64]]) -> tuple[int, bool]:
    """Continue a few held-out recordings at several temperatures; how many samples, and whether all are in range."""
    samples, sound = 0, True
    for temperature in (0.0, 0.7, 1.0, 1.5):
        start = held[len(held) // 2][:1000].astype(np.uint8)
        values = striate.generate(run, start, seconds=0.5, temperature=temperature, count=4).values
        samples += values.size
        sound &= bool(np.isfinite(values).all() and np.abs(values).max() <= 1)
    return samples, sound


def _alike(weights: Reals, levels: NDArray[np.int64]) -> Reals:
    """The same weights whatever the recording."""
    return weights


def main() -> int:
    """Train, fit the predictors, print a table; 1 where the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=None, help="another length than auto's")
    parser.add_argument("--run", type=Path, default=None, help="a finished run, in place of training one")
    parser.add_argument("--predictors-only", action="store_true", help="no network; the look-back is 527")
    chosen = parser.parse_args()
    dataset = load_dataset("fsdd", task="continue")
    assert dataset.test is not None
    trained, held = read_recordings(dataset.train.inputs), read_recordings(dataset.test.inputs)
    print(f"{len(trained):,} recordings to train on, {len(held):,} held out ({sum(map(len, held)):,} samples)")
    network, back, sound = np.inf, 527, True
    if not chosen.predictors_only:
        with tempfile.TemporaryDirectory() as folder:
            out = chosen.run or Path(folder) / "run"
            length = [] if chosen.epochs is None else ["--epochs", str(chosen.epochs)]
            if chosen.run is None:
                _, seconds = train_network(out, length, chosen.seed)
                print(f"trained in {seconds:.0f} s")
            run = striate.load(out)
            assert run.result is not None
            network, field = run.result.merit, striate.measure(run.module, input=run.input).rows[-1].field
            back = run.input[-1] if field is None else field.size[0]
            print(f"{network:7.4f} bits  the network, which sees {back} samples", flush=True)
            samples, sound = check_continuations(run, held)
            print(f"{samples:,} samples written on: {'all' if sound else 'not all'} finite and in range", flush=True)
    best = np.inf
    for order in (*ORDERS, back):
        for name, bits in judge(trained, held, partial(_alike, fit_weights(trained, order))):
            print(f"{bits:7.4f} bits  linear prediction from {order} samples, {name}", flush=True)
            best = min(best, bits)
    for name, bits in judge(cut(trained, FITTED), held, lambda levels: fit_weights([levels], OWN_ORDER)):
        print(f"{bits:7.4f} bits  (each recording's own prediction from {OWN_ORDER} samples, {name})", flush=True)
    missed = not (network < best and sound)
    print(f"target: fewer bits than the best predictor's {best:.4f}: {'missed' if missed else 'met'}")
    return int(missed)


if __name__ == "__main__":
    raise SystemExit(main())
