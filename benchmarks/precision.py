"""Whether training in bf16 costs accuracy: the same runs in fp32 and in bf16, seed by seed.

Claim: the mean test accuracies differ by less than their standard error allows (two of it), on digits with a small
network of convolutions and batch norms. Weights, sums and losses are fp32 either way; only products are bf16. On a
processor without bf16 units torch emulates it: slowly, with the same numbers.

    python benchmarks/precision.py                # 5 seeds of digits, about a minute
    python benchmarks/precision.py --seeds 3 --data mnist --epochs 1
"""

from __future__ import annotations

import argparse
import math
import statistics
import tempfile
from pathlib import Path

import striate
from striate.engine import Engine

NET = "conv3-32, bn, relu, conv3-64, bn, relu, maxpool2, conv3-64, bn, relu, gap, flatten, fc-classes"
PRECISIONS = ("fp32", "bf16")


def train(data: str, seed: int, epochs: int, precision: str) -> float:
    """The test accuracy of a run."""
    engine = Engine("cpu", precision, "channels_last")  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as place:
        run = striate.train(NET, data, out=Path(place) / "run", seed=seed, epochs=epochs, engine=engine)
    assert run.result is not None
    return 100 * run.result.accuracy


def main() -> int:
    """Print each seed, the means, and their difference with its standard error; 1 where it is beyond two of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="digits")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=12)
    wanted = parser.parse_args()
    pairs = []
    for seed in range(wanted.seeds):
        pairs.append([train(wanted.data, seed, wanted.epochs, precision) for precision in PRECISIONS])
        print(f"seed {seed}: fp32 {pairs[-1][0]:.2f} %, bf16 {pairs[-1][1]:.2f} %", flush=True)
    differences = [bf16 - fp32 for fp32, bf16 in pairs]
    error = statistics.stdev(differences) / math.sqrt(len(differences)) if len(differences) > 1 else math.inf
    means = [statistics.mean(each) for each in zip(*pairs, strict=True)]
    found = statistics.mean(differences)
    print(f"mean: fp32 {means[0]:.2f} %, bf16 {means[1]:.2f} %; difference {found:+.2f} (standard error {error:.2f})")
    return int(abs(found) > 2 * error)


if __name__ == "__main__":
    raise SystemExit(main())
