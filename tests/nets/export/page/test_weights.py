"""Stored tensors as bytes, against Python's own `struct` and a string of base64 as a whole."""

from __future__ import annotations

import struct
from base64 import b64encode

import numpy as np
import pytest
import torch
from torch import Tensor

from striate.nets.export.page import weights
from striate.nets.export.page.weights import from_text, pack, to_text, unpack

CONSTANTS: dict[int, Tensor] = {
    7: torch.tensor([[0.5, -2.25, 3.0]]),
    2: torch.tensor([True, False, True]),
    9: torch.tensor([1, -(2**40), 2**63 - 1, -5]),
    4: torch.tensor(0.1, dtype=torch.float64),
    5: torch.zeros(0, 3),
    3: torch.tensor([1.5, 2.5, -0.25], dtype=torch.bfloat16),
}


@pytest.mark.parametrize("half", [False, True])
def test_each_number_lies_where_its_place_says(half: bool) -> None:
    places, content = pack(CONSTANTS, half=half)
    assert [place["id"] for place in places] == list(CONSTANTS)
    for place, tensor in zip(places, CONSTANTS.values(), strict=True):
        assert place["at"] % 4 == 0
        assert place["shape"] == list(tensor.shape)
        letter = {"float32": "f", "float16": "e", "int64": "i", "bool": "?"}[place["stored"]]
        found = struct.unpack_from(f"<{tensor.numel()}{letter}", content, place["at"])
        for number, value in zip(found, tensor.flatten().tolist(), strict=True):
            if place["type"] == "int64":
                assert number == min(max(value, -(2**31)), 2**31 - 1)
            else:
                assert number == pytest.approx(value, rel=1e-3 if half else 1e-6)
    assert {place["stored"] for place in places} == {"float16" if half else "float32", "bool", "int64"}


@pytest.mark.parametrize("half", [False, True])
def test_no_two_tensors_share_a_byte(half: bool) -> None:
    places, content = pack(CONSTANTS, half=half)
    size = {"float32": 4, "float16": 2, "int64": 4, "bool": 1}
    taken = [
        byte
        for place in places
        for byte in range(place["at"], place["at"] + size[place["stored"]] * int(np.prod(place["shape"])))
    ]
    assert len(taken) == len(set(taken))
    assert len(taken) <= len(content) < len(taken) + 4 * len(places)


def test_what_was_packed_comes_back_in_the_pages_types() -> None:
    found = unpack(*pack(CONSTANTS))
    assert list(found) == list(CONSTANTS)
    for number, tensor in CONSTANTS.items():
        kind = torch.float32 if tensor.is_floating_point() else tensor.dtype
        assert found[number].dtype is kind
        expected = tensor.to(kind) if tensor.dtype is not torch.int64 else tensor.clamp(-(2**31), 2**31 - 1)
        assert torch.equal(found[number], expected)


def test_a_tensor_that_lies_otherwise_is_packed_as_it_reads() -> None:
    tensor = torch.arange(6.0).reshape(2, 3).t()
    assert torch.equal(unpack(*pack({0: tensor}))[0], tensor)


def test_nothing_is_nothing() -> None:
    assert pack({}) == ([], b"")
    assert unpack([], b"") == {}
    assert to_text(b"") == []
    assert from_text([]) == b""


@pytest.mark.parametrize("length", [1, 2, 3, 8, 9, 10, 100])
def test_pieces_of_text_are_one_text(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "PIECE_BYTES", 9)
    content = bytes(range(length))
    pieces = to_text(content)
    assert "".join(pieces) == b64encode(content).decode()
    assert len(pieces) == -(-length // 9)
    assert from_text(pieces) == content


def test_a_piece_ends_where_base64_has_no_rest() -> None:
    assert weights.PIECE_BYTES % 3 == 0
