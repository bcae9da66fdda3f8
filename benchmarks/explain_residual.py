"""What a residual network's loss surface looks like beside a plain one's of the same depth, both trained on digits.

Li et al. 2018 (sec. 5) found surfaces of plain networks to turn from smooth to chaotic between 20 and 56 layers, and
those of residual ones not to. This trains both kinds at both depths and prints, for each, how well it learned and what
its surface is like: the loss in the middle, at half of the span (the median around) and at its end, and the share of
neighbouring threes along rows and columns that bend downwards, as a surface without hills and side valleys has few.

    python benchmarks/explain_residual.py --out surfaces.png
"""

from __future__ import annotations

import argparse
import time

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import striate
from striate.data.load import load_dataset
from striate.explain.look import Look
from striate.explain.surface.landscape import Surface, compute_surface

INPUT = (1, 8, 8)
BLOCKS = {
    "plain": "conv3-16, bn, relu, conv3-16, bn, relu",
    "residual": "add[conv3-16, bn, relu, conv3-16, bn | ], relu",
}


def write_net(kind: str, depth: int) -> str:
    """A network's text: one layer to begin with, blocks of two, and a linear one."""
    return f"def block() = {BLOCKS[kind]}\nconv3-16, bn, relu, block()*{(depth - 2) // 2}, gap, flatten, fc-classes"


def train(module: nn.Module, inputs: Tensor, labels: Tensor, epochs: int, rate: float) -> None:
    """Plain SGD with momentum and weight decay; the rate falls as a cosine."""
    optimizer = torch.optim.SGD(module.parameters(), rate, momentum=0.9, weight_decay=5e-4)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    module.train()
    for _ in range(epochs):
        for rows in torch.split(torch.randperm(len(inputs)), 64):
            optimizer.zero_grad()
            F.cross_entropy(module(inputs[rows]), labels[rows]).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        scheduler.step()
    module.eval()


def describe(losses: Tensor) -> str:
    """The figures of one surface [cells, cells]."""
    middle = len(losses) // 2
    axis = torch.arange(len(losses)) - middle
    far = torch.maximum(axis.abs()[:, None], axis.abs()[None])
    ring = [float(losses[far == distance].median()) for distance in (middle // 2, middle)]
    bends = torch.cat([losses.diff(n=2, dim=0).flatten(), losses.diff(n=2, dim=1).flatten()])
    least = float(losses.min())
    share = float((bends < 0).double().mean())
    return f"{float(losses[middle, middle]):.4f} | {least:.4f} | {ring[0]:.3g} | {ring[1]:.3g} | {share:.2f}"


def main() -> None:
    """Train, print a row for each network, and draw the surfaces side by side where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--depths", type=int, nargs="+", default=[20, 56])
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--rate", type=float, default=0.05)
    parser.add_argument("--cells", type=int, default=21)
    parser.add_argument("--samples", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", default=None)
    asked = parser.parse_args()
    data = load_dataset("digits")
    assert data.test is not None
    parts = [
        (torch.as_tensor(part.inputs).reshape(-1, *INPUT).float() / 255 - 0.3, torch.as_tensor(part.labels).long())
        for part in (data.train, data.test)
    ]
    (inputs, labels), (fresh, answers) = parts
    modules: dict[str, nn.Module] = {}
    print("| network | right on what it saw | on what it didn't | seconds |\n" + "| --- " * 4 + "|")
    for kind in BLOCKS:
        for depth in asked.depths:
            torch.manual_seed(asked.seed)
            module = striate.build(write_net(kind, depth), input=INPUT, classes=10)
            start = time.perf_counter()
            train(module, inputs, labels, asked.epochs, asked.rate)
            seconds = time.perf_counter() - start
            with torch.no_grad():
                right = [
                    float((module(x).argmax(1) == y).double().mean()) for x, y in ((inputs, labels), (fresh, answers))
                ]
            modules[f"{kind}, {depth} layers"] = module
            print(f"| {kind}, {depth} layers | {right[0]:.3f} | {right[1]:.3f} | {seconds:.0f} |", flush=True)
    names = list(modules)
    look = Look(
        modules[names[0]],
        INPUT,
        names[0],
        fetch=lambda count: (inputs[:count], labels[:count]),
        seed=asked.seed,
        beside={name: modules[name] for name in names[1:]},
        options={"cells": asked.cells, "samples": asked.samples},
    )
    surface: Surface = compute_surface(look)
    print("\n| network | middle | least | half way | at the end | bends down |\n" + "| --- " * 6 + "|")
    for name, losses in zip(surface.names, surface.losses, strict=True):
        print(f"| {name} | {describe(losses)} |")
    if asked.out:
        from striate.report.figures import figure

        figure(surface).savefig(asked.out)


if __name__ == "__main__":
    main()
