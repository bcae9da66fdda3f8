"""Damaged files of every kind through load_dataset and load_files: read, set aside by name, or one DataError; no crash.

The files are loaded in forks of this process with 4 GB of address space to spare, so that one which brings the process
down, hangs, or asks for all memory is found, and ends nothing else.
"""

from __future__ import annotations

import json
import os
import re
import signal
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from benchmarks.faulty.mutations import MUTATIONS
from benchmarks.faulty.outcome import Outcome, Tell
from benchmarks.faulty.samples import IMAGES, KINDS, count_samples, place

from striate.data import load_dataset, load_files
from striate.errors import DataError

SPARE_BYTES = 4 << 30
PATIENCE_SECONDS = 60
CHUNK = 50


@dataclass(frozen=True)
class Case:
    """One damaged file: a kind, a mutation, and the seed of all that is random in it."""

    number: int
    seed: int
    kind: str
    mutation: str


def list_cases(count: int, seed: int = 0) -> list[Case]:
    """As many cases of each kind and mutation as of any other, once more or less."""
    pairs = [(kind, mutation) for mutation in MUTATIONS for kind in KINDS]
    return [Case(number, seed, *pairs[number % len(pairs)]) for number in range(count)]


def inject_files(count: int = 1000, tell: Tell = print, seed: int = 0) -> Outcome:
    """Load so many damaged files; what came of it."""
    start, cases = time.monotonic(), list_cases(count, seed)
    outcome, ways = Outcome("damaged file", ""), Counter[str]()
    while cases:
        chunk, cases = cases[:CHUNK], cases[CHUNK:]
        answers = list(run_apart(chunk))
        for case, answer in zip(chunk, answers, strict=False):
            ways[answer.split(":")[0]] += 1
            if answer not in ("read", "set aside", "refused"):
                outcome.failures.append(f"{case}: {answer}")
        outcome.done += len(answers)
        cases = [*chunk[len(answers) :], *cases]
        tell(f"files: {outcome.done} of {count}; {dict(ways)}")
    named = ", ".join(f"{ways[way]} {way}" for way in ("set aside", "refused", "read"))
    outcome.held, outcome.seconds = f"no crash, each named ({named}, harmless)", time.monotonic() - start
    return outcome


def run_apart(cases: list[Case]) -> Iterator[str]:
    """What became of each case, in a process of its own; a case that ends it says how, and is the last."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        os.close(ours)
        _work(cases, theirs)
    os.close(theirs)
    with os.fdopen(ours) as stream:
        answered = 0
        for line in stream:
            answered += 1
            yield json.loads(line)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if answered < len(cases):
        yield f"crashed: the process ended with {code}"


def _work(cases: list[Case], pipe: int) -> None:
    try:
        _limit_memory()
        warnings.simplefilter("ignore")
        for case in cases:
            signal.alarm(PATIENCE_SECONDS)
            with tempfile.TemporaryDirectory() as folder:
                os.environ["STRIATE_CACHE"] = folder + "/cache"
                answer = try_case(case, Path(folder, "data"))
            os.write(pipe, (json.dumps(answer) + "\n").encode())
        os._exit(0)
    finally:
        os._exit(1)


def _limit_memory() -> None:
    import resource

    found = re.search(r"VmSize:\s+(\d+) kB", Path("/proc/self/status").read_text())
    if found:
        most = 1024 * int(found[1]) + SPARE_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def try_case(case: Case, root: Path) -> str:
    """Load one damaged file: read, set aside, refused; or what is wrong with how it was taken."""
    generator = np.random.default_rng([case.seed, case.number])
    content = MUTATIONS[case.mutation](KINDS[case.kind](generator), generator)
    source, name = place(case.kind, content, root, generator)
    try:
        answer = _load(source, name, count_samples(case.kind))
        if case.kind in IMAGES:
            answer = _compare(answer, root / name)
    except DataError as problem:
        said = str(problem)
        return "refused" if name in said and "\n" not in said else f"not named: {said}"
    except BaseException as problem:
        where = traceback.extract_tb(problem.__traceback__)[-1]
        return f"crashed: {type(problem).__name__}: {problem} ({Path(where.filename).name}:{where.lineno})"
    return answer


def _load(source: Path, name: str, whole: int | None) -> str:
    dataset = load_dataset(source)
    if not dataset.set_aside:
        count = sum(len(part) for part in (dataset.train, dataset.val, dataset.test) if part is not None)
        return "read" if whole in (None, count) else f"not named: {count} samples of {whole}"
    # What an archive or a table is missing is named by its own name.
    own = name if name.startswith("cat/") else ""
    reasons = [aside for aside in dataset.set_aside if not aside.name or not aside.reason]
    return (
        "set aside" if any(own in aside.name for aside in dataset.set_aside) and not reasons else "not named: set aside"
    )


def _compare(answer: str, path: Path) -> str:
    """Whether a single file named to `predict` is taken as it was in its folder."""
    inputs, names, aside = load_files([path], extents=(12, 12), channels=3)
    if len(inputs) != len(names) or (not aside) != (answer == "read"):
        return f"not alike: {answer} in a folder, {'set aside' if aside else 'read'} alone"
    return answer if not aside or aside[0].name.endswith(path.name) else f"not named: {aside}"
