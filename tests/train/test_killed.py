"""A run killed by the kernel at several moments, some of them in the middle of writing a checkpoint."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from striate.train import RunFolder

# One interpreter imports torch; each sitting is a fork of it, so that a kill is a real one and yet costs no new import.
SCRIPT = """
import os, signal, sys
import numpy as np
import torch
from torch import nn
from striate.engine import Engine
from striate.train import Augment, Recipe, RunFolder, fit

recipe = Recipe(epochs=4, batch=16, lr=0.05, mean=(0.5,), std=(0.3,), average=0.9, augment=Augment(shift=1, flip=True))
generator = np.random.default_rng(0)
inputs = generator.integers(0, 256, (160, 1, 8, 8), dtype=np.uint8)
labels = generator.integers(0, 3, 160)

def train(path, tell):
    torch.manual_seed(3)
    stem = (nn.Conv2d(1, 6, 3), nn.BatchNorm2d(6), nn.ReLU())
    net = nn.Sequential(*stem, nn.Dropout(0.3), nn.Flatten(), nn.Linear(216, 3))
    torch.manual_seed(os.getpid())
    fit(net, inputs, labels, recipe, Engine(), folder=RunFolder.open(path), resume=True, on_progress=tell,
        progress_seconds=0.0, checkpoint_seconds=0.0, validate=(inputs[:40], labels[:40]))

def sit(path, kill_at):
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        train(path, lambda progress: os.write(theirs, b"%d\\n" % progress.step))
        os._exit(0)
    os.close(theirs)
    step = 0
    with os.fdopen(ours) as lines:
        for line in lines:
            step = int(line)
            if step >= kill_at:
                os.kill(child, signal.SIGKILL)
                break
    return os.waitpid(child, 0)[1], step

whole, killed = sys.argv[1:]
sit(whole, 10**9)
print([sit(killed, step) for step in (1, 2, 9, 10, 11, 23, 37, 40, 10**9)])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
def test_a_run_killed_again_and_again_ends_with_the_same_bits(tmp_path: Path) -> None:
    whole, killed = RunFolder.create(tmp_path / "whole"), RunFolder.create(tmp_path / "killed")
    command = [sys.executable, "-c", SCRIPT, str(whole.path), str(killed.path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("(9, ") >= 6  # sittings that SIGKILL ended
    bits = [folder.path.joinpath("weights.safetensors").read_bytes() for folder in (whole, killed)]
    assert bits[0] == bits[1]
    names = ("epoch", "step", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "lr")
    histories = [[[record[name] for name in names] for record in each.read_history()] for each in (whole, killed)]
    assert histories[0] == histories[1]
    assert [record[0] for record in histories[0]] == [1, 2, 3, 4]
    left = [path.name for path in killed.path.rglob("*") if path.name.endswith(".partial")]
    assert left == []
