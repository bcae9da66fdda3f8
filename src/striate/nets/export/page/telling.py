"""What a page says of its network, and what its input is: of a run all that is known, of a module what can be seen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from striate.errors import InputError
from striate.nets.export.page.listing import Listing
from striate.nets.export.subject import Subject

KINDS = {"sound": "sound", "words": "words", "series": "series", "video": "clip", "volumes": "array"}


def complete(subject: Subject, listing: Listing, check: Mapping[str, Any], size: int) -> dict[str, Any]:
    """All that the page asks for, with defaults where the subject doesn't tell.

    `kind` is how an input is asked for: "picture", "clip", "sound", "words", "series", "array" (of any extents), or
    "numbers" (of the network's own shape); `views` are those of an input that predict takes the mean over.
    """
    shape = listing.input[2][1:]
    about = {
        "title": type(subject.module).__name__,
        "net": "",
        "classes": [],
        "task": {"name": ""},
        "result": None,
        "data": "",
        "reading": None,
        "mean": [0.0] * max(1, shape[0] if shape else 1),
        "std": [1.0] * max(1, shape[0] if shape else 1),
        "views": {"mirror": False, "nudge": 0, "unsure": 1.0},
        "colours": [],
        "version": subject.metadata.get("striate", ""),
        **{key: value for key, value in subject.about.items() if key != "layers"},
    }
    parameters = sum(parameter.numel() for parameter in subject.module.parameters())
    return {
        **about,
        "kind": find_kind(shape, about["reading"]),
        "parameters": parameters,
        "weights": size,
        "half": subject.half,
        "date": date.today().isoformat(),
        "check": dict(check),
    }


def find_kind(shape: tuple[int, ...], reading: Mapping[str, Any] | None) -> str:
    """How an input of this shape, read in this way, is asked for.

    Raises:  InputError for inputs that are read in a way which the page doesn't know.

    >>> find_kind((1, 28, 28), None), find_kind((4, 9), None), find_kind((1, 9), {"kind": "sound"})
    ('picture', 'numbers', 'sound')
    """
    kind = (reading or {}).get("kind")
    if kind in KINDS:
        return KINDS[kind]
    if kind not in (None, "images"):
        raise InputError(f"export: found inputs read as {kind}, needed pictures, clips, sound, words, series or arrays")
    return "picture" if len(shape) == 3 and shape[0] in (1, 3) else "numbers"
