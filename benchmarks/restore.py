"""Restoring against classical filters, on the same damaged samples of the official test parts.

    python benchmarks/restore.py mnist --minutes 3.5
    python benchmarks/restore.py fsdd --minutes 3.5

`mnist` has Gaussian noise of sigma 0.5, `fsdd` (spoken digits) white noise at 0 dB. The run is
`striate train auto DATA --corrupt HOW --minutes M` as a user types it. The filters are given what they need to know of
the noise (its true power), and the best of their parameters by damaged training samples. Pictures: non-local means,
wavelets and total variation (scikit-image, where it is installed) and Wiener's filter (scipy); sound: Wiener's filter
(scipy), spectral subtraction, and the spectral Wiener filter with a decision-directed signal-to-noise ratio. Ends with
1 unless the run is ahead of the best of them, with its 95 % interval. Needs $STRIATE_DATA.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.signal import istft, stft, wiener

import striate
from striate.data import Part, load_dataset
from striate.train.batches import read_samples
from striate.train.inference import compute_kept
from striate.train.tasks.restore import Restore
from striate.verbs import Run

Floats = NDArray[np.float64]
Filter = Callable[..., Floats]
DAMAGE = {"mnist": "noise=0.5", "fsdd": "snr=0"}
TUNED_ON = 100
SIGMA = 0.5


def filter_nlm(noisy: Floats, h: float, patch: int, distance: int) -> Floats:
    """Buades, Coll and Morel 2005."""
    from skimage.restoration import denoise_nl_means

    found: Floats = denoise_nl_means(
        noisy[0], patch_size=patch, patch_distance=distance, h=h * SIGMA, sigma=SIGMA, fast_mode=False
    )
    return found[None]


def filter_wavelets(noisy: Floats, wavelet: str, method: str, spins: int) -> Floats:
    """Donoho and Johnstone 1994, Chang, Yu and Vetterli 2000; averaged over shifts."""
    from skimage.restoration import cycle_spin, denoise_wavelet

    named = {"sigma": SIGMA, "wavelet": wavelet, "method": method, "rescale_sigma": True}
    found: Floats = cycle_spin(noisy[0], denoise_wavelet, max_shifts=spins, func_kw=named)
    return found[None]


def filter_variation(noisy: Floats, weight: float) -> Floats:
    """Chambolle 2004."""
    from skimage.restoration import denoise_tv_chambolle

    found: Floats = denoise_tv_chambolle(noisy[0], weight=weight)
    return found[None]


def filter_wiener(noisy: Floats, size: int, sound: bool) -> Floats:
    """Wiener's filter with the mean and variance of a neighbourhood (Lim 1990)."""
    power = find_noise(noisy) if sound else SIGMA**2
    found: Floats = np.nan_to_num(wiener(noisy[0], size, power))
    return found[None]


def filter_subtraction(noisy: Floats, window: int, over: float, floor: float) -> Floats:
    """Spectral subtraction (Berouti, Schwartz and Makhoul 1979)."""
    spectrum, noise = transform(noisy, window)
    power = np.abs(spectrum) ** 2
    gain = np.sqrt(np.maximum(1 - over * noise / np.maximum(power, 1e-12), floor))
    return invert(spectrum * gain, window, noisy.shape[1])


def filter_directed(noisy: Floats, window: int, memory: float, over: float, floor: float) -> Floats:
    """The spectral Wiener filter with a decision-directed signal-to-noise ratio (Ephraim and Malah 1984)."""
    spectrum, noise = transform(noisy, window)
    after = np.abs(spectrum) ** 2 / (over * noise)
    gains, before = np.empty(after.shape), np.zeros(len(after))
    for moment in range(after.shape[1]):
        prior = memory * before + (1 - memory) * np.maximum(after[:, moment] - 1, 0)
        gain = np.maximum(prior / (1 + prior), floor)
        gains[:, moment], before = gain, gain**2 * after[:, moment]
    return invert(spectrum * gains, window, noisy.shape[1])


