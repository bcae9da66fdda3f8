"""What a finished run is, from the plain files of its folder alone: neither its weights nor its data are read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from striate.errors import RunError
from striate.verbs.runs import NEEDED, RESULT

MOST_DRAWN = 64  # pixels of a side that a hand fills with one stroke
MEDIA = ("images", "sound", "video", "volumes", "words", "series")


def describe_run(path: str | Path) -> dict[str, Any]:
    """Tell a run as plain values: its task, classes, data, input, and the figures of what it held out.

    `medium` is what its samples are (one of MEDIA), `draws` whether one can be drawn by hand: a small grey picture,
    `dark` where its paper is.
    Raises:  RunError where the folder holds no run that was begun.
    """
    folder = Path(path)
    settings = _read(folder / "settings.json")
    if settings is None or any(key not in settings for key in NEEDED):
        raise RunError(f"{folder.name}: found no run that was begun, needed one. Train it first")
    about, shape = settings["data"], settings["input"]
    reading = about.get("reading") or {}
    medium, task = str(reading.get("kind", "images")), settings.get("task", {}).get("name", "classify")
    mean = settings["recipe"].get("mean") or [0.0]
    return {
        "name": folder.name,
        "task": task,
        "classes": settings["classes"],
        "input": shape,
        "data": {
            "name": about["name"],
            "source": about["source"],
            "in_memory": about["in_memory"],
            **{part: about.get(part) for part in ("train", "val", "test")},
        },
        "medium": medium,
        "reading": _tell_reading(reading),
        "draws": task == "classify"
        and medium == "images"
        and len(shape) == 3
        and shape[0] == 1
        and max(shape[1:]) <= MOST_DRAWN,
        "dark": sum(mean) / len(mean) < 0.5,
        "result": _read(folder / RESULT),
        "finished": (folder / "weights.safetensors").is_file(),
    }


def _tell_reading(reading: Mapping[str, Any]) -> dict[str, Any]:
    """How files are read, without the words of a vocabulary."""
    return {name: value for name, value in reading.items() if name not in ("vocabulary", "values")}


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
