"""Answers as JSON: plain values, with null for what JSON has no number for."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from math import isfinite
from typing import Any

from striate.errors import InputError


def write_json(value: Any) -> bytes:
    """Write plain values, tensors, arrays and dataclasses; NaN and infinity become null.

    >>> write_json({"loss": float("nan"), "shape": (1, 2)})
    b'{"loss":null,"shape":[1,2]}'
    """
    try:
        text = json.dumps(value, allow_nan=False, separators=(",", ":"), default=_soften)
    except ValueError:
        text = json.dumps(_clean(value), allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


def pack(values: Any) -> dict[str, Any]:
    """An array's shape, and its numbers in single precision as base64: a tenth of what digits would take.

    >>> import numpy as np
    >>> pack(np.array([[1.0]]))
    {'shape': (1, 1), 'values': 'AACAPw=='}
    """
    return {"shape": values.shape, "values": encode(values)}


def encode(values: Any, kind: str = "<f4") -> str:
    """An array's numbers as base64, little end first; in single precision, if no other kind is named."""
    import numpy as np

    return b64encode(np.ascontiguousarray(values, kind).tobytes()).decode()


def read_json(content: bytes) -> dict[str, Any]:
    """Read a request's body: one JSON object, without the words that JSON doesn't know.

    Raises:  InputError for anything else.
    """
    try:
        value = json.loads(content.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise InputError("found a body that is no JSON, needed an object. Reload the page") from None
    if not isinstance(value, dict):
        raise InputError(f"found JSON that is a {type(value).__name__}, needed an object. Reload the page")
    return value


def _refuse(word: str) -> Any:
    raise ValueError(word)


def _soften(value: Any) -> Any:
    """What the encoder itself doesn't know."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: getattr(value, each.name) for each in fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"an answer holds a {type(value).__name__}, which JSON doesn't know")


def _clean(value: Any) -> Any:
    """The same value with null in place of NaN and infinity."""
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(name): _clean(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(each) for each in value]
    return value if isinstance(value, str | int | None) else _clean(_soften(value))
