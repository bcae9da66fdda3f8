"""How long the loss surface of a small CNN takes: 21 x 21 cells of lenet5 over MNIST's test samples.

Claim: under five minutes on two cores, over 1,000 samples or more; the middle is the network's own loss. Without the
data set's files (`$STRIATE_DATA`) samples are drawn, which takes as long; and so does a network that isn't trained.

    python benchmarks/explain_surface.py [--samples 10000] [--cells 21] [--net lenet5]
"""

from __future__ import annotations

import argparse
import json
import time

import torch
import torch.nn.functional as F
from torch import Tensor

import striate
from striate.data.load import load_dataset
from striate.errors import InputError
from striate.explain.look import Look
from striate.explain.surface.landscape import compute_surface

INPUT = (1, 28, 28)


def read_samples(count: int) -> tuple[Tensor, Tensor]:
    """MNIST's test samples, from 0 to 1; drawn ones where it isn't here."""
    try:
        part = load_dataset("mnist").test
    except InputError:
        part = None
    if part is None:
        generator = torch.Generator().manual_seed(0)
        return torch.rand(count, *INPUT, generator=generator), torch.arange(count) % 10
    inputs = torch.as_tensor(part.inputs[:count]).reshape(-1, *INPUT).float() / 255
    return inputs, torch.as_tensor(part.labels[:count]).long()


def main() -> None:
    """Time one surface, and hold its middle against the loss."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--net", default="lenet5")
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--cells", type=int, default=21)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    torch.manual_seed(0)
    module = striate.build(asked.net, input=INPUT, classes=10).eval()
    inputs, labels = read_samples(asked.samples)
    options = {"cells": asked.cells, "samples": asked.samples}
    look = Look(module, INPUT, asked.net, fetch=lambda count: (inputs[:count], labels[:count]), options=options)
    start = time.perf_counter()
    surface = compute_surface(look)
    seconds = time.perf_counter() - start
    with torch.no_grad():
        true = float(F.cross_entropy(module(inputs).double(), labels))
    figures = {
        "net": asked.net,
        "cells": asked.cells**2,
        "samples": len(inputs),
        "threads": asked.threads,
        "seconds": round(seconds, 1),
        "middle": surface.centres[0],
        "loss": true,
        "within_five_minutes": seconds < 300,
    }
    print(json.dumps(figures, indent=2))
    if abs(surface.centres[0] - true) > 1e-6:
        raise SystemExit("the middle is not the network's loss")


if __name__ == "__main__":
    main()
