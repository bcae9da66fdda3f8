"""Images/s of prediction: `striate.predict` against eager fp32, ONNX Runtime and OpenVINO, on one network.

Claim: resnet50 at 224, batch 1 and 32, on a CPU with bf16 units: at least 2x eager fp32, 1x ONNX Runtime and 0.9x
OpenVINO's default; a trained network's accuracy within 0.1 point.

Each contestant takes uint8 images and gives probabilities: eager is torch's own loop (no folding, fp32, the allocator
as ours has it), the runtimes read the network's export with normalisation and softmax inside. They take turns in one
process; figures are medians with quartiles, and the ratio is ours over theirs, round by round. All have the same
threads. The peers: `pip install -r benchmarks/requirements-predict.txt`.

    python benchmarks/predict.py                              # the claim
    python benchmarks/predict.py --seconds 2 --net resnet18   # a quick look
    python benchmarks/predict.py --accuracy fashion-mnist     # trains a small network, and evaluates it on every engine
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

import striate
from striate.engine import Engine, Pins, keep_large_blocks, tune
from striate.train import Recipe
from striate.train.batches import normalise

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
TRAINED = (
    "[conv3-32, bn, relu]*2, maxpool2, [conv3-64, bn, relu]*2, maxpool2, conv3-64, bn, relu, gap, flatten, fc-classes"
)
Images = NDArray[np.uint8]
Ask = Callable[[Images], Any]


def make_run(net: str, side: int) -> striate.Run:
    """A run with drawn weights: what a training would leave, without the training."""
    tree, shape = striate.read(net), (3, side, side)
    recipe = Recipe(epochs=1, mean=MEAN, std=STD)
    engine = Engine(threads=torch.get_num_threads())
    settings = {"input": list(shape), "recipe": recipe.to_dict(), "engine": engine.to_dict(), "seed": 0, "data": {}}
    module = striate.build(tree, input=shape, classes=1000).eval()
    return striate.Run(Path("none"), tree, module, tuple(map(str, range(1000))), (), settings)


def find_engine(run: striate.Run, batch: int) -> Engine:
    """What long work of such batches is done on."""
    inputs = normalise(torch.randint(256, (batch, *run.input), dtype=torch.uint8), run.recipe)
    return tune(run.module, inputs, Pins(), device="cpu", forward=True, recall=False).engine


def make_ours(run: striate.Run, engine: Engine) -> Ask:
    return lambda images: striate.predict(run, images, engine=engine)


def make_eager(run: striate.Run) -> Ask:
    def ask(images: Images) -> Any:
        with torch.inference_mode():
            return run.module(normalise(torch.from_numpy(images), run.recipe)).softmax(1).numpy()

    return ask


def make_onnxruntime(file: Path) -> Ask:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # its threads would starve the others'
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda images: session.run(None, {name: images.astype(np.float32) / np.float32(255)})[0]


def make_openvino(file: Path, settings: dict[str, Any]) -> Ask:
    import openvino

    settings = {"INFERENCE_NUM_THREADS": torch.get_num_threads(), **settings}
    compiled = openvino.Core().compile_model(str(file), "CPU", settings)
    return lambda images: compiled(images.astype(np.float32) / np.float32(255))[0]


def list_contestants(run: striate.Run, engine: Engine, folder: Path) -> dict[str, Ask]:
    asks = {"striate": make_ours(run, engine), "eager fp32": make_eager(run)}
    if not all(find_spec(name) for name in ("onnx", "onnxscript")):
        return asks
    file = folder / "network.onnx"
    striate.export(run, file, whole=True, overwrite=True)
    if find_spec("onnxruntime"):
        asks["onnxruntime"] = make_onnxruntime(file)
    if find_spec("openvino"):
        asks["openvino (its default)"] = make_openvino(file, {})
        asks["openvino fp32"] = make_openvino(file, {"INFERENCE_PRECISION_HINT": "f32"})
    return asks


def take_turns(asks: dict[str, Ask], images: Images, seconds: float) -> dict[str, list[float]]:
    """Seconds of each call, by contestant, in rounds."""
    for ask in asks.values():
        ask(images)
    times: dict[str, list[float]] = {name: [] for name in asks}
    end = time.perf_counter() + seconds * len(asks)
    while time.perf_counter() < end or len(times["striate"]) < 5:
        for name, ask in asks.items():
            start = time.perf_counter()
            ask(images)
            times[name].append(time.perf_counter() - start)
    return times


def write_rows(batch: int, times: dict[str, list[float]]) -> list[str]:
    """A row a contestant: images/s and how many times as fast ours is, each a median with its quartiles."""
    rows = []
    for name, values in times.items():
        rates = [batch / value for value in values]
        ratios = [theirs / ours for ours, theirs in zip(times["striate"], values, strict=True)]
        rows.append(f"| {batch} | {name} | {write_spread(rates, 1)} | {write_spread(ratios, 2)} |")
    return rows


def write_spread(values: list[float], digits: int) -> str:
    low, middle, high = statistics.quantiles(values, n=4)
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def show_accuracy(data: str, epochs: int, folder: Path) -> None:
    """Train a small network, and evaluate it on every engine."""
    run = striate.train(TRAINED, data, epochs=epochs, out=folder / "run")
    wishes: list[dict[str, Any]] = [{"engine": "torch", "precision": "fp32"}, {"engine": "torch", "precision": "bf16"}]
    wishes += [{"engine": "auto"}, *({"engine": name} for name in ("onnxruntime", "openvino") if find_spec(name))]
    print(f"| {data}, answered by | accuracy |\n| --- | --- |")
    for wish in wishes:
        found = striate.evaluate(run, data, **wish)
        print(f"| {found.engine} | {100 * found.accuracy:.2f} % |", flush=True)


def main() -> None:
    """Print a table, a row a batch and contestant."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--net", default="resnet50")
    parser.add_argument("--side", type=int, default=224)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 32])
    parser.add_argument("--seconds", type=float, default=30.0, help="for each contestant and batch")
    parser.add_argument("--accuracy", metavar="DATA", help="compare accuracies on this data instead")
    parser.add_argument("--epochs", type=int, default=3, help="of the training that --accuracy does")
    wanted = parser.parse_args()
    kept = keep_large_blocks()
    with tempfile.TemporaryDirectory() as folder:
        if wanted.accuracy:
            show_accuracy(wanted.accuracy, wanted.epochs, Path(folder))
            return
        run = make_run(wanted.net, wanted.side)
        print(f"{wanted.net} at {wanted.side}, {torch.get_num_threads()} threads, large blocks kept: {kept}\n")
        print("| batch | contestant | images/s | striate is so many times as fast |\n| --- | --- | --- | --- |")
        for batch in wanted.batches:
            engine = find_engine(run, batch)
            images = np.random.default_rng(0).integers(0, 256, (batch, *run.input), dtype=np.uint8)
            times = take_turns(list_contestants(run, engine, Path(folder)), images, wanted.seconds)
            print("\n".join(write_rows(batch, times)))
            print(f"| {batch} | (striate: {engine.label}) | | |", flush=True)


if __name__ == "__main__":
    main()
