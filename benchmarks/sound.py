"""Spoken digits (fsdd): the waveform, the spectrogram beside it, and one speaker held out, over several seeds.

    python benchmarks/sound.py --seeds 3

Each row is `striate train auto fsdd` as a user types it, in a process of its own, timed from start to end. The target
is 96 % on the official test part (recordings 0 to 4) on the waveform, within 10 minutes on two cores, as the mean of
the seeds. Needs $STRIATE_DATA.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import mean

TARGET, TARGET_SECONDS = 0.96, 600.0
WAYS: dict[str, list[str]] = {
    "waveform": [],
    "spectrogram": ["--view", "spectrogram"],
    "waveform, theo held out": ["--hold-out", "theo"],
    "spectrogram, theo held out": ["--view", "spectrogram", "--hold-out", "theo"],
}


def train_once(extra: list[str], seed: int, epochs: int | None) -> tuple[float, float]:
    """Train in a process of its own; give the accuracy on the test part and the seconds that it took."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        length = [] if epochs is None else ["--epochs", str(epochs)]
        command = [sys.executable, "-m", "striate", "train", "auto", "fsdd", "--out", str(out), "--seed", str(seed)]
        began = time.monotonic()
        subprocess.run([*command, *extra, *length], check=True, stdout=subprocess.DEVNULL)
        seconds = time.monotonic() - began
        return float(json.loads((out / "result.json").read_text("utf-8"))["accuracy"]), seconds


def main() -> int:
    """Run all ways and print a table; 1 where the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=None, help="another length than auto's")
    parser.add_argument("--only", choices=list(WAYS), default=None)
    chosen = parser.parse_args()
    missed = False
    for way in [chosen.only] if chosen.only else WAYS:
        found = [train_once(WAYS[way], seed, chosen.epochs) for seed in range(chosen.seeds)]
        accuracy, seconds = mean(pair[0] for pair in found), [pair[1] for pair in found]
        each = " ".join(f"{100 * pair[0]:.2f}" for pair in found)
        print(f"{way:<28} {100 * accuracy:.2f} % (mean; {each})  {mean(seconds):.0f} s (longest {max(seconds):.0f})")
        if way == "waveform":
            missed = accuracy < TARGET or max(seconds) > TARGET_SECONDS
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
