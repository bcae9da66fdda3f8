from itertools import combinations, product

import pytest
import torch
from tests.measure.rules.counting import count, list_names, run
from tests.measure.rules.support import check_reach
from torch import Tensor


def measure_pairs(left: Tensor, right: Tensor) -> tuple[Tensor, int]:
    """Every distance by hand, and how many differences were squared."""
    made, squares = torch.zeros(left.shape[0], right.shape[0]), 0
    for i, j in product(range(left.shape[0]), range(right.shape[0])):
        total = 0.0
        for a, b in zip(left[i].tolist(), right[j].tolist(), strict=True):
            total += (a - b) * (a - b)
            squares += 1
        made[i, j] = total**0.5
    return made, squares


@pytest.mark.parametrize(("rows", "name"), [(5, "_cdist_forward"), (30, "_euclidean_dist")])
def test_all_distances_take_a_square_per_pair_and_coordinate(rows: int, name: str) -> None:
    left, right = torch.rand(rows, 3), torch.rand(4, 3)
    made, squares = measure_pairs(left, right)
    assert torch.allclose(made, torch.cdist(left, right), atol=1e-3)
    traced = run(torch.cdist, (rows, 3), (4, 3), backward=True)
    assert name in list_names(traced)
    assert count(traced) == squares
    assert count(traced, "backward") == 2 * squares


@pytest.mark.parametrize("norm", [0.0, 1.0, 3.0, float("inf")])
def test_other_norms_are_free(norm: float) -> None:
    assert count(run(lambda a, b: torch.cdist(a, b, p=norm), (5, 3), (4, 3))) == 0
    assert count(run(lambda a: torch.nn.functional.pdist(a, p=norm), (5, 3), backward=True), "backward") == 0


def test_distances_within_a_set() -> None:
    values = torch.rand(5, 3)
    made, _ = measure_pairs(values, values)
    pairs = list(combinations(range(5), 2))
    assert torch.allclose(torch.stack([made[pair] for pair in pairs]), torch.pdist(values), atol=1e-6)
    traced = run(torch.pdist, (5, 3), backward=True)
    assert count(traced) == count(traced, "backward") == len(pairs) * 3


@pytest.mark.parametrize(
    "shapes", [((5, 3), (4, 3)), ((2, 3, 2), (2, 4, 2)), ((2, 3, 2), (4, 2)), ((2, 30, 2), (1, 2, 2))]
)
def test_reach(shapes: tuple[tuple[int, ...], ...]) -> None:
    check_reach(torch.cdist, *shapes)


def test_reach_within_a_set() -> None:
    check_reach(torch.pdist, (5, 3))
