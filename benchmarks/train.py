"""Accuracy and time of whole training commands, mean over seeds.

Claim: on 2 cores, `auto` reaches 98.5 % on digits in under a minute of training, 99.4 % on MNIST and 93 % on
Fashion-MNIST within ten minutes; `lenet5` 99.0 % and `mlp` 95 % on MNIST. Each figure is the test accuracy that the
command itself prints; seconds are those of the whole process, decoding, probing and report included.

    python benchmarks/train.py                         # every row
    python benchmarks/train.py "auto digits" --seeds 1
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

# The networks, the data, and the accuracy that is claimed (None: stated, not claimed).
ROWS: dict[str, float | None] = {
    "auto digits": 0.985,
    "mlp mnist": 0.95,
    "lenet5 mnist": 0.99,
    "auto mnist": 0.994,
    "auto fashion-mnist": 0.93,
    "cs231n cifar10": None,
}


def train_once(row: str, seed: int, folder: Path) -> dict[str, Any]:
    """Run one command in a process of its own; return what it printed, and its seconds."""
    net, data = row.split()
    out = folder / f"{net}-{data}-{seed}"
    command = [sys.executable, "-m", "striate", "train", net, data, "--seed", str(seed), "--out", str(out), "--json"]
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{' '.join(command[2:])}: {done.stderr.strip().splitlines()[-1]}")
    history = [json.loads(line) for line in (out / "history.jsonl").read_text().splitlines()]
    settings = json.loads((out / "settings.json").read_text())
    about = {"seconds": seconds, "training": history[-1]["seconds"], "engine": settings["engine"]["precision"]}
    return {**json.loads(done.stdout), **about}


def main() -> None:
    """Print a table, a row a command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="'NET DATA'", help="the rows to run (left out: all)")
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds, from 0")
    wanted = parser.parse_args()
    print("| command | test accuracy, mean | each seed | claimed | training, s | whole process, s | precision |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for row in wanted.rows or ROWS:
            results = [train_once(row, seed, Path(folder)) for seed in range(wanted.seeds)]
            print(write_row(row, results), flush=True)


def write_row(row: str, results: list[dict[str, Any]]) -> str:
    """One line of the table."""
    accuracies = [result["accuracy"] for result in results]
    claim = ROWS.get(row)
    cells = [
        f"`striate train {row}`",
        f"{100 * statistics.mean(accuracies):.2f} %",
        ", ".join(f"{100 * accuracy:.2f}" for accuracy in accuracies),
        "none" if claim is None else f"{100 * claim:.1f} %",
        ", ".join(f"{result['training']:.0f}" for result in results),
        ", ".join(f"{result['seconds']:.0f}" for result in results),
        ", ".join(sorted({result["engine"] for result in results})),
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
