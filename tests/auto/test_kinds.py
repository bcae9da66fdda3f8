from __future__ import annotations

from typing import Any

import pytest

from striate.auto import design_for_kind, design_network
from striate.data import Facts


def make_facts(kind: Any, channels: int, extents: tuple[int, ...], rate: float | None = None) -> Facts:
    numbers: dict[str, Any] = {"mean": (0.0,) * channels, "std": (1.0,) * channels, "counts": (5, 5)}
    return Facts(
        kind, 10, 8, ("a", "b"), channels=channels, extents=extents, smallest=extents, largest=extents, grey=True,
        rate=rate, **numbers,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "extents", "rate", "word"),
    [("words", (20,), None, "embed5-"), ("series", (20,), None, "pad=causal"), ("sound", (8000,), 8000.0, "conv64-")],
)
def test_each_kind_has_its_network(kind: str, extents: tuple[int, ...], rate: float | None, word: str) -> None:
    reading = {"kind": kind, "vocabulary": "x y z"}
    assert word in design_for_kind(make_facts(kind, 1, extents, rate), reading).text


@pytest.mark.parametrize("kind", ["images", "arrays"])
def test_pictures_keep_the_network_that_they_had(kind: str) -> None:
    assert design_for_kind(make_facts(kind, 3, (32, 32)), None) == design_network(3, (32, 32))
