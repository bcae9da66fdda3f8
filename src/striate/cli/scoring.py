"""evaluate and predict, printed for people or as JSON."""

from __future__ import annotations

import json as json_format
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from striate.cli.progress import Display


def evaluate_run(path: Path, data: str, chosen: Mapping[str, Any], *, json: bool) -> None:
    """Score a run, and print the accuracy with its interval."""
    from striate import verbs
    from striate.engine import keep_large_blocks

    keep_large_blocks()
    with Display(sys.stderr) as display:
        result = verbs.evaluate(path, data, **chosen, on_data=display.show_data, on_score=display.show_score)
    low, high = result.interval
    if json:
        print(json_format.dumps(result.to_dict()))
        return
    left_out = f"; {result.left_out:,} that it was trained on were left out" if result.left_out else ""
    counts = f"{result.correct:,} of {result.total:,} of the part `{result.part}`{left_out}"
    print(f"{100 * result.accuracy:.2f} % right ({counts})")
    print(f"95 % interval {100 * low:.2f} to {100 * high:.2f} %, loss {result.loss:.4f}")
    print(f"engine   {result.engine}")
    if result.balanced_accuracy is not None:
        print(f"balanced accuracy {100 * result.balanced_accuracy:.2f} %: the mean over classes, which are uneven")


def predict_files(path: Path, files: list[Path], chosen: Mapping[str, Any], *, json: bool) -> None:
    """Print each file's likeliest class; files that can't be read are named on stderr."""
    from striate import verbs
    from striate.data import load_files
    from striate.engine import keep_large_blocks
    from striate.errors import DataError
    from striate.verbs.scoring import list_pictures

    keep_large_blocks()
    run = verbs.load(path)
    pictures = list_pictures(files)
    with Display(sys.stderr) as display:
        inputs, names, set_aside = load_files(
            pictures, extents=run.input[1:], channels=run.input[0], report=display.show_data
        )
        rows = verbs.predict(run, inputs, **chosen, say=_note, on_score=display.show_score) if names else None
    for file in set_aside:
        print(f"striate: {file.name}: {file.reason}; left out", file=sys.stderr)
    if rows is None:
        raise DataError(
            f"predict: found no readable file among {len(pictures)}, needed at least one picture. Check the paths"
        )
    order = rows.argsort(axis=1)[:, ::-1]
    if json:
        print(
            json_format.dumps(
                [
                    {
                        "file": name,
                        "class": run.classes[places[0]],
                        "probability": float(row[places[0]]),
                        "probabilities": {run.classes[place]: float(row[place]) for place in places},
                    }
                    for name, row, places in zip(names, rows, order, strict=True)
                ],
                indent=2,
            )
        )
        return
    width = max(map(len, names))
    for name, row, places in zip(names, rows, order, strict=True):
        shown = "   ".join(f"{run.classes[place]} {100 * row[place]:.1f} %" for place in places[:3])
        print(f"{name:<{width}}  {shown}")


def _note(line: str) -> None:
    """What concerns the answers, beside them."""
    print(f"striate: {line}", file=sys.stderr)
