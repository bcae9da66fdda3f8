from __future__ import annotations

import random
import time

import pytest

from striate.nets.lookup import find_net
from striate.verbs.contrasting import contrast


@pytest.mark.parametrize("seed", range(10))
def test_both_versions_can_be_read_off_the_pairs(seed: int) -> None:
    draw = random.Random(seed)
    before = ["input 3x8x8", *(draw.choice(["relu", "conv3-4", "bn", "tanh"]) for _ in range(12))]
    after = [line for line in before if line.startswith("input") or draw.random() < 0.7] + ["sigmoid"]
    after.insert(draw.randrange(1, len(after)), "conv5-4")
    found = contrast("\n".join(before), "\n".join(after))
    assert [pair.before for pair in found.lines if pair.sign != "new"] == before
    assert [pair.after for pair in found.lines if pair.sign != "gone"] == after
    assert all((pair.before == pair.after) == (pair.sign == "same") for pair in found.lines)


def test_totals_stand_beside_each_other() -> None:
    found = contrast(find_net("resnet18").text, find_net("resnet34").text, None, 1000)
    assert [(each.before, each.after) for each in found.totals] == [
        (11_689_512, 21_797_672), (1_814_073_344, 3_663_761_408), (61, 109)
    ]  # fmt: skip
    assert {pair.sign for pair in found.layers} >= {"same", "changed"}


def test_a_version_that_can_not_be_drawn_is_named_and_its_lines_stand() -> None:
    found = contrast("input 3x8x8\nrelu", "input 3x8x8\nrellu")
    assert found.problem.startswith("now, line 2: unknown word")
    assert [pair.sign for pair in found.lines] == ["same", "changed"]
    assert found.totals == ()


def test_the_same_twice_differs_nowhere() -> None:
    text = find_net("googlenet").text
    found = contrast(text, text, None, 10)
    assert {pair.sign for pair in (*found.lines, *found.layers)} == {"same"}


def test_one_line_of_very_many_alike_is_found_at_once() -> None:
    before = ["input 3x8x8", *["conv3-4", "bn", "relu"] * 4_000, "rellu"]
    after = [*before[:7_000], "gelu", *before[7_001:]]
    start = time.process_time()
    found = contrast("\n".join(before), "\n".join(after)).lines
    assert time.process_time() - start < 5
    assert [(pair.before, pair.after) for pair in found] == list(zip(before, after, strict=True))
    assert [place for place, pair in enumerate(found) if pair.sign == "changed"] == [7_000]
