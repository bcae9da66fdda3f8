"""predict for a run that segments: which share of each file every class has, and the masks written into a folder."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.cli.predicted import Answer, print_predicted
from striate.cli.progress import Display
from striate.errors import DataError

if TYPE_CHECKING:
    from striate.verbs import Run
    from striate.verbs.segmenting import Mask


def print_masks(run: Run, files: list[Path], out: Path | None, chosen: Mapping[str, Any], *, json: bool) -> None:
    """Print each file's shares, and where its mask was written; files that can't be read are named on stderr."""
    from striate.verbs.answering import Choice
    from striate.verbs.scoring import list_pictures
    from striate.verbs.segmenting import choose_targets, iterate_masks

    paths = list_pictures(files, run.reading)
    answers: list[Answer] = []
    notes: list[str] = []
    targets = None if out is None else choose_targets(run, paths, out)
    with Display(sys.stderr) as display:
        for number, path in enumerate(paths):
            try:
                target = None if targets is None else targets[number : number + 1]
                answers += [_tell(mask) for mask in iterate_masks(run, [path], target, None, Choice(**chosen))]
            except DataError as problem:
                notes.append(str(problem))
            display.show_score(number + 1, len(paths))
    print_predicted(answers, notes, len(paths), json=json)


def _tell(mask: Mask) -> Answer:
    from striate.verbs.telling import write_shares

    path, shares = None if mask.path is None else str(mask.path), dict(mask.shares)
    told = {"file": mask.name, "mask": path, "extents": list(mask.values.shape), "shares": shares}
    return told, write_shares(shares) + (f"   -> {path}" if path else "")
