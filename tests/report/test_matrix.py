from __future__ import annotations

from base64 import b64decode
from io import BytesIO
from math import ceil, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from striate.report.matrix import COUNTED, FAINTEST, draw_matrix, rank_pairs


def make_counts(classes: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.poisson(0.5, (classes, classes)) + np.diag(rng.integers(0, 30, classes))


@pytest.mark.parametrize("classes", [1, 2, 5, COUNTED])
def test_few_classes_show_every_count(classes: int) -> None:
    counts = make_counts(classes)
    table = draw_matrix(counts, [f"<{i}>" for i in range(classes)])
    for t, row in enumerate(table.split("<tbody>")[1].split("<tr>")[1:]):
        assert f"&lt;{t}&gt;" in row
        cells = row.split("<td")[1:]
        assert [cell.split(">")[1].split("<")[0] for cell in cells] == [
            str(n) if n or t == p else "·" for p, n in enumerate(counts[t].tolist())
        ]
        for p, count in enumerate(counts[t].tolist()):
            if count:
                hue = "right" if t == p else "wrong"
                assert f'class="{hue}-{ceil(10 * sqrt(count / counts[t].sum()))}"' in cells[p]


@pytest.mark.parametrize("classes", [COUNTED + 1, 137])
def test_many_classes_are_a_heat_map(classes: int) -> None:
    counts = make_counts(classes)
    drawing = draw_matrix(counts, [str(i) for i in range(classes)])
    image = np.asarray(Image.open(BytesIO(b64decode(drawing.split("base64,")[1].split('"')[0]))))
    assert image.shape == (classes, classes, 4)
    assert ((image[..., 3] > 0) == (counts > 0)).all()
    assert image[..., 3][counts > 0].min() >= FAINTEST
    for row, shades in zip(counts, image[..., 3], strict=True):
        seen = row > 0
        assert (np.argsort(row[seen], kind="stable") == np.argsort(shades[seen].astype(int), kind="stable")).all()
    assert f">{classes}<" not in drawing


@given(st.integers(1, 8), st.integers(0, 999), st.integers(0, 30))
def test_pairs_are_those_of_a_loop(classes: int, seed: int, most: int) -> None:
    counts = make_counts(classes, seed)
    wrong = [(int(-counts[t, p]), t, p) for t in range(classes) for p in range(classes) if t != p and counts[t, p]]
    pairs = rank_pairs(counts, most)
    assert [(-pair.count, pair.true, pair.predicted) for pair in pairs] == sorted(wrong)[:most]
    assert [pair.share for pair in pairs] == pytest.approx([p.count / counts[p.true].sum() for p in pairs])
