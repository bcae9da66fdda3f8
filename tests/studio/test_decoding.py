"""The decoder by itself, in this process: what it takes as it is, and its own limits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from striate.data.tree import MEDIA
from striate.studio import decoding
from striate.studio.decoding import ENDINGS, TooMuch, decode


def give_frames(count: int, extents: tuple[int, int]) -> Iterator[tuple[float, Any]]:
    for number in range(count):
        yield number / 10, np.full((*extents, 3), number, np.uint8)


def test_a_long_clip_keeps_every_so_many_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MOST_PIXELS", 60)
    kind, values, rate = decoding._gather(give_frames(20, (3, 4)), 20, 2.0, 12)
    assert (kind, values.shape) == ("clip", (3, 5, 3, 4))
    assert values[0, :, 0, 0].tolist() == [0, 4, 8, 12, 16]
    assert rate == pytest.approx(2.5)


def test_a_clip_that_lies_about_its_length_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MOST_PIXELS", 60)
    with pytest.raises(TooMuch):
        decoding._gather(give_frames(20, (3, 4)), 2, 2.0, 12)


def test_frames_of_several_sizes_are_refused() -> None:
    mixed = [*give_frames(2, (3, 4)), *give_frames(1, (4, 4))]
    with pytest.raises(TooMuch):
        decoding._gather(mixed, 3, 1.0, 12)


@pytest.mark.parametrize("extents", [(41, 1_000_000), (6325, 6325)])
def test_pixels_are_counted(extents: tuple[int, int]) -> None:
    with pytest.raises(TooMuch, match="at most 40,000,000"):
        decoding._check_pixels(extents[0] * extents[1])


@pytest.mark.parametrize(("content", "fine"), [(b"a\n", True), (b"", False), (b"a\0b", False), (b"\xff", False)])
def test_a_text_is_a_text(tmp_path: Path, content: bytes, fine: bool) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    if fine:
        assert bytes(decode(path)[1]) == content
        return
    with pytest.raises(ValueError):
        decode(path)


def test_a_text_has_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"1" * (decoding.MOST_TEXT_BYTES + 1))
    with pytest.raises(TooMuch):
        decode(path)


def test_every_medium_of_the_data_is_taken() -> None:
    assert {ending for endings in MEDIA.values() for ending in endings} == set(ENDINGS) - set(decoding.TEXTS)
    assert ".svg" not in ENDINGS
