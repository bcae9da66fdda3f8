"""evaluate and predict, printed for people or as JSON."""

from __future__ import annotations

import json as json_format
import sys
from pathlib import Path

from striate.cli.progress import Display


def evaluate_run(path: Path, data: str, *, json: bool) -> None:
    """Score a run, and print the accuracy with its interval."""
    from striate import verbs

    with Display(sys.stderr) as display:
        result = verbs.evaluate(path, data, on_data=display.show_data, on_score=display.show_score)
    low, high = result.interval
    if json:
        about = {"accuracy": result.accuracy, "interval": [low, high], "correct": result.correct, "total": result.total}
        print(json_format.dumps({**about, "loss": result.loss, "part": result.part, "left_out": result.left_out}))
        return
    left_out = f"; {result.left_out:,} that it was trained on were left out" if result.left_out else ""
    counts = f"{result.correct:,} of {result.total:,} of the part `{result.part}`{left_out}"
    print(f"{100 * result.accuracy:.2f} % right ({counts})")
    print(f"95 % interval {100 * low:.2f} to {100 * high:.2f} %, loss {result.loss:.4f}")


def predict_files(path: Path, files: list[Path], *, json: bool) -> None:
    """Print each file's likeliest class; files that can't be read are named on stderr."""
    from striate import verbs
    from striate.data import load_files
    from striate.errors import DataError
    from striate.verbs.scoring import list_pictures

    run = verbs.load(path)
    pictures = list_pictures(files)
    with Display(sys.stderr) as display:
        inputs, names, set_aside = load_files(
            pictures, extents=run.input[1:], channels=run.input[0], report=display.show_data
        )
        rows = verbs.predict(run, inputs, on_score=display.show_score) if names else None
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
