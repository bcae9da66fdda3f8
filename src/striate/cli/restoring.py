"""predict for a run that restores: each file made anew, written into a folder."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.cli.predicted import Answer, print_predicted
from striate.cli.progress import Display
from striate.errors import InputError

if TYPE_CHECKING:
    from striate.verbs import Run


def print_restored(run: Run, files: list[Path], out: Path | None, chosen: Mapping[str, Any], *, json: bool) -> None:
    """Write each restored file and print where; files that can't be read are named on stderr."""
    from striate.verbs.answering import Choice
    from striate.verbs.restoring import choose_targets, iterate_restored
    from striate.verbs.scoring import list_pictures

    if out is None:
        raise InputError(f"{run.path}: restores, which gives files; needed a folder for them. Add --out FOLDER")
    paths = list_pictures(files, run.reading)
    targets = choose_targets(run, paths, out)
    answers: list[Answer] = []
    notes: list[str] = []
    with Display(sys.stderr) as display:
        for number, each in enumerate(iterate_restored(run, paths, targets, Choice(**chosen)), 1):
            if isinstance(each, str):
                notes.append(each)
            else:
                told = {"file": each.name, "restored": str(each.path), "extents": list(each.values.shape[1:])}
                answers.append((told, f"-> {each.path}"))
            display.show_score(number, len(paths))
    print_predicted(answers, notes, len(paths), json=json)
