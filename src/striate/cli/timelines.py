"""A timeline of each recording, printed for people or as JSON."""

from __future__ import annotations

import json as json_format
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from striate.cli.progress import Display

if TYPE_CHECKING:
    from striate.verbs import Timeline


def print_timelines(path: Path, files: list[Path], engine: str, *, json: bool) -> None:
    """Slide a run over recordings; print where each class fires."""
    from striate import verbs
    from striate.engine import keep_large_blocks
    from striate.verbs.scoring import list_pictures

    keep_large_blocks()
    run = verbs.load(path)
    with Display(sys.stderr) as display:
        found = [
            verbs.timeline(run, file, engine=engine, on_score=display.show_score)
            for file in list_pictures(files, run.reading)
        ]
    if json:
        print(json_format.dumps([each.to_dict() for each in found], indent=2))
        return
    for each in found:
        _print(each)


def _print(found: Timeline) -> None:
    print(f"{found.name}: {found.seconds:.2f} s, in windows of {found.window:.2f} s every {found.step:.2f} s")
    width = max((len(span.label) for span in found.spans), default=0)
    for span in found.spans:
        print(f"  {span.start:8.2f} to {span.end:8.2f} s  {span.label:<{width}}  {100 * span.probability:.1f} %")
    if not found.spans:
        print("  no class fires: every window is quiet, or its likeliest class is below 50 %")
