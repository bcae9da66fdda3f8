"""explore: a view of a whole network, drawn into a file; the views that there are."""

from __future__ import annotations

import json as json_format
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.cli.progress import Display
from striate.cli.subjects import working
from striate.errors import InputError

if TYPE_CHECKING:
    from striate.explain.views import View

MOST_VALUES = 4096  # of a tensor that is printed whole


@dataclass(frozen=True)
class Wish:
    """What to look at, and where the picture goes."""

    files: Sequence[Path] = ()
    layer: str | None = None
    unit: int | None = None
    beside: Sequence[Path] = ()
    options: Sequence[str] = ()
    seed: int = 0
    out: Path | None = None


def explore_run(run: Path | None, view: str | None, wish: Wish, *, listing: bool, json: bool) -> None:
    """Look at a run in one way and draw what is seen; or list the ways."""
    if listing:
        _list_views(json=json)
        return
    if run is None or view is None:
        raise InputError("explore: needed a run and a view, such as runs/photos kernels. `--list` names the views")
    _look(run, view, wish, json=json)


def _look(run: Path, view: str, wish: Wish, *, json: bool) -> None:
    from striate import verbs
    from striate.report.figures import FORMATS, find_place

    out = wish.out or (None if json else Path(f"explore-{view}.png"))
    options: dict[str, Any] = _settle(view, read_options(wish.options))
    if out is not None:
        find_place(out, (*FORMATS, "html") if view == "maps" else FORMATS)
    with Display(sys.stderr) as display:
        found = verbs.explore(
            run,
            view,
            list(wish.files) or None,
            layer=wish.layer,
            unit=wish.unit,
            seed=wish.seed,
            beside=list(wish.beside),
            on_progress=display.show_work,
            **options,
        )
    if json:
        print(json_format.dumps(to_plain(found), indent=2))
    else:
        _print_notes(view, found)
    if out is not None:
        _draw(found, out, json=json)


def _settle(name: str, options: Mapping[str, str]) -> dict[str, Any]:
    """Refuse a view and options that there aren't before any file is looked at."""
    from striate.explain.options import settle_options
    from striate.explain.views import VIEWS

    if name not in VIEWS:
        raise InputError(f"view: found `{name}`, needed one of {', '.join(sorted(VIEWS))}")
    return settle_options(name, VIEWS[name].options, options)


def _draw(found: Any, out: Path, *, json: bool) -> None:
    from striate.report import save_figure

    with working("drawing"):
        path = save_figure(found, out)
    print(f"picture   {path}", file=sys.stderr if json else sys.stdout)


def _print_notes(view: str, found: Any) -> None:
    """The view's title, and what the result says of itself."""
    from striate.explain.views import VIEWS

    print(VIEWS[view].title)
    for note in getattr(found, "notes", ()):
        print(f"note      {note}")


def read_options(texts: Sequence[str]) -> dict[str, str]:
    """Read options written KEY=VALUE.

    Raises:  InputError for one that isn't, or that stands twice.

    >>> read_options(["steps=64", "size=32x32"])
    {'steps': '64', 'size': '32x32'}
    """
    options: dict[str, str] = {}
    for text in texts:
        name, mark, value = text.partition("=")
        if not mark or not name.isidentifier():
            raise InputError(f"--option {text}: needed a name and a value, such as steps=64. Write it so")
        if name in options:
            raise InputError(f"--option {text}: found {name} twice, needed it once. Leave one out")
        options[name] = value
    return options


def _list_views(*, json: bool) -> None:
    from striate.explain.views import VIEWS

    views = [VIEWS[name] for name in sorted(VIEWS)]
    if json:
        print(json_format.dumps([_describe(view) for view in views], indent=2))
        return
    width = max((len(view.name) for view in views), default=0)
    for view in views:
        needs = f" (needs {' and '.join(view.needs)})" if view.needs else ""
        options = f"  [{' '.join(f'{name}={_write(value)}' for name, value in view.options.items())}]"
        print(f"{view.name:<{width}}  {view.title}{needs}{options if view.options else ''}")


def _describe(view: View) -> dict[str, Any]:
    return {"name": view.name, "title": view.title, "needs": list(view.needs), "options": to_plain(view.options)}


def _write(value: Any) -> str:
    """A default as it is written behind KEY=."""
    if value is None or value in ("", ()):
        return "..."
    return ",".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def to_plain(value: Any) -> Any:
    """A result as JSON knows it: dataclasses by field, tensors as lists; of a large tensor its shape and bounds.

    >>> to_plain({"steps": (1, 2), "path": Path("a.png")})
    {'steps': [1, 2], 'path': 'a.png'}
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: to_plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): to_plain(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(each) for each in value]
    if hasattr(value, "tolist") and hasattr(value, "shape"):
        return _write_values(value)
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _write_values(values: Any) -> Any:
    """A tensor or an array; a large one in short."""
    import numpy as np

    array = np.asarray(values)
    if array.size <= MOST_VALUES:
        return array.tolist()
    return {"shape": list(array.shape), "least": float(array.min()), "most": float(array.max())}
