"""The pages of worked examples: each is run once from top to bottom, and what its blocks print is kept."""

from __future__ import annotations

import io
import json
import os
import re
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "worked"
NAMES = sorted(path.stem for path in FOLDER.glob("*.md") if path.stem != "README")
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Block:
    """A block of Python: where it stands, what the page says that it prints, and what it printed."""

    heading: str
    line: int
    shown: str
    printed: str


@dataclass(frozen=True)
class Page:
    """A page that was run: its text, its blocks, and the names that they left."""

    text: str
    blocks: tuple[Block, ...]
    names: dict[str, Any]

    def take(self, *names: str) -> list[Any]:
        """Tensors of the page as nested lists."""
        return [self.names[name].tolist() for name in names]

    def list_numbers(self, heading: str, block: int = 0) -> list[float]:
        """The numbers of what a block below a heading is shown to print; blocks that show nothing don't count."""
        return list_numbers([each.shown for each in self.blocks if each.heading == heading and each.shown][block])


def read_page(name: str) -> str:
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8")


@cache
def run_page(name: str) -> Page:
    """Run a page's blocks one after the other, as a reader would."""
    text, names = read_page(name), {"__name__": name}
    blocks = []
    found = list(FENCED.finditer(text))
    for place, match in enumerate(found):
        if match[1] == "python":
            after = found[place + 1] if place + 1 < len(found) else None
            is_shown = after is not None and after[1] == "text" and not text[match.end() : after.start()].strip()
            line = text.count("\n", 0, match.start()) + 1
            printed = _run(match[2], f"docs/worked/{name}.md", line, names)
            heading = HEADING.findall(FENCED.sub("", text[: match.start()]))[-1]
            blocks.append(Block(heading, line, after[2] if is_shown and after is not None else "", printed))
    return Page(text, tuple(blocks), names)


def _run(code: str, name: str, line: int, names: dict[str, Any]) -> str:
    """What a block prints; an error in it names the line of the page."""
    with redirect_stdout(io.StringIO()) as printed:
        exec(compile("\n" * line + code, name, "exec"), names)
    return printed.getvalue()


def list_numbers(text: str) -> list[float]:
    return [float(number) for number in NUMBER.findall(re.sub(r"(?<=\d),(?=\d{3})", "", text))]


def read_oracle(name: str) -> dict[str, Any]:
    """A published example; the test skips where there is none."""
    folder = os.environ.get("STRIATE_ORACLES")
    if not folder:
        pytest.skip("STRIATE_ORACLES names no folder of worked examples")
    found: dict[str, Any] = json.loads((Path(folder) / "worked.json").read_text(encoding="utf-8"))[name]
    return found
