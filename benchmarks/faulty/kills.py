"""SIGKILLs of real `striate train` processes: each run is resumed to its end, which must have the very same weights.

Half of the kills come at a random moment of the training, half while a checkpoint is being written, as far as that can
be seen from outside: when its draft appears in the folder.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from benchmarks.faulty.outcome import Outcome, Tell

TEXT = "conv3-16, bn, relu, conv3-16/2, bn, relu, dropout p=0.2, gap, flatten, fc-classes"
OPTIONS = ("digits", "--epochs", "12", "--batch", "16", "--seed", "4")
THREADS = ("1", "2")  # of a run's begin and of its resuming: a run keeps its own number, whatever is offered
PATIENCE_SECONDS = 600.0


def inject_kills(times: int = 50, workers: int = 1, tell: Tell = print, seed: int = 0) -> Outcome:
    """Kill so many runs, each once and every third one twice, and resume them; what came of it.

    Raises:  RuntimeError where the run that nobody disturbs fails.
    """
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder, "whole")
        begun = time.monotonic()
        process = begin(whole)
        _, said = process.communicate()
        if process.returncode:
            raise RuntimeError(f"the undisturbed run left with {process.returncode}: {said.strip()[-200:]}")
        span = time.monotonic() - begun
        weights = (whole / "weights.safetensors").read_bytes()
        outcome = Outcome("SIGKILL", "resumed to the same bits")
        work = partial(kill_once, Path(folder), span, weights, seed)
        with ThreadPoolExecutor(workers) as pool:
            for number, failure in enumerate(pool.map(work, range(times)), 1):
                outcome.done += 1
                outcome.failures += [f"kill {number}: {failure}"] if failure else []
                tell(f"kills: {number} of {times}{': ' + failure if failure else ''}")
    outcome.seconds = time.monotonic() - start
    return outcome


def begin(path: Path) -> subprocess.Popen[str]:
    """Start a run."""
    return launch(["train", TEXT, *OPTIONS, "--out", str(path)])


def go_on(path: Path) -> subprocess.Popen[str]:
    """Resume a run."""
    return launch(["train", "--resume", str(path)])


def launch(arguments: list[str]) -> subprocess.Popen[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": THREADS["--resume" in arguments]}
    command = [sys.executable, "-m", "striate", *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def kill_once(folder: Path, span: float, weights: bytes, seed: int, number: int) -> str:
    """Begin a run, kill it, perhaps kill it again, resume it; what didn't hold."""
    generator, path = random.Random(f"{seed} {number}"), folder / f"run-{number}"
    process = begin(path)
    for _ in range(2 if number % 3 == 0 else 1):
        wait_for_moment(process, path, generator, span)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        # Killed before it had a folder, there is nothing to resume, and it is begun again.
        process = go_on(path) if path.exists() else begin(path)
    _, said = process.communicate(timeout=PATIENCE_SECONDS)
    if process.returncode:
        return f"resuming left with {process.returncode}: {said.strip()[-200:]}"
    if (path / "weights.safetensors").read_bytes() != weights:
        return "other weights"
    left = [each.name for each in path.rglob("*") if ".partial" in each.name or ".tmp" in each.name]
    return f"left {left} behind" if left else ""


def wait_for_moment(process: subprocess.Popen[str], path: Path, generator: random.Random, span: float) -> None:
    """Until a random moment after the run's folder is there; every other time, until a draft is there as well."""
    end = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and not path.exists() and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(generator.uniform(0.0, 0.6 * span))
    in_writing = generator.random() < 0.5
    while in_writing and process.poll() is None and time.monotonic() < end:
        if any((path / "state").glob(".step-*.partial")):
            return
        time.sleep(0.0005)
