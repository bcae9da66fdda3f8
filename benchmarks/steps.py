"""Images/s of training: Striate's loop against a plain PyTorch loop, and against the best that a hand can tune.

Claim, on a CPU with bf16 units: at least 3x the plain loop for resnet18 at 224, 4x for resnet18 with a 3x3 stem and no
first pool at 32x32, and 0.95x the hand-tuned loop in both.

plain: eager fp32, a DataLoader over single samples, SGD with momentum, the loss read at each step. hand-tuned: bf16
autocast, channels_last, the allocator told to keep large blocks, batches gathered as bytes and normalised in one go,
the loss not read. striate: `fit` with the engine that its probe finds, augmentation off, each step's loss watched as
always. Random images; each contestant is a process of its own (the allocator's setting holds for a process), and they
take turns; the first steps don't count. Figures are medians over the rounds with their range, and the ratio is ours
over theirs, round by round.

convolutions: the network's convolutions alone, forward and backward in bf16 channels_last, each on tensors of its own
that are there already: no loop that uses torch's kernels for them is faster, so it bounds what can be claimed here.

    python benchmarks/steps.py                                        # the claim
    python benchmarks/steps.py --rows cifar --rounds 1 --seconds 3    # a quick look
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

import striate
from striate.engine import Pins, keep_large_blocks, tune
from striate.train import Progress, Recipe
from striate.train.loop import fit

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
STEM = """
def block(n) = add[conv3-n, bn, relu, conv3-n, bn | ], relu
def down(n) = add[conv3-n/2, bn, relu, conv3-n, bn | conv1-n/2, bn], relu
conv3-64, bn, relu
block(64)*2
down(128), block(128)
down(256), block(256)
down(512), block(512)
gap, flatten, fc-classes
"""


@dataclass(frozen=True)
class Row:
    """A network, the side of its images, the batch, and what is claimed against the plain loop."""

    net: str
    side: int
    batch: int
    claim: float


ROWS = {"imagenet": Row("resnet18", 224, 32, 3.0), "cifar": Row(STEM, 32, 128, 4.0)}
CONTESTANTS = ("striate", "plain", "hand-tuned", "convolutions")


class TimeUpError(Exception):
    """The time is up."""


class Clock:
    """Counts the steps after the first few, for so many seconds."""

    def __init__(self, seconds: float, batch: int, skipped: int = 3) -> None:
        self.seconds, self.batch, self.skipped = seconds, batch, skipped
        self.steps, self.start = 0, 0.0

    def tick(self) -> None:
        now = time.perf_counter()
        self.steps += 1
        if self.steps == self.skipped:
            self.start = now
        elif self.steps > self.skipped + 1 and now - self.start >= self.seconds:
            self.rate = (self.steps - self.skipped) * self.batch / (now - self.start)
            raise TimeUpError


class Images(Dataset[tuple[Tensor, int]]):
    """Samples one by one, as a DataLoader takes them."""

    def __init__(self, inputs: Tensor, labels: Tensor) -> None:
        self.inputs, self.labels = inputs, labels
        self.mean, self.std = (torch.tensor(values).view(3, 1, 1) for values in (MEAN, STD))

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, place: int) -> tuple[Tensor, int]:
        return (self.inputs[place].float() / 255 - self.mean) / self.std, int(self.labels[place])


def train_plainly(row: Row, module: nn.Module, inputs: Tensor, labels: Tensor, clock: Clock) -> None:
    loader = DataLoader(Images(inputs, labels), batch_size=row.batch, shuffle=True, drop_last=True)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)
    module.train()
    while True:
        for batch, classes in loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(module(batch), classes)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            loss.item()
            clock.tick()


def train_tuned(row: Row, module: nn.Module, inputs: Tensor, labels: Tensor, clock: Clock) -> None:
    keep_large_blocks()
    module.to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    optimizer = torch.optim.SGD(module.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=5e-4)
    mean, std = (255 * torch.tensor(values).view(3, 1, 1) for values in (MEAN, STD))
    for chosen in draw(len(labels), row.batch):
        batch = inputs[chosen].float().sub_(mean).div_(std).to(memory_format=torch.channels_last)
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            outputs = module(batch)
        F.cross_entropy(outputs.float(), labels[chosen]).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        clock.tick()


def draw(count: int, batch: int) -> Iterator[Tensor]:
    while True:
        yield from torch.split(torch.randperm(count)[: count // batch * batch], batch)


def train_striate(row: Row, module: nn.Module, inputs: Tensor, labels: Tensor, clock: Clock) -> dict[str, Any]:
    keep_large_blocks()
    recipe = Recipe(epochs=1, steps=100_000, batch=row.batch, lr=0.05, mean=MEAN, std=STD)
    tuned = tune(module, inputs[: row.batch].float() / 255, Pins(), device="cpu", recall=False)

    def tick(progress: Progress) -> None:
        clock.tick()

    with suppress(TimeUpError):
        fit(module, inputs.numpy(), labels.numpy(), recipe, tuned.engine, on_progress=tick, progress_seconds=0.0)
    return {"engine": tuned.line}


def repeat_convolutions(row: Row, module: nn.Module, inputs: Tensor, labels: Tensor, clock: Clock) -> None:
    keep_large_blocks()
    asks = [make_convolution(layer, shape) for layer, shape in find_convolutions(module, inputs[: row.batch])]
    while True:
        for ask in asks:
            ask()
        clock.tick()


def find_convolutions(module: nn.Module, inputs: Tensor) -> list[tuple[nn.Conv2d, torch.Size]]:
    """The convolutions that a pass does, in its order, with the shapes of their inputs."""
    found: list[tuple[nn.Conv2d, torch.Size]] = []

    def note(layer: nn.Conv2d, given: tuple[Tensor, ...], output: Tensor) -> None:
        found.append((layer, given[0].shape))

    for part in module.modules():
        if isinstance(part, nn.Conv2d):
            part.register_forward_hook(note)
    with torch.no_grad():
        module(inputs.float())
    return found


def make_convolution(layer: nn.Conv2d, shape: torch.Size) -> Callable[[], None]:
    """One convolution forward and backward, without the gradient of what is no map but an image."""
    nearby = {"dtype": torch.bfloat16, "memory_format": torch.channels_last}
    given, weight = torch.randn(shape).to(**nearby), layer.weight.detach().to(**nearby)  # type: ignore[call-overload]
    stride, padding, dilation = [*layer.stride], [*layer.padding], [*layer.dilation]
    gradient = torch.randn_like(F.conv2d(given, weight, None, stride, padding, dilation))
    asked = [shape[1] > 3, True, False]

    def ask() -> None:
        F.conv2d(given, weight, None, stride, padding, dilation)
        torch.ops.aten.convolution_backward(
            gradient, given, weight, None, stride, padding, dilation, False, [0, 0], 1, asked
        )

    return ask


LOOPS: dict[str, Callable[[Row, nn.Module, Tensor, Tensor, Clock], dict[str, Any] | None]] = {
    "striate": train_striate,
    "plain": train_plainly,
    "hand-tuned": train_tuned,
    "convolutions": repeat_convolutions,
}


def run_child(name: str, row: Row, seconds: float) -> None:
    """One contestant, alone in its process; prints its images/s."""
    torch.manual_seed(0)
    generator = np.random.default_rng(0)
    count = 16 * row.batch
    inputs = torch.from_numpy(generator.integers(0, 256, (count, 3, row.side, row.side), dtype=np.uint8))
    labels = torch.from_numpy(generator.integers(0, 10, count))
    module = striate.build(row.net, input=(3, row.side, row.side), classes=10)
    clock, about = Clock(seconds, row.batch), None
    with suppress(TimeUpError):
        about = LOOPS[name](row, module, inputs, labels, clock)
    print(json.dumps({"rate": clock.rate, **(about or {})}))


def ask_child(name: str, row: str, seconds: float) -> dict[str, Any]:
    command = [sys.executable, __file__, "--child", name, "--rows", row, "--seconds", str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name}: {done.stderr.strip().splitlines()[-1]}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def main() -> None:
    """Print a table, a row a network and contestant."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", nargs="+", choices=ROWS, default=list(ROWS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=20.0, help="of steps, for each contestant and round")
    parser.add_argument("--child", choices=CONTESTANTS, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.child:
        run_child(wanted.child, ROWS[wanted.rows[0]], wanted.seconds)
        return
    print("| network | contestant | images/s | striate is so many times as fast | claimed |")
    print("| --- | --- | --- | --- | --- |")
    for name in wanted.rows:
        rates: dict[str, list[float]] = {each: [] for each in CONTESTANTS}
        engine = ""
        for _ in range(wanted.rounds):
            for each in CONTESTANTS:
                answer = ask_child(each, name, wanted.seconds)
                rates[each].append(answer["rate"])
                engine = answer.get("engine", engine)
        told_of = {
            "striate": engine,
            "plain": f">= {ROWS[name].claim:g}",
            "hand-tuned": ">= 0.95",
            "convolutions": "none: a bound",
        }
        for each in CONTESTANTS:
            ratios = [ours / theirs for ours, theirs in zip(rates["striate"], rates[each], strict=True)]
            told = f"{write_range(rates[each], 1)} | {write_range(ratios, 2)} | {told_of[each]}"
            print(f"| {name} | {each} | {told} |", flush=True)


def write_range(values: list[float], digits: int) -> str:
    middle, low, high = statistics.median(values), min(values), max(values)
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


if __name__ == "__main__":
    main()
