from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from striate.engine import Engine
from striate.train import Recipe
from striate.train.batches import iterate_batches, read_samples
from striate.train.readahead import read_ahead

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="limits and advice are Linux's")

# Trains on a mapped file of 240 MiB where 64 MiB more memory may be taken than there was before; a plain copy can't be.
STARVED = """
import resource, sys, numpy as np, torch
from torch import nn
from striate.engine import Engine
from striate.train import Recipe, fit
torch.set_num_threads(1)
torch.nn.functional.conv2d(torch.zeros(16, 3, 64, 64), torch.zeros(8, 3, 3, 3))  # the library's own memory is taken
inputs = np.load(sys.argv[1], mmap_mode="r", allow_pickle=False)
used = next(int(line.split()[1]) << 10 for line in open("/proc/self/status") if line.startswith("VmData"))
resource.setrlimit(resource.RLIMIT_DATA, (used + (64 << 20),) * 2)
try:
    np.array(inputs)
    raise SystemExit("there was room for a copy")
except MemoryError:
    pass
labels = np.arange(len(inputs)) % 2
net = nn.Sequential(nn.Conv2d(3, 8, 3, stride=4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2))
recipe = Recipe(epochs=1, steps=12, batch=16, mean=(0.5,) * 3, std=(0.2,) * 3)
history = fit(net, inputs, labels, recipe, Engine(threads=1), validate=(inputs[:64], labels[:64]))
print(history[-1]["step"])
"""


@LINUX
def test_a_mapped_file_larger_than_the_memory_is_trained_on(tmp_path: Path) -> None:
    path = tmp_path / "inputs.npy"
    np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=(20_480, 3, 64, 64))  # sparse: nothing is written
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", STARVED, str(path)], capture_output=True, text=True, env=environment, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "12"), done.stderr


@LINUX
def test_a_mapped_file_is_asked_for_and_stays_what_it_is(tmp_path: Path) -> None:
    inputs = np.random.default_rng(0).integers(0, 256, (24, 3, 80, 80), np.uint8)
    np.save(tmp_path / "inputs.npy", inputs)
    mapped = np.load(tmp_path / "inputs.npy", mmap_mode="r", allow_pickle=False)
    recipe = Recipe(epochs=1, batch=8, mean=(0.5,) * 3, std=(0.2,) * 3)
    held = partial(read_samples, labels=np.arange(24) % 3, recipe=recipe)
    assert read_ahead(held(mapped).inputs, torch.arange(3))
    plain, read = (list(iterate_batches(held(x), recipe, Engine(), 0)) for x in (inputs, mapped))
    assert all(torch.equal(one[0], other[0]) for one, other in zip(plain, read, strict=True))


def test_small_samples_and_other_layouts_are_left_alone() -> None:
    assert not read_ahead(torch.zeros(5, 1, 28, 28, dtype=torch.uint8), torch.arange(5))
    assert not read_ahead(torch.zeros(5, 128, 128, 3, dtype=torch.uint8).permute(0, 3, 1, 2), torch.arange(5))
