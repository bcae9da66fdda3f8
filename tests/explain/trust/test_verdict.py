"""The verdict: each of its reasons alone, at its threshold."""

from __future__ import annotations

import pytest

from striate.explain.trust.trust import Areas, Stage, Verdict
from striate.explain.trust.verdict import HARDLY, WEAK, find_error, find_staying, judge_all, judge_each

LESS = Areas((0.2,) * 8, (0.6,) * 8, (0.4,) * 8)
MORE = Areas((0.9,) * 8, (0.5,) * 8, (0.7,) * 8)


def make_stages(value: float, count: int = 8, stages: int = 3) -> list[Stage]:
    return [Stage((str(stage),), (abs(value),) * count, (value,) * count) for stage in range(stages)]


def judge(
    deletion: Areas = LESS, insertion: Areas = MORE, staying: float = 0.1, flat: tuple[bool, ...] = (False,) * 8
) -> Verdict:
    return judge_all(deletion, insertion, make_stages(staying), flat)


def test_a_good_map_passes() -> None:
    verdict = judge()
    assert verdict.trustworthy
    assert verdict.words == (
        "deletion better than random (0.20 against 0.60), and changes when the weights are randomised "
        "(rank correlation 0.10)",
    )


@pytest.mark.parametrize("found", [0.6, 0.59, 0.9])
def test_deletion_must_beat_chance(found: float) -> None:
    verdict = judge(deletion=Areas((found,) * 8, (0.6,) * 8, (0.95,) * 8))
    assert not verdict.trustworthy
    assert verdict.words == (f"deletion no better than random ({found:.2f} against 0.60)",)


@pytest.mark.parametrize("found", [0.5, 0.51, 0.1])
def test_insertion_must_beat_chance(found: float) -> None:
    verdict = judge(insertion=Areas((found,) * 8, (0.5,) * 8, (0.05,) * 8))
    assert not verdict.trustworthy
    assert verdict.words == (f"insertion no better than random ({found:.2f} against 0.50)",)


def test_a_gain_that_may_be_luck_is_none() -> None:
    spread = tuple(0.6 + gain for gain in (-0.55, 0.35, -0.5, 0.3, -0.55, 0.38, -0.3, 0.3))
    assert sum(spread) / 8 < 0.6 - 0.05
    verdict = judge(deletion=Areas(spread, (0.6,) * 8, (0.7,) * 8))
    assert not verdict.trustworthy
    assert verdict.words == ("deletion not surely better than random (0.53 against 0.60)",)


@pytest.mark.parametrize(("deletion", "trusted"), [(0.2, False), (0.15, False), (0.25, True)])
def test_edges_must_be_beaten_on_both_together(deletion: float, trusted: bool) -> None:
    verdict = judge(Areas((0.2,) * 8, (0.6,) * 8, (deletion,) * 8), Areas((0.9,) * 8, (0.5,) * 8, (0.9,) * 8))
    assert verdict.trustworthy is trusted
    against = f"(insertion less deletion 0.70 against {0.9 - deletion:.2f})"
    line = f"no better than an edge detector, which sees no network {against}"
    assert (verdict.words[0] == line) is not trusted


@pytest.mark.parametrize(
    ("staying", "words"), [(WEAK, "changes little when"), (HARDLY, "hardly changes when"), (1.0, "hardly changes when")]
)
def test_a_map_must_go_with_the_weights(staying: float, words: str) -> None:
    verdict = judge(staying=staying)
    assert not verdict.trustworthy
    assert verdict.words[0].startswith(words)
    assert f"(rank correlation {staying:.2f}): shows the input more than the network" in verdict.words[0]
    assert judge(staying=WEAK - 0.01).trustworthy


def test_a_map_that_turns_into_its_opposite_makes_up_for_none_that_stays() -> None:
    assert find_staying([(1.0, -1.0), (-0.5, 0.5)]) == 0.375


def test_flat_maps_show_nothing() -> None:
    assert judge(flat=(True,) * 8).words[0] == "the same everywhere: shows nothing"
    assert judge(flat=(True, *(False,) * 7)).words[0] == "1 of 8 maps show nothing"
    assert not judge(flat=(True, *(False,) * 7)).trustworthy


@pytest.mark.parametrize(("count", "hint"), [(1, " (1 map only: a hint)"), (4, " (4 maps only: a hint)"), (5, "")])
def test_few_maps_are_a_hint(count: int, hint: str) -> None:
    deletion = Areas((0.2,) * count, (0.6,) * count, (0.4,) * count)
    insertion = Areas((0.9,) * count, (0.5,) * count, (0.5,) * count)
    verdict = judge_all(deletion, insertion, make_stages(0.1, count), (False,) * count)
    assert verdict.trustworthy
    assert verdict.words[-1].endswith(f"(rank correlation 0.10){hint}")


def test_each_map_is_judged_by_its_own_figures() -> None:
    deletion = Areas((0.2, 0.8), (0.6, 0.6), (0.4, 0.9))
    insertion = Areas((0.9, 0.9), (0.5, 0.5), (0.7, 0.7))
    stages = [Stage(("a",), (0.9, 0.1), (0.9, 0.1))]
    stays, worse = judge_each(deletion, insertion, stages, (False, False))
    assert stays.words == (
        "hardly changes when the weights are randomised (rank correlation 0.90): shows the input more than the network "
        "(1 map only: a hint)",
    )
    assert worse.words == ("deletion no better than random (0.80 against 0.60) (1 map only: a hint)",)


def test_the_error_of_a_mean() -> None:
    assert find_error([0.3]) == 0
    assert find_error([1.0, 2.0, 3.0, 6.0]) == pytest.approx((14 / 3 / 4) ** 0.5)


@pytest.mark.parametrize(("absolute", "said"), [(HARDLY, True), (HARDLY - 0.01, False)])
def test_signs_that_change_alone_are_told(absolute: float, said: bool) -> None:
    stages = [Stage(("head",), (absolute,) * 8, (-absolute,) * 8), Stage(("first",), (absolute,) * 8, (0.0,) * 8)]
    verdict = judge_all(LESS, MORE, stages, (False,) * 8)
    assert verdict.trustworthy
    assert ("only its signs change" in verdict.words[-1]) is said
