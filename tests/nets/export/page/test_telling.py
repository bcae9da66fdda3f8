from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tests.nets.export.modules import make_subject
from torch import nn

from striate.errors import InputError
from striate.nets.export.page import writing
from striate.nets.export.page.check import make_check, scatter_values
from striate.nets.export.page.document import read_page
from striate.nets.export.page.telling import find_kind
from striate.nets.export.page.weights import from_text, pack, to_text, unpack
from striate.nets.export.page.writing import write_page


@pytest.mark.parametrize(
    ("shape", "kind", "expected"),
    [
        ((3, 9, 9), None, "picture"),
        ((1, 9, 9), "images", "picture"),
        ((2, 9, 9), None, "numbers"),
        ((1, 4, 9, 9), "video", "clip"),
        ((1, 9, 9), "volumes", "array"),
        ((1, 64, 40), "sound", "sound"),
        ((1, 9), "words", "words"),
        ((2, 9), "series", "series"),
        ((9,), None, "numbers"),
    ],
)
def test_how_an_input_is_asked_for(shape: tuple[int, ...], kind: str | None, expected: str) -> None:
    assert find_kind(shape, None if kind is None else {"kind": kind}) == expected


def test_a_way_of_reading_that_is_unknown_is_refused() -> None:
    with pytest.raises(InputError, match="read as smells, needed"):
        find_kind((1, 9), {"kind": "smells"})


@pytest.mark.parametrize("half", [False, True])
def test_numbers_come_back(half: bool) -> None:
    constants = {
        0: torch.randn(3, 5),
        1: torch.tensor([1, -(2**40), 2**62]),
        2: torch.tensor([True, False, True]),
        3: torch.randn(7).double(),
        4: torch.zeros(0, 2),
        5: torch.tensor(2.0).bfloat16(),
    }
    places, content = pack(constants, half=half)
    assert all(place["at"] % 4 == 0 for place in places)
    found = unpack(places, from_text(to_text(content)))
    for number, value in constants.items():
        plain = value.clamp(-(2**31), 2**31 - 1) if value.dtype is torch.int64 else value
        expected = plain.float() if value.is_floating_point() else plain
        torch.testing.assert_close(found[number], expected, atol=2e-3 if half else 0, rtol=1e-3 if half else 0)


def test_a_page_that_is_far_from_its_module_says_so_and_a_large_one_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "LARGE_BYTES", 1000)
    monkeypatch.setattr(writing, "from_text", lambda pieces: bytes(len(from_text(pieces))))
    facts = write_page(make_subject(nn.Linear(3, 2), 3), tmp_path / "a.html")
    assert facts.relative_error is not None
    assert facts.relative_error > 0.1
    assert "--half" in facts.note


def test_the_check_is_what_the_module_gives_for_values_that_stand_nowhere(tmp_path: Path) -> None:
    module = nn.Linear(5, 2)
    subject = make_subject(module, 5)
    assert subject.examples is not None
    check = make_check(module, subject.examples)
    with torch.no_grad():
        expected = module(torch.from_numpy(scatter_values(5)))
    assert check["outputs"] == [pytest.approx(expected.tolist(), rel=1e-6)]
    write_page(subject, tmp_path / "a.html")
    assert read_page((tmp_path / "a.html").read_text("utf-8"))[1]["check"] == check
