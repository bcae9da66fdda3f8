"""explain: where in each file a run's answer comes from, how far to trust that, and the picture of it."""

from __future__ import annotations

import json as json_format
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.cli.progress import Display
from striate.cli.subjects import working
from striate.errors import DataError

if TYPE_CHECKING:
    from striate.explain import Heat
    from striate.verbs import Run

MOST_LINES = 60  # files
UNASKED = "not asked (--fast): a map can look right and show the input more than the network"


@dataclass(frozen=True)
class Query:
    """What is asked of each file: by which methods, about which class, layer or unit; and where the picture goes."""

    methods: str = "gradcam"
    target: str | None = None
    layer: str | None = None
    unit: int | None = None
    fast: bool = False
    seed: int = 0
    out: Path | None = None


def explain_files(path: Path, files: Sequence[Path], query: Query, *, json: bool) -> None:
    """Explain a run's answers about files by each method; print where each is hottest, and draw it."""
    from striate import verbs
    from striate.engine import keep_large_blocks

    keep_large_blocks()
    methods = split_methods(query.methods)
    _check_out(query.out)
    run = verbs.load(path)
    name = run.path.resolve().name
    with Display(sys.stderr) as display:
        inputs, names = _load(run, files, display)
        asked: dict[str, Any] = {
            "target": query.target,
            "trust": not query.fast,
            "seed": query.seed,
            "on_progress": display.show_work,
        }
        heats = [
            replace(verbs.explain(run, inputs, method=method, **asked, **_narrow(query, method, methods)), names=names)
            for method in methods
        ]
    out = query.out or (None if json else choose_place(name))
    _print_json(heats, out) if json else _print_heats(heats)
    if out is not None:
        _draw(heats, out, name, json=json)


def split_methods(text: str) -> list[str]:
    """The methods of a list with commas, each once.

    Raises:  InputError, with the names that there are, for any other.
    """
    from striate.explain.explaining import find_method

    names = list(dict.fromkeys(name.strip() for name in text.split(",")))
    return [find_method(name).name for name in names]


def choose_place(name: str) -> Path:
    """A page beside where one stands, named after the run; numbered where a file that Striate didn't draw is there."""
    from striate.report.figures import is_ours

    places = (Path(f"explain-{name}{f'-{number}' if number > 1 else ''}.html") for number in count(1))
    return next(place for place in places if not place.exists() or is_ours(place))


def _check_out(out: Path | None) -> None:
    """Refuse a place that can't be drawn to before any work is done."""
    from striate.report.figures import find_place
    from striate.report.heats.explanation import PAGES

    if out is not None:
        find_place(out, PAGES)


def _load(run: Run, files: Sequence[Path], display: Display) -> tuple[Any, tuple[str, ...]]:
    """The pictures as the run takes them, and their names; those that can't be read are named on stderr."""
    from striate.data import load_files
    from striate.verbs.scoring import list_pictures

    pictures = list_pictures(files, run.reading)
    size: dict[str, Any] = {"extents": run.input[1:], "channels": run.input[0], "reading": run.reading}
    inputs, names, set_aside = load_files(pictures, **size, report=display.show_data)
    for file in set_aside:
        display.say(f"striate: {file.name}: {file.reason}; left out")
    if not names:
        found = f"explain: found no readable file among {len(pictures)}"
        raise DataError(f"{found}, needed at least one. Check the paths")
    return inputs, tuple(names)


def _narrow(query: Query, method: str, methods: Sequence[str]) -> dict[str, Any]:
    """The layer and the unit, for the methods that look at one; where none of them does, for all, which then refuse."""
    from striate.explain.methods.catalogue import METHODS

    asked: dict[str, Any] = {}
    for name, able in (("layer", "layered"), ("unit", "unitary")):
        if getattr(METHODS[method], able) or not any(getattr(METHODS[each], able) for each in methods):
            asked[name] = getattr(query, name)
    return asked


def _draw(heats: Sequence[Heat], out: Path, name: str, *, json: bool) -> None:
    from striate.report.heats.explanation import save_explanation

    with working("drawing"):
        path = save_explanation(heats, out, name)
    print(f"picture   {path}", file=sys.stderr if json else sys.stdout)


def _print_json(heats: Sequence[Heat], out: Path | None) -> None:
    from striate.report.heats.exposures import find_peak

    rows = []
    for index, name in enumerate(heats[0].names):
        maps = [
            {
                "method": heat.method,
                "peak": find_peak(heat, index),
                "trustworthy": heat.trust.maps[index].trustworthy if heat.trust else None,
            }
            for heat in heats
        ]
        target = heats[0].target[index]
        label = heats[0].classes[target] if target < len(heats[0].classes) else None
        score = heats[0].score[index] if index < len(heats[0].score) else None
        rows.append({"file": name, "class": label, "target": target, "score": score, "maps": maps})
    about = [
        {
            "method": heat.method,
            "layer": heat.layer,
            "unit": heat.unit,
            "notes": heat.notes,
            "trust": asdict(heat.trust) if heat.trust else None,
        }
        for heat in heats
    ]
    picture = None if out is None else str(out)
    print(json_format.dumps({"picture": picture, "methods": about, "files": rows}, indent=2))


def _print_heats(heats: Sequence[Heat]) -> None:
    """Each file with its answer and where each method's heat peaks; below them the trust and notes of each method."""
    from striate.report.heats.cards import write_peak
    from striate.report.heats.exposures import find_peak, name_answer

    width = max(len(heat.method) for heat in heats)
    for index, name in enumerate(heats[0].names[:MOST_LINES]):
        print(f"{name}: {' / '.join(dict.fromkeys(name_answer(heat, index) for heat in heats))}")
        for heat in heats:
            verdict = "" if heat.trust is None or heat.trust.maps[index].trustworthy else ", doubtful by itself"
            print(f"  {heat.method:<{width}}  hottest at {write_peak(find_peak(heat, index), heat.rate)}{verdict}")
    if len(heats[0].names) > MOST_LINES:
        print(f"... and {len(heats[0].names) - MOST_LINES} more: --json has all of them")
    print()
    for heat in heats:
        where = f"layer {heat.layer}" if heat.layer else "the input"
        unit = f", unit {heat.unit}" if heat.unit is not None else ""
        print(f"{heat.method:<{width}}  read at {where}{unit}")
        for line in (*(heat.trust.lines() if heat.trust else ()), *heat.notes):
            print(f"{'':<{width}}  {line}")
    if heats[0].trust is None:
        print(f"trust     {UNASKED}")
