"""evaluate and predict, printed for people or as JSON."""

from __future__ import annotations

import json as json_format
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.cli.predicted import Answer, print_predicted
from striate.cli.progress import Display
from striate.cli.training import describe_baseline, describe_merit, describe_outputs
from striate.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from striate.train.tasks import Merit
    from striate.verbs import Evaluation, Run


def evaluate_run(path: Path, data: str, chosen: Mapping[str, Any], *, json: bool) -> None:
    """Score a run, and print the accuracy with its interval."""
    from striate import verbs
    from striate.engine import keep_large_blocks

    keep_large_blocks()
    with Display(sys.stderr) as display:
        result = verbs.evaluate(path, data, **chosen, on_data=display.show_data, on_score=display.show_score)
    if json:
        print(json_format.dumps(result.to_dict()))
        return
    if result.task != "classify":
        _print_task(result, verbs.load(path).task.merit)
        return
    low, high = result.interval
    left_out = f"; {result.left_out:,} that it was trained on were left out" if result.left_out else ""
    counts = f"{result.correct:,} of {result.total:,} of the part `{result.part}`{left_out}"
    print(f"{100 * result.accuracy:.2f} % right ({counts})")
    print(f"95 % interval {100 * low:.2f} to {100 * high:.2f} %, loss {result.loss:.4f}")
    print(f"engine   {result.engine}")
    for line in describe_baseline(result):
        print(line)
    if result.balanced_accuracy is not None:
        print(f"balanced accuracy {100 * result.balanced_accuracy:.2f} %: the mean over classes, which are uneven")


def predict_files(
    path: Path, files: list[Path], chosen: Mapping[str, Any], *, json: bool, out: Path | None = None
) -> None:
    """Print each file's likeliest class; files that can't be read are named on stderr."""
    from striate import verbs
    from striate.data import load_files
    from striate.engine import keep_large_blocks
    from striate.verbs.scoring import list_pictures

    keep_large_blocks()
    run = verbs.load(path)
    if run.task.name == "segment":
        from striate.cli.segmenting import print_masks

        print_masks(run, files, out, chosen, json=json)
        return
    if run.task.name == "restore":
        from striate.cli.restoring import print_restored

        print_restored(run, files, out, chosen, json=json)
        return
    if out is not None:
        found = f"--out {out}: found a run for {run.task.name}, whose answers are no files"
        raise InputError(f"{found}, needed one for segment or restore. Leave it out")
    pictures = list_pictures(files, run.reading)
    with Display(sys.stderr) as display:
        inputs, names, set_aside = load_files(
            pictures, extents=run.input[1:], channels=run.input[0], report=display.show_data, reading=run.reading
        )
        rows = verbs.predict(run, inputs, **chosen, say=_note, on_score=display.show_score) if names else None
    answers = [] if rows is None else [_tell(run, name, row) for name, row in zip(names, rows, strict=True)]
    notes = [f"{file.name}: {file.reason}; left out" for file in set_aside]
    print_predicted(answers, notes, len(pictures), json=json)


def _print_task(result: Evaluation, merit: Merit) -> None:
    """The figures of another task than classification."""
    left_out = f"; {result.left_out:,} that it was trained on were left out" if result.left_out else ""
    print(f"{describe_merit(result, merit)} of the part `{result.part}`{left_out}")
    print(f"loss {result.loss:.4f}")
    print(f"engine   {result.engine}")
    for line in (*describe_outputs(result), *describe_baseline(result)):
        print(line)


def _tell(run: Run, name: str, row: NDArray[np.float64]) -> Answer:
    """A file's class with all probabilities, the likeliest first; its numbers, or each label's probability."""
    from striate.verbs.telling import write_answer

    scores = dict(zip(run.classes, map(float, row), strict=True))
    told: dict[str, Any] = {"file": name, "numbers" if run.task.name == "regress" else "probabilities": scores}
    if run.task.name == "classify":
        ranked = {run.classes[place]: float(row[place]) for place in row.argsort()[::-1]}
        best = next(iter(ranked))
        told = {"file": name, "class": best, "probability": ranked[best], "probabilities": ranked}
    return told, write_answer(run, row)


def _note(line: str) -> None:
    """What concerns the answers, beside them."""
    print(f"striate: {line}", file=sys.stderr)
