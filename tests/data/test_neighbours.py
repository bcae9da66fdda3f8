from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.data import neighbours
from striate.data.neighbours import find_neighbours


def find_slowly(queries: np.ndarray, rows: np.ndarray, count: int) -> list[list[int]]:
    found = []
    for query in queries:
        products = [float(np.dot(query, row)) for row in rows]
        found.append(sorted(range(len(rows)), key=lambda place: (-products[place], place))[:count])
    return found


@given(st.integers(0, 9), st.integers(1, 300), st.integers(1, 12), st.integers(0, 10**6))
def test_against_sorting_all_products(queries: int, rows: int, count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    asked, among = (rng.integers(-9, 10, (size, 4)).astype(np.float32) for size in (queries, rows))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "_GROUP", 4)
        patch.setattr(neighbours, "_ROWS", 100)
        patch.setattr(neighbours, "_QUERIES", 4)
        found = find_neighbours(asked, np.array_split(among, 3), count)
    slow = find_slowly(asked, among, count)
    products = [[float(asked[q] @ among[place]) for place in places] for q, places in enumerate(slow)]
    assert found.likeness.tolist() == products  # equal products may come from other places
    for query, places in enumerate(found.places):
        assert (asked[query] @ among[places].T).tolist() == products[query]
        assert len(set(places.tolist())) == len(places)


def test_fewer_rows_than_asked_for() -> None:
    found = find_neighbours(np.ones((2, 3), np.float32), [np.eye(3, dtype=np.float32)], 11)
    assert found.places.tolist() == [[0, 1, 2], [0, 1, 2]]
