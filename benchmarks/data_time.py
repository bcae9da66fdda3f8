"""What a training step spends on its data: gathering, augmenting and normalising a batch, against the step itself.

Claim: below 5 % of a step, for each network and input below with the augmentation that its recipe has.

    python benchmarks/data_time.py                  # every row
    python benchmarks/data_time.py "quick 1x28x28" --seconds 2 --threads 1
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from striate.engine import Engine, keep_large_blocks, use_threads
from striate.nets import parse
from striate.nets.build import make_module
from striate.train import Augment, Recipe
from striate.train.batches import Samples, iterate_batches, read_samples
from striate.train.learner import Learner

QUICK = (
    "def layer(n) = conv3-n pad=valid, bn, relu\n"
    "conv6-32/2 pad=valid, bn, relu, layer(64), maxpool2, layer(128), gmp, flatten, fc-classes"
)
AIRBENCH = (
    "def group(n) = conv3-n, maxpool2, bn, gelu, conv3-n, bn, gelu\nconv2-24 pad=valid, gelu\n"
    "group(64), group(256), group(256)\nmaxpool3, flatten, fc-classes bias=no"
)
BLOCKS = (
    "def block(n) = add[conv3-n, bn, relu, conv3-n, bn | ], relu\n"
    "conv7-64/2, bn, relu, maxpool3/2 pad=1, block(64)*2, conv3-128/2, bn, relu, block(128), gap, flatten, fc-classes"
)
SOUND = "conv9-32/4, bn, relu, conv9-64/4, bn, relu, conv9-128/4, bn, relu, gap, flatten, fc-classes"


@dataclass(frozen=True)
class Row:
    """A network, its input, batch and augmentation."""

    text: str
    shape: tuple[int, ...]
    batch: int
    augment: Augment


COLOURS = Augment(shift=2, flip=True, cutout=8, brightness=0.1, contrast=0.1, saturation=0.1)
ROWS = {
    "quick 1x28x28": Row(QUICK, (1, 28, 28), 256, Augment()),
    "quick 1x28x28, shifted": Row(QUICK, (1, 28, 28), 256, Augment(shift=2)),
    "airbench 3x32x32": Row(AIRBENCH, (3, 32, 32), 1024, Augment(shift=2, flip=True, alternate=True)),
    "airbench 3x32x32, all": Row(AIRBENCH, (3, 32, 32), 1024, COLOURS),
    "airbench 3x32x32, mixed": Row(AIRBENCH, (3, 32, 32), 1024, Augment(shift=2, flip=True, mixup=0.2, cutmix=1.0)),
    "blocks 3x224x224": Row(BLOCKS, (3, 224, 224), 32, Augment(shift=9, flip=True)),
    "sound 1x8000": Row(SOUND, (1, 8000), 64, Augment(shift=800, gain=6, noise=0.05)),
}


def measure_row(row: Row, engine: Engine, seconds: float) -> tuple[float, float]:
    """Median seconds of a batch's data, and of the whole step, in turns."""
    channels = row.shape[0]
    recipe = Recipe(epochs=1, batch=row.batch, mean=(0.5,) * channels, std=(0.25,) * channels, augment=row.augment)
    samples = draw_samples(row, 3 * row.batch, recipe)
    learner = Learner(make_module(parse(row.text), row.shape, 10), recipe, engine)
    data: list[float] = []
    steps: list[float] = []
    batches, end = forever(samples, recipe, engine), time.perf_counter() + seconds
    while len(steps) < 4 or time.perf_counter() < end:
        start = time.perf_counter()
        batch, labels = next(batches)
        middle = time.perf_counter()
        learner.learn(batch, labels, len(steps), 0.01)
        if not engine.is_cpu:
            torch.cuda.synchronize()
        data.append(middle - start)
        steps.append(time.perf_counter() - start)
    return statistics.median(data[2:]), statistics.median(steps[2:])


def draw_samples(row: Row, count: int, recipe: Recipe) -> Samples:
    """Bytes of no meaning."""
    generator = np.random.default_rng(0)
    inputs = generator.integers(0, 256, (count, *row.shape), dtype=np.uint8)
    return read_samples(inputs, generator.integers(0, 10, count), recipe)


def forever(samples: Samples, recipe: Recipe, engine: Engine) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """The batches of one epoch after the other."""
    epoch = 0
    while True:
        yield from iterate_batches(samples, recipe, engine, epoch)
        epoch += 1


def main() -> None:
    """Print a table, a row a network."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", help="the rows to run (left out: all)")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long to measure each")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--device", default="cpu")
    wanted = parser.parse_args()
    keep_large_blocks()
    engine = Engine.from_dict(
        {
            "device": wanted.device,
            "precision": wanted.precision,
            "memory_format": "channels_last",
            "threads": wanted.threads,
        }
    )
    print(f"{engine.label}\n\n| network, input | data, ms | step, ms | share |\n| --- | --- | --- | --- |")
    with use_threads(engine), torch.random.fork_rng():
        for name in wanted.rows or ROWS:
            data, step = measure_row(ROWS[name], engine, wanted.seconds)
            print(f"| {name} | {1e3 * data:.2f} | {1e3 * step:.1f} | {100 * data / step:.1f} % |", flush=True)


if __name__ == "__main__":
    main()
