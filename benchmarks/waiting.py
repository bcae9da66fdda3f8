"""A training step under each way in which OpenMP's threads may wait, on an idle machine and beside one busy process.

Claim: limiting the spin costs little on an idle machine (ratio 1.06 here, with overlapping spreads), and bounds the
loss beside others: with a test suite running in bursts beside it, steps took 258 and 956 ms by default, 110 and 98 ms
with 10,000 spins; beside one steady loop, as below, there was no difference (0.99). Each figure is the median of the
steps of a process of its own; the ways take turns, so that a disturbance meets all of them.

    python benchmarks/waiting.py --rounds 3
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from collections import defaultdict

WAYS = {"torch's default": {}, "10,000 spins": {"GOMP_SPINCOUNT": "10000"}, "no spin": {"GOMP_SPINCOUNT": "0"}}

STEP = """
import time, torch, torch.nn.functional as F
import striate
from striate.auto import design_network
from striate.engine import Engine, cast, keep_large_blocks, place_batch, place_module
keep_large_blocks()
engine = Engine("cpu", "fp32", "channels_last", torch.get_num_threads())
module = place_module(striate.build(design_network(1, (28, 28)).text, classes=10), engine).train()
batch, labels = place_batch(torch.rand(128, 1, 28, 28), engine), torch.randint(0, 10, (128,))
times, end = [], time.perf_counter() + 4
while time.perf_counter() < end or len(times) < 8:
    start = time.perf_counter()
    module.zero_grad(set_to_none=True)
    with cast(engine):
        loss = F.cross_entropy(module(batch).float(), labels)
    loss.backward()
    times.append(time.perf_counter() - start)
print(sorted(times[3:])[len(times[3:]) // 2])
"""


def time_step(way: dict[str, str]) -> float:
    """Median seconds of a step in a process of its own."""
    environment = {key: value for key, value in os.environ.items() if key not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}
    done = subprocess.run(
        [sys.executable, "-c", STEP], env={**environment, **way}, capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def main() -> None:
    """Print a table: a row a way, idle and beside a busy process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    print("| threads wait | idle machine, ms | ratio | beside a busy process, ms | ratio |")
    print("| --- | --- | --- | --- | --- |")
    figures: dict[tuple[str, bool], list[float]] = defaultdict(list)
    for busy in (False, True):
        other = subprocess.Popen([sys.executable, "-c", "while True: pass"]) if busy else None
        try:
            for _ in range(rounds):
                for name, way in WAYS.items():
                    figures[name, busy].append(1000 * time_step(way))
        finally:
            if other:
                other.kill()
    for name in WAYS:
        cells = [name]
        for busy in (False, True):
            times, base = figures[name, busy], figures["torch's default", busy]
            ratio = statistics.median(times) / statistics.median(base)
            cells += [f"{statistics.median(times):.0f} ({min(times):.0f} to {max(times):.0f})", f"{ratio:.2f}"]
        print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
