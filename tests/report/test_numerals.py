from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.report.numerals import DASH, flatten_settings, write_number, write_percent, write_seconds


@given(st.floats(0, 1), st.integers(0, 3))
def test_percent_is_within_half_a_unit_and_never_claims_all_or_nothing(share: float, decimals: int) -> None:
    text = write_percent(share, decimals).removesuffix("\u00a0%")
    unit = Decimal(10) ** -decimals
    if text[0] in "<>":
        assert text[1:] == str(unit if text[0] == "<" else 100 - unit)
        assert 0 < share < 1
    else:
        assert Decimal(text) == (100 * Decimal(share)).quantize(unit, ROUND_HALF_EVEN) or abs(
            Decimal(text) - 100 * Decimal(share)
        ) <= unit / 2 + Decimal("1e-12")
        assert (Decimal(text) == 0) == (share == 0)
        assert (Decimal(text) == 100) == (share == 1)


@pytest.mark.parametrize("unknown", [None, float("nan"), float("inf")])
def test_the_unknown_is_a_dash(unknown: float | None) -> None:
    assert write_percent(unknown) == write_number(unknown) == DASH


@given(st.integers(60, 10**6))
def test_durations_read_back(seconds: int) -> None:
    words = write_seconds(float(seconds)).replace("\u00a0", " ").split()
    units = {"h": 3600, "min": 60, "s": 1}
    read = sum(int(number) * units[unit] for number, unit in zip(words[::2], words[1::2], strict=True))
    assert abs(read - seconds) <= (0 if seconds < 3600 else 30)
    just_below = write_seconds(seconds - 0.3).replace("\u00a0", " ").split()
    assert all(
        float(number) < 60 for number, unit in zip(just_below[::2], just_below[1::2], strict=True) if unit != "h"
    )


def test_settings_of_every_kind_are_written() -> None:
    settings = {"a": {"b": {"c": [1, None, True]}, "empty": {}}, "d": (), "e": False}
    expected = [("a.b.c", f"1, {DASH}, yes"), ("a.empty", DASH), ("d", DASH), ("e", "no")]
    assert flatten_settings(settings) == expected
