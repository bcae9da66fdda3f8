"""The runs below the studio's folder: those it started, wherever their process is, and those begun in a terminal.

Nothing is held in memory: what is told is read from the runs' folders and their jobs', so a studio that was killed
and started again tells the same.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from striate.errors import InputError
from striate.studio.jobs import Job

JOBS, NET = ".studio", "network.net"
MOST_RUNS = 500
State = Literal["running", "stopping", "finished", "stopped", "failed"]
_PLACE = re.compile(r"(?:epoch|step)\s+(\d+) of (\d+)\s+(.*)")
_MOST_NAME = 60


@dataclass(frozen=True)
class Standing:
    """How a run stands. `place` is the last line of its progress, `done` of `total` its steps or epochs.

    `can_resume`: there is a run folder to go on with; `problem`: why it ended before its time.
    """

    name: str
    state: State
    problem: str | None = None
    place: str | None = None
    done: int = 0
    total: int = 0
    can_resume: bool = False
    said: tuple[str, ...] = ()


class Trainings:
    """The runs of a folder."""

    def __init__(self, runs: Path) -> None:
        """Name the folder, which appears with the first run."""
        self.runs = runs

    def job(self, name: str) -> Job:
        """The job of a run."""
        return Job(self.runs / JOBS / name)

    def list_names(self) -> list[str]:
        """Name the runs, the newest first."""
        folders = _list_folders(self.runs)
        begun = {path.name: path for path in folders if (path / "settings.json").is_file()}
        jobs = {path.name: path for path in _list_folders(self.runs / JOBS) if Job(path).exists}
        times = {name: _read_time(jobs.get(name), begun.get(name)) for name in {*begun, *jobs}}
        return sorted(times, key=lambda name: (-times[name], name))[:MOST_RUNS]

    def start(self, stem: str, net: str, data: str, options: Sequence[str], cwd: Path) -> str:
        """Begin a training and give its run's name: a free one like `stem`.

        `net` is "auto", a zoo name or a text, which is checked already; `data` as `striate train` takes it.
        """
        name = self._reserve(stem)
        job = self.job(name)
        if "\n" in net or not re.fullmatch(r"[a-z0-9_-]+", net):
            (job.folder / NET).write_text(net, "utf-8")
            net = str((job.folder / NET).resolve())
        try:
            job.begin([*_COMMAND, *options, "--out", str((self.runs / name).resolve()), "--json", "--", net, data], cwd)
        except BaseException:
            if not job.is_alive:  # its name is free again
                shutil.rmtree(job.folder, ignore_errors=True)
            raise
        return name

    def resume(self, name: str, cwd: Path) -> None:
        """Go on with a run. Raises: InputError where there is nothing to go on with."""
        if not (self.runs / name / "settings.json").is_file():
            raise InputError(f"{name}: ended before its first step. Start it anew")
        self.job(name).begin([*_COMMAND, "--json", "--resume", str((self.runs / name).resolve())], cwd)

    def describe(self, name: str) -> Standing:
        """Tell how a run stands."""
        run, job = self.runs / name, self.job(name)
        alive, stopping, lines = job.is_alive, job.record.stopping, job.read_log()
        place, done, total = find_place(lines)
        said = tuple(line for line in lines if line.strip() and not _PLACE.match(line))[-12:]
        resumable = not alive and (run / "settings.json").is_file()
        if alive:
            return Standing(name, "stopping" if stopping else "running", None, place, done, total, False, said)
        if (run / "report.html").is_file() and (run / "weights.safetensors").is_file():
            return Standing(name, "finished", None, place, done, total, False, said)
        problem = None if stopping else find_problem(lines) if job.exists else None
        state: State = "failed" if problem else "stopped"
        return Standing(name, state, problem, place, done, total, resumable, said)

    def read_history(self, name: str, first: int = 0) -> list[dict[str, Any]]:
        """The records of the finished epochs from the `first` on; a line that is being written is left out."""
        try:
            lines = (self.runs / name / "history.jsonl").read_text("utf-8").split("\n")[:-1]
            return [json.loads(line) for line in lines[first:]]
        except (OSError, ValueError):
            return []

    def _reserve(self, stem: str) -> str:
        """Take a free name; of two studios that come here at once each gets its own."""
        stem = re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-")[:_MOST_NAME] or "run"
        (self.runs / JOBS).mkdir(parents=True, exist_ok=True)
        for number in range(1, 10_000):
            name = stem if number == 1 else f"{stem}-{number}"
            if (self.runs / name).exists():
                continue
            try:
                (self.runs / JOBS / name).mkdir()
            except FileExistsError:
                continue
            return name
        raise InputError(f"{stem}: found 10,000 runs of this name. Remove some")


_COMMAND = (sys.executable, "-m", "striate", "train")


def find_place(lines: Sequence[str]) -> tuple[str | None, int, int]:
    """The last line that says how far a training is, and its two numbers.

    >>> find_place(["step     20 of 80    loss 1.201, accuracy 60.00 %", "note     all is well"])
    ('step 20 of 80, loss 1.201, accuracy 60.00 %', 20, 80)
    """
    for line in reversed(lines):
        found = _PLACE.match(line)
        if found:
            place = " ".join(line[: found.start(3)].split())
            return f"{place}, {found[3]}", int(found[1]), int(found[2])
    return None, 0, 0


def find_problem(lines: Sequence[str]) -> str:
    """Why a training ended of its own accord, as the command itself says it; without the path of the network's text.

    >>> find_problem(["epoch    1 of 2", "striate: --lr is 0, needed more"])
    '--lr is 0, needed more'
    """
    said = [line for line in lines if line.strip() and not _PLACE.match(line)]
    told = [line.removeprefix("striate: ") for line in said if line.startswith("striate: ")]
    if told:  # below it, of a network's text, its place may be drawn
        return re.sub(rf"^\S*/(?={re.escape(NET)}:)", "", told[-1])
    if said and re.match(r"\w+(Error|Interrupt)\b", said[-1]):
        return said[-1]
    return "its process ended without a word: it was killed, or the machine went down"


def describe_fully(trainings: Trainings, name: str) -> dict[str, Any]:
    """A run's standing with what it was asked to do and how well it did."""
    run = trainings.runs / name
    settings = _read_json(run / "settings.json")
    if isinstance(settings, dict) and str(settings.get("net", "")).endswith(("text", f"/{NET}")):
        settings["net"] = _read_text(run / "net.txt") or settings["net"]
    return {
        **asdict(trainings.describe(name)),
        "settings": settings,
        "result": _read_json(run / "result.json"),
    }


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None


def _read_text(path: Path) -> str | None:
    """A text on one line."""
    try:
        return "; ".join(line for line in path.read_text("utf-8").splitlines() if line.strip())
    except (OSError, ValueError):
        return None


def _list_folders(folder: Path) -> list[Path]:
    try:
        return [each for each in folder.iterdir() if not each.name.startswith(".") and each.is_dir()]
    except OSError:
        return []


def _read_time(*folders: Path | None) -> float:
    """When a run was begun or gone on with, as far as its folders tell."""
    times = [0.0]
    for folder in folders:
        for path in (folder / "job.json", folder / "settings.json") if folder else ():
            try:
                times.append(path.stat().st_mtime)
            except OSError:
                continue
    return max(times)
