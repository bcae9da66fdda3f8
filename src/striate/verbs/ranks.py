"""Verbs that several processes carry out together: what they must agree on before they begin, and who may speak."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import wraps
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from striate.errors import DataError, LostError
from striate.launch import is_launched
from striate.nets import Net
from striate.verbs.runs import Run, load, rebuild

if TYPE_CHECKING:
    from striate.engine import Tuned

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")
_HEARERS = ("say", "on_data", "on_progress", "on_score")


def together(work: Callable[_Given, _Result]) -> Callable[_Given, _Result]:
    """A verb that all processes of a launch carry out as one; of what they tell on the way, rank 0's alone is heard."""

    @wraps(work)
    def carry_out(*given: _Given.args, **named: _Given.kwargs) -> _Result:
        if not is_launched():  # torch is loaded where it is needed, and its time counts as the verb's
            return work(*given, **named)
        from striate.train.ranks import joined

        with joined() as ranks:
            if not ranks.is_first:
                named.update({name: None for name in _HEARERS if name in named})
            return work(*given, **named)

    return carry_out


def check_alike(what: str, value: Any) -> None:
    """Refuse to go on where this rank has found something else than rank 0.

    Raises:  DataError that says what differs.
    """
    from striate.train.ranks import find_ranks

    ranks, own = find_ranks(), json.loads(json.dumps(value))
    told = ranks.tell(own)
    if told != own:
        raise DataError(
            f"rank {ranks.rank}: {what} {_shorten(own)}, but {_shorten(told)} on rank 0; needed the same. Give all "
            "machines the same data, files and version"
        )


def tune_once(choose: Callable[[], Tuned]) -> Tuned:
    """Let rank 0 choose the engine for all, with the seconds that it measured."""
    from striate.engine import Tuned
    from striate.train.ranks import find_ranks

    ranks = find_ranks()
    if ranks.count == 1:
        return choose()
    return Tuned.from_dict(ranks.tell(choose().to_dict() if ranks.is_first else {}))


def load_together(path: Path, net: Net, settings: dict[str, Any]) -> Run:
    """A finished run, on all ranks."""
    from striate.train.ranks import find_ranks

    ranks = find_ranks()
    if ranks.is_first:
        run = load(path)
    else:
        run = Run(path, net, rebuild(net, settings).eval(), tuple(settings["classes"]), (), settings)
    ranks.spread(run.module.state_dict().values())
    return replace(run, history=tuple(ranks.tell(list(run.history))))


@contextmanager
def way_shown(path: Path) -> Iterator[None]:
    """A `with` that adds to the loss of another process how to go on."""
    try:
        yield
    except LostError as problem:
        raise LostError(f"{problem} Go on with: striate train --resume {quote(str(path))}") from problem


def _shorten(value: Any, most: int = 60) -> str:
    text = json.dumps(value)
    return text if len(text) <= most else f"{text[:most]}..."
