"""Stored tensors as bytes, and bytes as text that a page can hold."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

PIECE_BYTES = 12 << 20  # a browser's strings end at half a gigabyte
_KINDS = {"float32": "<f4", "float16": "<f2", "int64": "<i4", "bool": "u1"}


def pack(constants: Mapping[int, Tensor], *, half: bool = False) -> tuple[list[dict[str, Any]], bytes]:
    """All tensors one behind the other, each from a multiple of four bytes on, and where each lies.

    Floats become float32, or with `half` float16; whole numbers become int32.
    """
    places: list[dict[str, Any]] = []
    parts: list[bytes] = []
    at = 0
    for number, tensor in constants.items():
        kind = "bool" if tensor.dtype is torch.bool else "float32" if tensor.is_floating_point() else "int64"
        stored = "float16" if half and kind == "float32" else kind
        values = (tensor.float() if kind == "float32" else tensor).numpy()
        if kind == "int64":
            values = values.clip(-(2**31), 2**31 - 1)  # past every index; the largest whole number stands for no end
        content = values.astype(_KINDS[stored]).tobytes()
        content += bytes(-len(content) % 4)
        places.append({"id": number, "type": kind, "stored": stored, "shape": list(tensor.shape), "at": at})
        parts.append(content)
        at += len(content)
    return places, b"".join(parts)


def unpack(places: list[dict[str, Any]], content: bytes) -> dict[int, Tensor]:
    """What `pack` packed, as the page reads it.

    >>> places, content = pack({3: torch.tensor([0.5, 2.0])}, half=True)
    >>> len(content), unpack(places, content)
    (4, {3: tensor([0.5000, 2.0000])})
    """
    found = {}
    for place in places:
        count = int(np.prod(place["shape"], dtype=np.int64))
        values = np.frombuffer(content, _KINDS[place["stored"]], count, place["at"])
        kind = {"float32": np.float32, "int64": np.int64, "bool": np.bool_}[place["type"]]
        found[place["id"]] = torch.from_numpy(values.astype(kind)).reshape(place["shape"])
    return found


def to_text(content: bytes) -> list[str]:
    """Bytes as pieces of base64."""
    return [b64encode(content[start : start + PIECE_BYTES]).decode() for start in range(0, len(content), PIECE_BYTES)]


def from_text(pieces: list[str]) -> bytes:
    """What `to_text` wrote.

    >>> from_text(to_text(b"numbers"))
    b'numbers'
    """
    return b"".join(map(b64decode, pieces))
