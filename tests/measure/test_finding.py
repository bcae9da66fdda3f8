from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from striate.measure.finding import Finding, Fix


@pytest.mark.parametrize(
    ("fix", "text"),
    [
        (Fix("conv1", "bias", "no"), "conv1: bias=no"),
        (Fix("a.relu2", "remove"), "a.relu2: remove"),
        (Fix("conv1", "before", "avgpool2"), "conv1: put avgpool2 before it"),
        (Fix("conv1", "after", "relu"), "conv1: put relu after it"),
    ],
)
def test_a_fix_in_words(fix: Fix, text: str) -> None:
    assert str(fix) == text


def test_a_finding_is_one_sentence_and_a_way_out() -> None:
    finding = Finding("bias-before-bn", "conv1", "its bias is wasted", "64 parameters", "Leave it out")
    assert str(finding) == "conv1: its bias is wasted (64 parameters). Leave it out."
    assert str(Finding("x", "", "it sees little", "7 of 9", "See more")).startswith(
        "the network: it sees little (7 of 9)"
    )
    assert finding == Finding("bias-before-bn", "conv1", "its bias is wasted", "64 parameters", "Leave it out", ())


def test_findings_are_values() -> None:
    finding = Finding("x", "", "", "", "")
    with pytest.raises(FrozenInstanceError):
        finding.name = "y"  # type: ignore[misc]
    assert len({finding, Finding("x", "", "", "", "")}) == 1
