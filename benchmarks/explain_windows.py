"""What occlusion costs beside the forwards that it can't do without: 784 windows of one input, in batches of 32.

Claim: resnet18 at 224: at most 1.1x the 24.5 bare forwards of such batches (24 of 32 and one of 16).

Both take turns in one process, on the same threads, in rounds; the ratio is of one round's times, and what is printed
are medians with quartiles. The bare forwards are the network's on random inputs, without gradients, and nothing else.

    python benchmarks/explain_windows.py                                 # the claim
    python benchmarks/explain_windows.py --rounds 3 --side 112           # a quick look
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

import striate
from striate.explain.methods.occlusion import occlude
from striate.explain.question import Question


def hide(module: nn.Module, inputs: Tensor, window: int, rows: int) -> None:
    """All windows of this size, side by side."""
    target = torch.zeros(len(inputs), dtype=torch.int64)
    occlude(Question(module, inputs, target, rows=rows), [window, window], [window, window])


def run_bare(module: nn.Module, inputs: Tensor, windows: int, rows: int) -> None:
    """As many inputs as there are windows, in the same batches."""
    batch = torch.randn(rows, *inputs.shape[1:])
    with torch.no_grad():
        for start in range(0, windows, rows):
            module(batch[: windows - start])


def take_turns(asks: dict[str, Callable[[], None]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each, round by round; the first one warms up and doesn't count."""
    seconds: dict[str, list[float]] = {name: [] for name in asks}
    for number in range(rounds + 1):
        for name, ask in asks.items():
            start = time.perf_counter()
            ask()
            if number:
                seconds[name].append(time.perf_counter() - start)
    return seconds


def write_spread(values: list[float], digits: int) -> str:
    low, middle, high = statistics.quantiles(values, n=4)
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def main() -> None:
    """Print a table, a row a contestant, and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--net", default="resnet18")
    parser.add_argument("--side", type=int, default=224)
    parser.add_argument("--window", type=int, default=8)
    parser.add_argument("--rows", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=9)
    wanted = parser.parse_args()
    module = striate.build(striate.read(wanted.net), input=(3, wanted.side, wanted.side), classes=1000).eval()
    inputs = torch.randn(1, 3, wanted.side, wanted.side, generator=torch.Generator().manual_seed(0))
    windows = (-(-wanted.side // wanted.window)) ** 2
    asks: dict[str, Callable[[], None]] = {
        "bare forwards": lambda: run_bare(module, inputs, windows, wanted.rows),
        "occlusion": lambda: hide(module, inputs, wanted.window, wanted.rows),
    }
    threads = torch.get_num_threads()
    print(f"{wanted.net} at {wanted.side}, {windows} windows, batches of {wanted.rows}, {threads} threads\n")
    seconds = take_turns(asks, wanted.rounds)
    print("| | seconds |\n| --- | --- |")
    for name, values in seconds.items():
        print(f"| {name} | {write_spread(values, 2)} |")
    ratios = [ours / bare for ours, bare in zip(seconds["occlusion"], seconds["bare forwards"], strict=True)]
    print(f"\nocclusion takes {write_spread(ratios, 3)} times as long")


if __name__ == "__main__":
    main()
