"""What Grad-CAM costs: `striate`'s against a plain forward pass of the same network, call by call.

Claim: on resnet18 at 224, batch 1 and 32, at most 1.10x a forward pass, and no parameter has a gradient after it.

A call is all that `explain_module` does: choosing target and layer, the map at the input's size, and bringing back the
module's state. It takes turns with a forward pass without gradients, in one process; the ratio is that of the medians,
beside it the quartiles of the ratios of neighbours. The peers, where they are installed (`pip install grad-cam
torchcam`), take the same turns on the same network and layer.

    python benchmarks/explain.py                 # the claim
    python benchmarks/explain.py --seconds 2     # a quick look
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor, nn

import striate
from striate.explain import explain_module

LIMIT = 1.10
Ask = Callable[[Tensor], Any]


def make_forward(module: nn.Module) -> Ask:
    def ask(inputs: Tensor) -> Tensor:
        with torch.no_grad():
            return module(inputs)  # type: ignore[no-any-return]

    return ask


def make_pytorch_grad_cam(module: nn.Module, layer: str) -> Ask:
    cam = import_module("pytorch_grad_cam").GradCAM(model=module, target_layers=[module.get_submodule(layer)])
    return lambda inputs: cam(input_tensor=inputs)


def make_torchcam(module: nn.Module, layer: str) -> Ask:
    extractor = import_module("torchcam.methods").GradCAM(module, layer, input_shape=(3, 224, 224))

    def ask(inputs: Tensor) -> Any:
        scores = module(inputs)
        return extractor(scores.argmax(1).tolist(), scores)

    return ask


def list_contestants(module: nn.Module, layer: str) -> dict[str, Ask]:
    asks: dict[str, Ask] = {"forward": make_forward(module), "striate": lambda inputs: explain_module(module, inputs)}
    if find_spec("pytorch_grad_cam"):
        asks["pytorch-grad-cam"] = make_pytorch_grad_cam(module, layer)
    if find_spec("torchcam"):
        asks["torch-cam"] = make_torchcam(module, layer)
    return asks


def take_turns(asks: dict[str, Ask], inputs: Tensor, seconds: float) -> dict[str, list[float]]:
    """Seconds of each call, by contestant, in rounds."""
    for ask in asks.values():
        ask(inputs)
    times: dict[str, list[float]] = {name: [] for name in asks}
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times["forward"]) < 7:
        for name, ask in asks.items():
            start = time.perf_counter()
            ask(inputs)
            times[name].append(time.perf_counter() - start)
    return times


def count_gradients(module: nn.Module, inputs: Tensor, ask: Ask) -> int:
    """How many parameters have a gradient after a call, or one that was worked out on the way."""
    seen: set[int] = set()
    handles: list[Any] = []
    parameters: list[Any] = list(module.parameters())
    for place, parameter in enumerate(parameters):
        parameter.grad = None
        handles.append(parameter.register_hook(lambda gradient, place=place: seen.add(place)))
    ask(inputs)
    for handle in handles:
        handle.remove()
    written = {place for place, parameter in enumerate(parameters) if parameter.grad is not None}
    module.zero_grad()
    return len(seen | written)


def write_row(batch: int, name: str, times: dict[str, list[float]], gradients: int) -> str:
    forward, own = times["forward"], times[name]
    low, _, high = statistics.quantiles([one / other for one, other in zip(own, forward, strict=True)], n=4)
    middle = statistics.median(own)
    ratio = middle / statistics.median(forward)
    return f"| {batch} | {name} | {1000 * middle:.1f} | {ratio:.3f} ({low:.3f} to {high:.3f}) | {gradients} |"


def main() -> None:
    """Print a table, a row a batch and contestant, and whether the claim holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--net", default="resnet18")
    parser.add_argument("--side", type=int, default=224)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 32])
    parser.add_argument("--seconds", type=float, default=30.0, help="for each batch")
    wanted = parser.parse_args()
    module = striate.build(wanted.net, input=(3, wanted.side, wanted.side), classes=1000).eval()
    print(f"{wanted.net} at {wanted.side}, {torch.get_num_threads()} threads, torch {torch.__version__}\n")
    print("| batch | contestant | ms | times a forward pass | parameters with a gradient |\n" + "| --- " * 5 + "|")
    holds = True
    for batch in wanted.batches:
        inputs = torch.randn(batch, 3, wanted.side, wanted.side, generator=torch.Generator().manual_seed(0))
        layer = explain_module(module, inputs[:1]).layer
        assert layer is not None
        asks = list_contestants(module, layer)
        times = take_turns(asks, inputs, wanted.seconds)
        gradients = {name: count_gradients(module, inputs, ask) for name, ask in asks.items()}
        print("\n".join(write_row(batch, name, times, gradients[name]) for name in asks), flush=True)
        ratio = statistics.median(times["striate"]) / statistics.median(times["forward"])
        holds = holds and ratio <= LIMIT and not gradients["striate"]
    print(f"\nat most {LIMIT:.2f}x a forward pass, no gradient written: {'holds' if holds else 'DOES NOT HOLD'}")


if __name__ == "__main__":
    main()
