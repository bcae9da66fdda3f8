"""What predict prints at its end, whatever a run answers: a line a file, or JSON; and which files were left out."""

from __future__ import annotations

import json as json_format
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from striate.errors import DataError

Answer = tuple[Mapping[str, Any], str]  # of a file: in plain values, `file` among them, and in words


def print_predicted(answers: Sequence[Answer], notes: Sequence[str], asked: int, *, json: bool) -> None:
    """Print the answers to so many files that were `asked` about; the notes on those without one go to stderr.

    Raises: DataError where no file has an answer.
    """
    for note in notes:
        print(f"striate: {note}", file=sys.stderr)
    if not answers:
        raise DataError(f"predict: found no readable file among {asked}, needed at least one. Check the paths")
    if json:
        print(json_format.dumps([told for told, _ in answers], indent=2))
        return
    width = max(len(str(told["file"])) for told, _ in answers)
    for told, line in answers:
        print(f"{told['file']:<{width}}  {line}")
