"""A write error at every single write, sync and rename of a run's folder: always one whole checkpoint, nothing lost.

The disk that refuses is disk.c, loaded before the C library into a process that forks once per fault, so that also
what safetensors writes (in Rust) is met. Each fault is met twice: once, and lasting from then on, as a full disk is.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from benchmarks.faulty.outcome import Outcome, Tell
from torch import nn

from striate.engine import Engine
from striate.errors import RunError
from striate.train import Recipe, RunFolder, fit, load_latest

ERRORS = (errno.ENOSPC, errno.EIO)
BEGUN, MOST = 4, 100_000
RECIPE = Recipe(epochs=3, batch=16, lr=0.05, mean=(0.5,), std=(0.3,), average=0.9)
INPUTS = np.random.default_rng(0).integers(0, 256, (48, 1, 8, 8), dtype=np.uint8)
LABELS = np.arange(48) % 3


def find_compiler() -> str | None:
    """A C compiler, which the disk that refuses needs."""
    return next((path for name in ("cc", "gcc", "clang") if (path := shutil.which(name))), None)


def inject_writes(stride: int = 1, tell: Tell = print) -> Outcome:
    """Let every `stride`-th write of a run fail, in a process that has the failing disk; what came of it.

    Raises:  RuntimeError where there is no compiler, or the process itself fails.
    """
    compiler, start = find_compiler(), time.monotonic()
    if compiler is None:
        raise RuntimeError("no C compiler here")
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder, "disk.so")
        source = Path(__file__).with_name("disk.c")
        subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"], check=True)
        command = [sys.executable, "-m", "benchmarks.faulty.writes", str(library), folder, str(stride)]
        environment = {**os.environ, "LD_PRELOAD": str(library), "OMP_NUM_THREADS": "1"}
        last = ""
        place = Path(__file__).parents[2]
        with subprocess.Popen(command, cwd=place, env=environment, stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout or ():
                last = line
                if not line.startswith("{"):
                    tell(line.rstrip())
        if process.returncode:
            raise RuntimeError("the process with the failing disk failed itself")
    found: dict[str, Any] = json.loads(last)
    held = "one whole checkpoint or more, one line, resumed to the same bits"
    return Outcome("write error", held, found["done"], time.monotonic() - start, found["failures"])


class Disk:
    """The library's handle."""

    def __init__(self, library: str) -> None:
        self.library = ctypes.CDLL(library)
        self.library.disk_arm.argtypes = (ctypes.c_char_p, ctypes.c_long, ctypes.c_int, ctypes.c_int)
        self.library.disk_seen.restype = ctypes.c_long

    @contextmanager
    def armed(self, folder: Path, number: int, error: int, lasting: bool) -> Iterator[None]:
        """A `with` under which call `number` fails (0: none does)."""
        self.library.disk_arm(str(folder).encode(), number, error, int(lasting))
        try:
            yield
        finally:
            self.library.disk_arm(b"", 0, 0, 0)

    @property
    def seen(self) -> int:
        """The calls since it was armed."""
        return int(self.library.disk_seen())


def make_net() -> nn.Sequential:
    torch.manual_seed(3)
    return nn.Sequential(nn.Conv2d(1, 6, 3), nn.BatchNorm2d(6), nn.ReLU(), nn.Flatten(), nn.Linear(216, 3))


def train(path: Path, stop_at: int | None = None) -> int:
    """Go on with a run, a checkpoint each step, to its end or until it is stopped."""

    def stop(progress: Any) -> None:
        if progress.step == stop_at:
            raise KeyboardInterrupt

    options: dict[str, Any] = {"progress_seconds": 0.0, "checkpoint_seconds": 0.0, "resume": True}
    fit(make_net(), INPUTS, LABELS, RECIPE, Engine(), folder=RunFolder(path), on_progress=stop, **options)
    return 0


def run_apart(work: Callable[[], int]) -> tuple[int, str]:
    """Work in a process of its own; its code and what it wrote."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        os.dup2(theirs, 2)
        try:
            code = work()
        except RunError as problem:
            os.write(2, f"{problem}\n".encode())
            code = 2
        except BaseException:
            os.write(2, traceback.format_exc().encode())
            code = 1
        os._exit(code)
    os.close(theirs)
    with os.fdopen(ours) as stream:
        said = stream.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said


def try_fault(disk: Disk, begun: Path, path: Path, fault: tuple[int, int, bool], whole: bytes) -> tuple[bool, str]:
    """One fault on a copy of a run that has begun; whether it was met at all, and what didn't hold."""
    shutil.copytree(begun, path)

    def work() -> int:
        with disk.armed(path, *fault):
            try:
                train(path)
            finally:
                met = disk.seen >= fault[0]
        return 0 if met else 3

    code, said = run_apart(work)
    if code == 3:
        return False, ""
    if code not in (0, 2):
        return True, f"left with {code}: {said.strip().splitlines()[-1:]}"
    if code == 2 and (len(said.splitlines()) != 1 or str(path) not in said):
        return True, f"didn't say it in one line: {said!r}"
    if load_latest(path / "state")[0] is None:
        return True, "no whole checkpoint is left"
    code, said = run_apart(lambda: train(path))
    if code or (path / "weights.safetensors").read_bytes() != whole:
        return True, f"didn't resume to the same bits: {said.strip()[-200:]}"
    left = [each.name for each in path.rglob("*") if ".partial" in str(each.relative_to(path)) or ".tmp" in each.name]
    return True, f"left {left} behind" if left else ""


def main(library: str, folder: str, stride: int) -> None:
    """Try every fault there is; print progress, and at the end the figures as JSON."""
    disk, torch_threads = Disk(library), torch.get_num_threads()
    torch.set_num_threads(min(1, torch_threads))
    whole, begun = RunFolder.create(Path(folder, "whole")).path, RunFolder.create(Path(folder, "begun")).path
    run_apart(lambda: train(whole))
    run_apart(lambda: train(begun, stop_at=BEGUN))
    weights, done, failures = (whole / "weights.safetensors").read_bytes(), 0, list[str]()
    for error in ERRORS:
        for lasting in (False, True):
            for number in range(1, MOST, stride):
                path = Path(folder, "tried")
                met, failure = try_fault(disk, begun, path, (number, error, lasting), weights)
                shutil.rmtree(path, ignore_errors=True)
                if not met:
                    break
                done += 1
                if failure:
                    failures.append(f"write {number} {errno.errorcode[error]} lasting={lasting}: {failure}")
            print(
                f"writes: {errno.errorcode[error]}, {'lasting' if lasting else 'once'}: up to write {number}",
                flush=True,
            )
    print(json.dumps({"done": done, "failures": failures}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
