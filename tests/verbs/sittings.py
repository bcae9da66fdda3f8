"""Trains one run undisturbed and another that is killed again and again; run as a program by test_killed.py.

One interpreter imports everything; each sitting is a fork of it, so that a kill is a real one and yet costs no new
import. While a sitting lasts, every file in its folder is read over and over: each must be whole at every moment.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from safetensors import SafetensorError, safe_open

import striate
from striate.cli.main import run_command
from striate.data import load_dataset
from striate.engine import Engine

TEXT = "conv3-8/2, bn, relu, dropout p=0.2, gap, flatten, fc-classes"
Moment = Callable[[Path], bool]


def begin(path: Path) -> None:
    striate.train(TEXT, "digits", epochs=6, seed=2, engine=Engine(), out=path)


def go_on(path: Path) -> None:
    if run_command(["train", "--resume", str(path)]):
        raise SystemExit(1)


def never(path: Path) -> bool:
    return False


def at_once(path: Path) -> bool:
    return path.exists()


def after_epochs(count: int) -> Moment:
    def is_time(path: Path) -> bool:
        history = path / "history.jsonl"
        return history.exists() and history.read_bytes().count(b"\n") >= count

    return is_time


def in_the_report(path: Path) -> bool:
    return (path / "weights.safetensors").exists() and not (path / "report.html").exists()


def sit(work: Callable[[Path], None], path: Path, moment: Moment) -> bool:
    """Work in a process of its own until `moment`; whether it was killed then."""
    child = os.fork()
    if not child:
        work_and_leave(work, path)
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            if status not in (0, signal.SIGKILL):
                raise RuntimeError(f"{work.__name__}: ended with {status}")
            return status == signal.SIGKILL
        if moment(path):
            os.kill(child, signal.SIGKILL)
        check_whole(path)
        time.sleep(0.001)


def work_and_leave(work: Callable[[Path], None], path: Path) -> None:
    try:
        with contextlib.redirect_stdout(sys.stderr):
            work(path)
    except BaseException:
        traceback.print_exc()
        os._exit(9)
    os._exit(0)


def check_whole(path: Path) -> None:
    """Read every file; one that goes away meanwhile was a file whole."""
    # os.walk outlives folders that go away meanwhile.
    for file in [Path(folder, name) for folder, _, names in os.walk(path) for name in names]:
        if file.name.endswith(".partial") or not file.is_file():
            continue
        with contextlib.suppress(FileNotFoundError):
            read_whole(file)


def read_whole(file: Path) -> None:
    if file.suffix == ".json":
        json.loads(file.read_text())
    elif file.suffix == ".jsonl":
        for line in file.read_text().splitlines():
            json.loads(line)
    elif file.suffix == ".safetensors":
        read_tensors(file)
    elif file.suffix == ".html":
        if not file.read_text().rstrip().endswith("</html>"):
            raise ValueError(f"{file}: torn")
    elif file.suffix == ".txt" and not file.read_bytes().endswith(b"\n"):
        raise ValueError(f"{file}: torn")


def read_tensors(file: Path) -> None:
    try:
        with safe_open(file, framework="np") as content:
            for name in content.keys():  # noqa: SIM118 - not a dict
                content.get_tensor(name)
    except SafetensorError:
        if file.exists():
            raise


def main(whole: Path, killed: Path) -> None:
    load_dataset("digits")
    moments: tuple[Moment, ...] = (after_epochs(1), after_epochs(3), in_the_report, in_the_report, never)
    sit(begin, whole, never)
    print(json.dumps([sit(begin, killed, at_once), *(sit(go_on, killed, moment) for moment in moments)]))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