def transform(noisy: Floats, window: int) -> tuple[NDArray[np.complex128], float]:
    """The spectrum of each moment, and the noise's mean power in one of its cells."""
    spectrum = stft(noisy[0], nperseg=window, noverlap=window * 3 // 4, boundary="zeros")[2]
    hann = np.hanning(window + 1)[:-1]
    return spectrum, find_noise(noisy) * float((hann**2).sum() / hann.sum() ** 2)


def invert(spectrum: NDArray[np.complex128], window: int, length: int) -> Floats:
    """The sound again, of its own length."""
    found: Floats = istft(spectrum, nperseg=window, noverlap=window * 3 // 4)[1][None, :length]
    return np.pad(found, ((0, 0), (0, length - found.shape[1])))


def find_noise(noisy: Floats) -> float:
    """The power of the noise, which at 0 dB is half of all."""
    return float((noisy**2).mean() / 2)


FILTERS: dict[str, dict[str, tuple[Filter, dict[str, list[Any]]]]] = {
    "mnist": {
        "non-local means": (filter_nlm, {"h": [0.4, 0.6, 0.8, 1.0], "patch": [3, 5], "distance": [6, 13]}),
        "wavelets": (
            filter_wavelets,
            {"wavelet": ["db1", "db2", "sym4"], "method": ["BayesShrink", "VisuShrink"], "spins": [3]},
        ),
        "total variation": (filter_variation, {"weight": [0.3, 0.5, 0.7, 1.0, 1.4]}),
        "Wiener": (filter_wiener, {"size": [3, 5, 7, 9], "sound": [False]}),
    },
    "fsdd": {
        "Wiener": (filter_wiener, {"size": [3, 5, 9, 17, 33, 65], "sound": [True]}),
        "spectral subtraction": (
            filter_subtraction,
            {"window": [256, 512, 1024], "over": [2.0, 3.0, 5.0, 8.0, 12.0], "floor": [0.0, 0.01]},
        ),
        "spectral Wiener": (
            filter_directed,
            {"window": [256, 512, 1024], "memory": [0.8, 0.9, 0.96], "over": [1.0, 1.5, 2.0, 3.0], "floor": [0.0]},
        ),
    },
}


def main() -> int:
    """Train, filter, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", choices=sorted(DAMAGE))
    parser.add_argument("--minutes", type=float, default=3.5, help="of training")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--test", type=int, default=10_000, help="judge so many samples of the test part at most")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run, seconds = train(asked.data, asked.minutes, asked.seed, Path(folder) / "run")
        dataset = load_dataset(asked.data, task="restore")
        assert dataset.test is not None
        test = cut(dataset.test, asked.test)
        own = judge_run(run, test)
        unit = f"{run.task.merit.name}, {run.task.merit.unit}"
        print(f"{asked.data}, {DAMAGE[asked.data]}, {len(test):,} test samples, trained for {seconds:.0f} s; {unit}")
        print(f"{'':<22}{'restored':>9}{'gain':>8}  95 % of the restored")
        show("damaged", own[:, 2], own[:, 2])
        lowest = show("striate", own[:, 1], own[:, 2])
        best = max(list_rivals(run, asked.data, dataset.train, test))
    ahead = lowest - best
    print(f"ahead of the best filter by at least {ahead:.2f} dB: {'passed' if ahead > 0 else 'FAILED'}")
    return 0 if ahead > 0 else 1


def train(data: str, minutes: float, seed: int, out: Path) -> tuple[Run, float]:
    """Train in a process of its own; the run, and the seconds that all of it took."""
    options = ["--corrupt", DAMAGE[data], "--minutes", str(minutes), "--seed", str(seed), "--out", str(out)]
    began = time.monotonic()
    command = [sys.executable, "-m", "striate", "train", "auto", data, *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return striate.load(out), time.monotonic() - began


def cut(part: Part, most: int) -> Part:
    """The first samples of a part."""
    return Part(part.inputs[:most], part.labels[:most], part.names[:most])


def judge_run(run: Run, part: Part) -> NDArray[np.float32]:
    """Of each sample the loss, the merit restored and the merit damaged."""
    samples = read_samples(part.inputs, part.labels, run.recipe, "test", run.task)
    return compute_kept(run.module, samples, run.recipe, run.engine, task=run.task)


def list_rivals(run: Run, data: str, train_part: Part, test: Part) -> Iterator[float]:
    """Tune each filter on damaged training samples, show its figures on the test part; give its mean."""
    task = run.task
    assert isinstance(task, Restore)
    some = spoil(run, cut(train_part, TUNED_ON))
    noisy, clean = spoil(run, test)
    damaged = task.measure(noisy, clean).numpy()
    for name, (work, grid) in FILTERS[data].items():
        try:
            choices = [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]
            means = [float(np.nanmean(apply(task, work, *some, choice))) for choice in choices]
            chosen = choices[int(np.argmax(means))]
            found = apply(task, work, noisy, clean, chosen)
        except ImportError as problem:
            print(f"{name:<22}not installed ({problem.name})")
            continue
        said = ", ".join(f"{key} {value}" for key, value in chosen.items() if key != "sound")
        show(name, found, damaged, said)
        yield float(np.nanmean(found))


def spoil(run: Run, part: Part) -> tuple[torch.Tensor, torch.Tensor]:
    """The very damaged samples that the run is judged by, and the clean ones."""
    task, rows = run.task, torch.arange(len(part))
    return task.hold_out(torch.from_numpy(np.array(part.inputs)), torch.from_numpy(part.labels), rows, run.recipe)


def apply(
    task: Restore, work: Filter, noisy: torch.Tensor, clean: torch.Tensor, chosen: Mapping[str, Any]
) -> NDArray[np.float32]:
    """The merit of each sample after a filter."""
    filtered = np.stack([work(each, **chosen) for each in noisy.double().numpy()]).astype(np.float32)
    found: NDArray[np.float32] = task.measure(torch.from_numpy(filtered), clean).numpy()
    return found


def show(name: str, merits: NDArray[np.float32], damaged: NDArray[np.float32], said: str = "") -> float:
    """Print a line; give the lower end of the 95 % interval of the mean (the normal law's)."""
    known = ~np.isnan(merits)
    values, before = merits[known].astype(np.float64), damaged[known].astype(np.float64)
    half = 1.96 * values.std() / np.sqrt(len(values))
    mean, gain = values.mean(), (values - before).mean()
    print(f"{name:<22}{mean:>9.2f}{gain:>+8.2f}  {mean - half:.2f} to {mean + half:.2f}  {said}", flush=True)
    return float(mean - half)


if __name__ == "__main__":
    sys.exit(main())
