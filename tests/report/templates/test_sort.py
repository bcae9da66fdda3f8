"""A click on a column's head sorts the classes; without scripts the table reads in class order."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from striate.report.page import write_report
from striate.report.story import Story
from striate.train.scores import Scores, tabulate_classes

pytestmark = pytest.mark.browser


def read_numbers(page: Any) -> list[int]:
    cells = page.locator("#classes tbody tr td:first-child").all_inner_texts()
    return [int(cell) for cell in cells]


def test_columns_sort_both_ways_with_the_unknown_last(tell: Callable[..., Story], tmp_path: Path, browser: Any) -> None:
    rng = np.random.default_rng(0)
    labels = rng.choice([0, 1, 3, 4, 5], 60)  # class 2 has no samples
    scores = Scores(rng.normal(size=(60, 6)) + 2 * np.eye(6)[labels], labels)
    context = browser.new_context()
    page = context.new_page()
    page.goto(write_report(tell(kinds=6, test=scores), tmp_path / "report.html").as_uri())
    rows = tabulate_classes(scores)
    assert read_numbers(page) == list(range(6))
    for sign, said in ((1, "ascending"), (-1, "descending")):
        page.get_by_role("button", name="Recall").click()
        expected = sorted(range(6), key=lambda i: sign * rows[i].recall if rows[i].support else inf)
        assert read_numbers(page) == expected
        assert page.get_by_role("columnheader", name="Recall").get_attribute("aria-sort") == said
    page.get_by_role("button", name="Class", exact=True).click()
    assert read_numbers(page) == list(range(6))
    context.close()


def test_without_scripts_the_table_is_whole(tell: Callable[..., Story], tmp_path: Path, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(write_report(tell(), tmp_path / "report.html").as_uri())
    assert read_numbers(page) == list(range(4))
    assert page.get_by_role("button").count() == 0
    context.close()
