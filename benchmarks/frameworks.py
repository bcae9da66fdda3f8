"""Seconds of the whole command, against Keras 3 (on torch and on JAX) and Lightning: the same network, data and epochs.

Claim: Keras takes at least twice as long, Lightning 1.3 times.

The network is Keras' own example for MNIST: conv32, maxpool2, conv64, maxpool2, dropout 0.5, fc10, unpadded. Each
trains on 55,000 images in batches of 128, looks at the other 5,000 after each epoch, and scores the 10,000 of the test
part at the end; ours writes its checkpoints, score and report besides. Each script is written as its project's guides
write it: Keras with Adam by `compile` and `fit`, Lightning with a Trainer, Adam and DataLoaders over tensors, its
checkpoints left on. All are processes of their own and take turns, ours with an empty cache; figures are medians with
their range, and the ratio is theirs over ours, round by round. The peers: `pip install -r
benchmarks/requirements-frameworks.txt`.

    python benchmarks/frameworks.py                          # the claim
    python benchmarks/frameworks.py --rounds 1 --epochs 1    # a quick look
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

NET = "conv3-32 pad=valid, relu, maxpool2, conv3-64 pad=valid, relu, maxpool2, flatten, dropout p=0.5, fc-classes"
BATCH = 128
CLAIMS = {"keras on torch": 2.0, "keras on jax": 2.0, "lightning": 1.3}


def read_parts() -> tuple[Any, Any, Any]:
    """Training, validation and test part, each (images from 0 to 1 as float32 [N, 28, 28], labels)."""
    import numpy as np

    from striate.data import load_dataset

    data = load_dataset("mnist")
    assert data.val is not None
    assert data.test is not None
    parts = [(part.inputs[:, 0].astype(np.float32) / 255, part.labels) for part in (data.train, data.val, data.test)]
    return parts[0], parts[1], parts[2]


def train_by_keras(epochs: int) -> float:
    import keras
    from keras import layers

    (inputs, labels), held_out, (test, answers) = read_parts()
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    validation = (held_out[0][..., None], held_out[1])
    model.fit(inputs[..., None], labels, batch_size=BATCH, epochs=epochs, validation_data=validation, verbose=0)
    return float(model.evaluate(test[..., None], answers, batch_size=1000, verbose=0)[1])


def train_by_lightning(epochs: int) -> float:
    import lightning
    import torch
    import torch.nn.functional as F
    from torch import Tensor, nn
    from torch.utils.data import DataLoader, TensorDataset

    class Classifier(lightning.LightningModule):  # type: ignore[misc]  # untyped where it isn't installed
        def __init__(self) -> None:
            super().__init__()
            self.net = nn.Sequential(
                *(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2)),
                *(nn.Flatten(), nn.Dropout(0.5), nn.Linear(1600, 10)),
            )

        def training_step(self, batch: list[Tensor], place: int) -> Tensor:
            return F.cross_entropy(self.net(batch[0]), batch[1])

        def validation_step(self, batch: list[Tensor], place: int) -> None:
            scores = self.net(batch[0])
            self.log("val_loss", F.cross_entropy(scores, batch[1]), prog_bar=True)
            self.log("accuracy", (scores.argmax(1) == batch[1]).float().mean())

        def test_step(self, batch: list[Tensor], place: int) -> None:
            self.log("accuracy", (self.net(batch[0]).argmax(1) == batch[1]).float().mean())

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.Adam(self.parameters(), lr=1e-3)

    def load(part: Any, batch: int, *, shuffle: bool = False) -> DataLoader[Any]:
        inputs, labels = part
        return DataLoader(TensorDataset(torch.from_numpy(inputs)[:, None], torch.from_numpy(labels)), batch, shuffle)

    train, held_out, test = read_parts()
    with tempfile.TemporaryDirectory() as place:
        trainer = lightning.Trainer(max_epochs=epochs, default_root_dir=place, enable_progress_bar=False)
        model = Classifier()
        trainer.fit(model, load(train, BATCH, shuffle=True), load(held_out, 1000))
        return float(trainer.test(model, load(test, 1000), verbose=False)[0]["accuracy"])


def run_script(name: str, epochs: int) -> tuple[float, float]:
    """Seconds of a peer's whole process, and its test accuracy."""
    backend = {"KERAS_BACKEND": name.split()[-1]} if name.startswith("keras") else {}
    start = time.perf_counter()
    call = [sys.executable, __file__, "--contestant", name, "--epochs", str(epochs)]
    told = subprocess.run(call, check=True, capture_output=True, text=True, env={**os.environ, **backend}).stdout
    return time.perf_counter() - start, float(json.loads(told.splitlines()[-1]))


def run_ours(epochs: int) -> tuple[float, float]:
    """Seconds of the whole command with an empty cache, and its test accuracy."""
    with tempfile.TemporaryDirectory() as place:
        run = Path(place) / "run"
        call = [sys.executable, "-m", "striate", "train", NET, "mnist", "--epochs", str(epochs), "--batch", str(BATCH)]
        start = time.perf_counter()
        environment = {**os.environ, "XDG_CACHE_HOME": str(Path(place) / "cache")}
        subprocess.run([*call, "--out", str(run)], check=True, capture_output=True, env=environment)
        return time.perf_counter() - start, float(json.loads((run / "result.json").read_text())["accuracy"])


SCRIPTS: dict[str, Callable[[int], float]] = {
    "keras on torch": train_by_keras,
    "keras on jax": train_by_keras,
    "lightning": train_by_lightning,
}
MODULES = {"keras on torch": ("keras",), "keras on jax": ("keras", "jax"), "lightning": ("lightning",)}


def compare(rounds: int, epochs: int) -> None:
    there = [name for name, modules in MODULES.items() if all(find_spec(module) for module in modules)]
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in ("striate", *there)}
    for turn in range(rounds):
        for name in found:
            found[name].append(run_ours(epochs) if name == "striate" else run_script(name, epochs))
            print(f"round {turn + 1}: {name} {found[name][-1][0]:.1f} s", flush=True)
    for name, runs in found.items():
        seconds = [each[0] for each in runs]
        ratios = [each[0] / own[0] for each, own in zip(runs, found["striate"], strict=True)]
        accuracy = f"{100 * statistics.mean(each[1] for each in runs):.2f} %"
        told = f"{name:<15} {statistics.median(seconds):7.1f} s ({min(seconds):.1f} to {max(seconds):.1f})  {accuracy}"
        if name in CLAIMS:
            told += (
                f"  {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}), claimed {CLAIMS[name]:g}"
            )
        print(told)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--contestant", choices=list(SCRIPTS), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.contestant:
        print(json.dumps(SCRIPTS[asked.contestant](asked.epochs)))
    else:
        compare(asked.rounds, asked.epochs)


if __name__ == "__main__":
    main()
