from __future__ import annotations

import numpy as np
import pytest

from striate.verbs.truths import compare_answers


@pytest.mark.parametrize("seed", range(4))
def test_a_class_is_told_with_its_share_and_the_truths(seed: int) -> None:
    random = np.random.default_rng(seed)
    answers = random.dirichlet(np.ones(5), 6)
    targets = random.integers(0, 5, 6)
    names = ("a", "b", "c", "d", "e")
    for told, answer, target in zip(
        compare_answers("classify", names, answers, targets), answers, targets, strict=True
    ):
        best = max(range(5), key=lambda at: answer[at])
        assert told.said == names[best]
        assert told.right == (best == target)
        assert told.share == max(answer)
        assert told.true_share == answer[target]
        assert [share for _, share in told.shares] == sorted(answer, reverse=True)[:3]


def test_labels_numbers_and_cells_are_told_in_their_own_ways() -> None:
    labels = compare_answers("labels", ("cat", "dog"), np.array([[0.9, 0.5], [0.1, 0.2]]), np.array([[1, 0], [0, 0]]))
    assert [(each.said, each.truth, each.right) for each in labels] == [
        ("cat, dog", "cat", False), ("none", "none", True),
    ]  # fmt: skip
    numbers = compare_answers("regress", (), np.array([[1.23456, 2.0]]), np.array([[1.0, 3.0]]))
    assert (numbers[0].said, numbers[0].truth, numbers[0].right) == ("1.235, 2", "1, 3", None)
    cells = compare_answers("segment", ("a", "b"), np.array([[[0, 1], [1, 1]]]), np.array([[[0, 1], [0, 255]]]))
    assert cells[0].share == pytest.approx(2 / 3)
    assert len(compare_answers("restore", (), np.zeros((3, 1, 2, 2)), np.zeros((3, 1, 2, 2)))) == 3
