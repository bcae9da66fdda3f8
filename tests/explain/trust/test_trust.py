"""How trust is printed: every figure beside what it is against, and of how many maps."""

from __future__ import annotations

from dataclasses import replace

from striate.explain.trust import Areas, Stage, Trust, Verdict

TRUST = Trust(
    Areas((0.1, 0.3), (0.5, 0.7), (0.4, 0.4)),
    Areas((0.9, 0.7), (0.5, 0.5), (0.6, 0.7)),
    (Stage(("head",), (0.5, 0.3), (0.5, 0.3)), Stage(("first",), (0.1, 0.1), (0.1, 0.1))),
    Verdict(True, ("one reason", "another")),
    (Verdict(True, ("yes",)), Verdict(False, ("no",))),
)


def test_lines_hold_every_figure_and_its_control() -> None:
    assert len(TRUST) == 2
    assert TRUST.trustworthy
    assert TRUST.words == ("one reason", "another")
    assert TRUST.lines() == (
        "deletion 0.20 (less is better; random 0.60, edges 0.40)",
        "insertion 0.80 (more is better; random 0.50, edges 0.65)",
        "rank correlation, top layer randomised 0.40, all 0.10",
        "trustworthy (2 maps): one reason",
        "another",
    )


def test_signed_maps_have_both_correlations() -> None:
    stages = (Stage(("head",), (0.5,), (-0.25,)), Stage(("first",), (0.75,), (0.0,)))
    trust = replace(TRUST, stages=stages, overall=Verdict(False, ("why",)), maps=TRUST.maps[:1])
    assert trust.lines()[2] == "rank correlation, top layer randomised 0.50, all 0.75; signs included -0.25 and 0.00"
    assert trust.lines()[3:] == ("not trustworthy (1 map): why",)
