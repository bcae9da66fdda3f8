"""predict for a run that segments: which share of each file every class has, and the masks written into a folder."""

from __future__ import annotations

import json as json_format
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

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

    paths, told, notes = list_pictures(files, run.reading), [], []
    targets = None if out is None else choose_targets(run, paths, out)
    with Display(sys.stderr) as display:
        for number, path in enumerate(paths):
            try:
                target = None if targets is None else targets[number : number + 1]
                told += [_tell(mask) for mask in iterate_masks(run, [path], target, None, Choice(**chosen))]
            except DataError as problem:
                notes.append(str(problem))
            display.show_score(number + 1, len(paths))
    for note in notes:
        print(f"striate: {note}", file=sys.stderr)
    if not told:
        raise DataError(f"predict: found no readable file among {len(paths)}, needed at least one. Check the paths")
    if json:
        print(json_format.dumps(told, indent=2))
        return
    width = max(len(each["file"]) for each in told)
    for each in told:
        shares = sorted(each["shares"].items(), key=lambda pair: -pair[1])
        shown = "   ".join(f"{name} {100 * share:.1f} %" for name, share in shares[:4] if share > 0)
        print(f"{each['file']:<{width}}  {shown}" + (f"   -> {each['mask']}" if each["mask"] else ""))


def _tell(mask: Mask) -> dict[str, Any]:
    path = None if mask.path is None else str(mask.path)
    return {"file": mask.name, "mask": path, "extents": list(mask.values.shape), "shares": dict(mask.shares)}
