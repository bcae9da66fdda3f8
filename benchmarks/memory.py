"""How near predicted memory comes to the memory used: 12 networks x 2 batches x (a pass, a step of two optimisers).

Claim: the predicted peak of allocated bytes lies within 2 % of what torch's profiler saw allocated, for each of the 72.
Seen are the bytes alive at the start (parameters, buffers, optimiser's state, input, target), which are known, and on
top of them the running total of the profiler's allocator events, of a second pass or step: the first one makes the
optimiser's state and fills caches.

    python benchmarks/memory.py
    python benchmarks/memory.py resnet18 unet --json
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.profiler import ProfilerActivity, profile

from striate.measure import measure
from striate.nets import find_net
from striate.nets.build import make_module

MOBILE = "conv3-16/2, bn, relu6, [depthwise3, bn, relu6, conv1-64, bn, relu6]*4, gap, flatten, fc-classes"
DILATED = "[conv3-32 dilation=2, bn, relu]*6, gap, flatten, fc-classes"
DENSE = "conv3-24, [cat[ | bn, relu, conv3-12 bias=no]]*8, bn, relu, gap, flatten, fc-classes"
# A zoo name or a text, and the input.
NETWORKS: dict[str, tuple[str, tuple[int, ...]]] = {
    "lenet5": ("lenet5", (1, 28, 28)),
    "mlp": ("mlp", (1, 28, 28)),
    "cs231n": ("cs231n", (3, 32, 32)),
    "vgg11": ("vgg11", (3, 64, 64)),
    "resnet18": ("resnet18", (3, 128, 128)),
    "resnet18-1d": ("resnet18", (1, 8000)),
    "resnet18-3d": ("resnet18", (1, 16, 48, 48)),
    "resnet50": ("resnet50", (3, 128, 128)),
    "unet": ("unet", (1, 64, 64)),
    "depthwise": (MOBILE, (3, 96, 96)),
    "dilated": (DILATED, (3, 64, 64)),
    "dense": (DENSE, (3, 32, 32)),
}
OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "momentum": lambda parameters: torch.optim.SGD(parameters, lr=0.01, momentum=0.9),
    "adam": torch.optim.Adam,
}
BATCHES = (2, 8)


def compare(name: str, batch: int, way: str) -> dict[str, Any]:
    """One prediction beside what was seen."""
    text, shape = NETWORKS[name]
    net = find_net(text)
    module = make_module(net, shape, 10 if "classes" in net.text else None)
    x = torch.randn(batch, *shape)
    if way == "pass":
        predicted = measure(module, shape, batch, backward=False).inference_bytes
        seen = see_pass(module, x)
    else:
        predicted = measure(module, shape, batch, optimizer=way).training_bytes or 0  # type: ignore[arg-type]
        seen = see_step(module, x, OPTIMIZERS[way](module.parameters()))
    return {"network": name, "batch": batch, "of": way, "predicted": predicted, "seen": seen}


def see_pass(module: nn.Module, x: Tensor) -> int:
    module.eval()
    with torch.no_grad():
        module(x)
        return count_bytes(module) + size_of(x) + see_peak(lambda: module(x))


def see_step(module: nn.Module, x: Tensor, optimizer: torch.optim.Optimizer) -> int:
    module.train()
    with torch.no_grad():
        shape = module.eval()(x).shape
    target = torch.zeros((len(x), *shape[2:]), dtype=torch.int64)
    module.train()

    def step() -> Tensor:
        loss = F.cross_entropy(module(x), target)
        torch.autograd.backward(loss)
        optimizer.step()
        return loss

    step()
    optimizer.zero_grad(set_to_none=True)
    state = (value for values in optimizer.state.values() for value in values.values() if isinstance(value, Tensor))
    return count_bytes(module) + size_of(x) + size_of(target) + sum(map(size_of, state)) + see_peak(step)


def count_bytes(module: nn.Module) -> int:
    return sum(size_of(tensor) for tensor in (*module.parameters(), *module.buffers()))


def size_of(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()


def see_peak(function: Callable[[], Any]) -> int:
    """The most bytes alive at one time of those that a function allocates."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        kept = function()
    events: Any = profiler.profiler.kineto_results.events()
    peak = alive = 0
    for event in sorted((event for event in events if event.name() == "[memory]"), key=lambda event: event.start_ns()):
        alive += event.nbytes()
        peak = max(peak, alive)
    del kept
    return peak


def main() -> None:
    """Print a table, a row a network, and the median and worst error."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", metavar="NETWORK", help=f"{', '.join(NETWORKS)} (left out: all)")
    parser.add_argument("--json", action="store_true", help="print the bytes instead of the table")
    wanted = parser.parse_args()
    if unknown := set(wanted.networks) - set(NETWORKS):
        parser.error(f"found {', '.join(sorted(unknown))}, needed some of {', '.join(NETWORKS)}")
    cases = [(batch, way) for way in ("pass", *OPTIMIZERS) for batch in BATCHES]
    if not wanted.json:
        print(f"| network | {' | '.join(f'{way}, batch {batch}' for batch, way in cases)} |")
        print("| --- " * (len(cases) + 1) + "|")
    rows: list[dict[str, Any]] = []
    for name in wanted.networks or NETWORKS:
        found = [compare(name, batch, way) for batch, way in cases]
        rows += found
        if not wanted.json:
            print(f"| {name} | {' | '.join(map(write_cell, found))} |", flush=True)
    if wanted.json:
        print(json.dumps(rows, indent=2))
        return
    errors = [abs(find_error(row)) for row in rows]
    print(f"\nOf {len(rows)} errors: median {statistics.median(errors):.2f} %, worst {max(errors):.2f} %.")


def find_error(row: dict[str, Any]) -> float:
    return 100.0 * float(row["predicted"] / row["seen"] - 1)


def write_cell(row: dict[str, Any]) -> str:
    return f"{find_error(row):+.2f} % of {row['seen'] / 2**20:.3g} MiB"


if __name__ == "__main__":
    main()
