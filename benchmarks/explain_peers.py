"""Whether our class activation maps are those of the peers, on the same network, layer and target; and what each costs.

The network is a zoo's `resnet18`, with random weights, in eval mode; batch norms have drawn scales and shifts, so that
maps differ from place to place; each peer has a copy of it, as its hooks stay. Maps are compared at the layer's own
cells where a peer gives them, else at the input's, each less its least and over its greatest value: the largest
difference, and the correlation. A peer that isn't installed is left out: `pip install -r
benchmarks/requirements-explain.txt`.

    python benchmarks/explain_peers.py [--batch 4] [--seconds 5]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from copy import deepcopy
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor, nn

import striate
from striate.explain import explain_module
from striate.explain.resizing import resize_maps

Ask = Callable[[Tensor], Tensor]
PEERS = {"pytorch-grad-cam": "pytorch_grad_cam", "torch-cam": "torchcam"}
NAMES = {"gradcam": "GradCAM", "gradcampp": "GradCAMPlusPlus", "layercam": "LayerCAM", "cam": "CAM"}
OTHERS = {"torch-cam": {"gradcampp": "GradCAMpp"}, "pytorch-grad-cam": {}}
LACKS = {"pytorch-grad-cam": ("cam",)}


def make_module(side: int) -> nn.Module:
    torch.manual_seed(0)
    module = striate.build("resnet18", input=(3, side, side), classes=10).eval()
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            nn.init.uniform_(part.weight, 0.5, 1.5)
            nn.init.normal_(part.bias, std=0.3)
    return module


def ask_ours(module: nn.Module, method: str, target: list[int]) -> Ask:
    return lambda inputs: explain_module(module, inputs, method, target).values


def ask_peer(peer: str, module: nn.Module, method: str, layer: str, target: list[int], side: int) -> Ask:
    """A call that gives a peer's map for each input: at the layer's cells (torch-cam), or the input's."""
    name = OTHERS[peer].get(method, NAMES[method])
    if peer == "torch-cam":
        kind = getattr(import_module("torchcam.methods"), name)
        about: dict[str, Any] = {"fc_layer": "fc1"} if method == "cam" else {}
        extractor = kind(module, layer, input_shape=(3, side, side), **about)

        def ask_torchcam(inputs: Tensor) -> Tensor:
            scores = module(inputs)
            found = extractor(target, scores, normalized=False)
            return found[0].detach()  # type: ignore[no-any-return]

        return ask_torchcam
    kind = getattr(import_module("pytorch_grad_cam"), name)
    cam = kind(model=module, target_layers=[module.get_submodule(layer)])
    choose = import_module("pytorch_grad_cam.utils.model_targets").ClassifierOutputTarget
    return lambda inputs: torch.as_tensor(cam(input_tensor=inputs, targets=[choose(one) for one in target]))


def normalise(maps: Tensor) -> Tensor:
    flat = maps.flatten(1).double()
    low, high = flat.amin(1, keepdim=True), flat.amax(1, keepdim=True)
    return (flat - low) / (high - low).clamp(min=1e-12)


def compare(one: Tensor, other: Tensor) -> tuple[float, float]:
    """The largest difference, and the lowest correlation of an input's two maps."""
    first, second = normalise(one), normalise(other)
    pairs = (torch.corrcoef(torch.stack(pair))[0, 1] for pair in zip(first, second, strict=True))
    return float((first - second).abs().max()), min(map(float, pairs))


def take_turns(asks: dict[str, Ask], inputs: Tensor, seconds: float) -> dict[str, float]:
    """The median of a call's milliseconds, in rounds."""
    times: dict[str, list[float]] = {name: [] for name in asks}
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times["striate"]) < 5:
        for name, ask in asks.items():
            start = time.perf_counter()
            ask(inputs)
            times[name].append(1000 * (time.perf_counter() - start))
    return {name: statistics.median(own) for name, own in times.items()}


def main() -> None:
    """Print a row for each method and peer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--side", type=int, default=224)
    parser.add_argument("--steep", type=float, default=1.0, help="times the last layer's weights: steeper scores")
    parser.add_argument("--seconds", type=float, default=5.0, help="for each method")
    asked = parser.parse_args()
    module = make_module(asked.side)
    module.get_parameter("fc1.weight").data.mul_(asked.steep)
    inputs = torch.randn(asked.batch, 3, asked.side, asked.side, generator=torch.Generator().manual_seed(0))
    target = [place % 10 for place in range(asked.batch)]
    installed = [peer for peer, package in PEERS.items() if find_spec(package)]
    print(f"not installed: {', '.join(set(PEERS) - set(installed)) or 'none'}\n")
    print("| method | against | largest difference | correlation | ms | striate, ms |\n" + "| --- " * 6 + "|")
    for method in NAMES:
        heat = explain_module(module, inputs, method, target)
        assert heat.layer is not None
        asks: dict[str, Ask] = {"striate": ask_ours(module, method, target)}
        for peer in installed:
            if method not in LACKS.get(peer, ()):
                asks[peer] = ask_peer(peer, deepcopy(module), method, heat.layer, target, asked.side)
        found = {peer: ask(inputs) for peer, ask in asks.items()}
        times = take_turns(asks, inputs, asked.seconds)
        for peer, maps in found.items():
            if peer != "striate":
                worst, alike = compare(heat.values, resize_maps(maps.float(), heat.values.shape[1:]))
                row = f"{method} | {peer} | {worst:.2g} | {alike:.6f} | {times[peer]:.1f} | {times['striate']:.1f}"
                print(f"| {row} |", flush=True)


if __name__ == "__main__":
    main()
