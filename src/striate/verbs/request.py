"""What is asked of a training, checked before anything is done: its length, seed, sizes, and the folder for it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from striate.errors import InputError, RunError
from striate.nets import Net, find_input_demands

VIEWS = ("waveform", "spectrogram")
MOST_SEED = 2**63 - 1  # what torch and NumPy both take


def check_lengths(**lengths: float | None) -> None:
    """Refuse more than one length.

    Raises:  InputError.
    """
    given = {key: value for key, value in lengths.items() if value is not None}
    if len(given) > 1:
        raise InputError(f"found {' and '.join(f'--{key}' for key in given)}, needed one of them. Leave the others out")


def check_seed(seed: int) -> None:
    """Refuse a seed that torch or NumPy wouldn't take.

    Raises:  InputError.
    """
    if not 0 <= seed <= MOST_SEED:
        raise InputError(f"--seed is {seed}, needed a whole number from 0 to {MOST_SEED}. Change it")


def check_input(shape: tuple[int, ...] | None) -> None:
    """Refuse what is no shape of channels x extents.

    Raises:  InputError.
    """
    if shape is not None and (len(shape) < 2 or min(shape) < 1):
        found = "x".join(map(str, shape)) or "nothing"
        raise InputError(f"--input is {found}, needed channels x extents, each from 1, such as 3x224x224. Write it so")


def check_view(view: str | None) -> dict[str, str]:
    """The view as an option of the data; none where it isn't asked for.

    Raises:  InputError for a view that there isn't.
    """
    if view not in (None, *VIEWS):
        raise InputError(f"--view is {view}, needed {' or '.join(VIEWS)}. Change it")
    return {} if view is None else {"view": view}


def check_window(window: int | None, horizon: int | None, target: str | None) -> dict[str, int | str]:
    """The windows of a series as options of the data; none where nothing is asked for.

    Raises:  InputError for a window or a horizon without a row.
    """
    asked = {"window": window, "horizon": horizon, "target": target}
    for key in ("window", "horizon"):
        if asked[key] is not None and int(asked[key] or 0) < 1:
            raise InputError(f"--{key} is {asked[key]}, needed a number of rows from 1. Change it")
    return {key: value for key, value in asked.items() if value is not None}


def read_grouping(group: str | None, hold_out: str | None) -> dict[str, str] | None:
    """How groups are found and kept together; None where nothing is asked."""
    asked = {"pattern": group, "hold_out": hold_out}
    return {key: value for key, value in asked.items() if value is not None} or None


def choose_samples(tree: Net | None) -> tuple[tuple[int, ...] | None, int | None]:
    """Choose the extents and channels that a backbone can't do without; None for the data's own."""
    demands = find_input_demands(tree) if tree else None
    if demands is None:
        return None, None
    return demands.input[1:] if demands.fixed else None, demands.input[0]


def choose_folder(out: str | Path | None, data: Any, source: str, *, auto: bool) -> Path:
    """Choose the folder asked for, which must be free and can be made, or a free name below runs/.

    Raises:  RunError where it can't be had.
    """
    if out is not None:
        if Path(out).exists():
            raise RunError(
                f"{out}: is there already, and a run is never overwritten. Choose another --out, or --resume {out}"
            )
        above = next(folder for folder in Path(out).absolute().parents if folder.exists())
        if not (above.is_dir() and os.access(above, os.W_OK)):
            raise RunError(f"{out}: can't be made, {above} is no folder that can be written to. Choose another --out")
        return Path(out)
    name = Path(data).resolve().name.split(".")[0] if isinstance(data, str | Path) else "arrays"
    stem = Path("runs") / f"{name or 'data'}-{'auto' if auto else Path(source).stem.replace(':', '-')}"
    number, target = 1, stem
    while target.exists():
        number += 1
        target = stem.with_name(f"{stem.name}-{number}")
    return target
