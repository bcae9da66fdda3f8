from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.report.test_page import Outline

from striate.data import Part
from striate.data.duplicates import Duplicates, Pair
from striate.report.page import render_report, write_report
from striate.report.story import Story
from striate.report.twins import MOST, describe_twins, draw_twins, explain_exact, explain_twins
from striate.train.silence import Silence, Silent

FOUND = Duplicates(60, 60, 1, 2, 0.4, 9.0, (Pair(3, 1, 1.0, True), Pair(5, 0, 0.99, False), Pair(9, 2, 0.9, False)))


def make_part(names: tuple[str, ...] = ("train/<0>.png", "train/1.png", "train/2.png")) -> Part:
    inputs = np.random.default_rng(1).integers(0, 256, (3, 1, 8, 8)).astype(np.uint8)
    return Part(inputs, np.array([0, 1, 3]), list(names))


def test_each_pair_shows_both_pictures_names_and_classes(tell: Callable[..., Story]) -> None:
    story = tell(trained=make_part(), duplicates=FOUND)
    assert story.scored is not None
    cards = draw_twins(story, FOUND).split("<li>")[1:]
    assert [card.count("<img") for card in cards] == [2, 2, 2]
    assert "the same bytes" in cards[0]
    assert "0.9900" in cards[1]
    for card, held, trained in zip(cards, ("3", "5", "9"), ("1", "&lt;0&gt;", "2"), strict=True):
        assert f"images/{held}.png" in card
        assert f"train/{trained}.png" in card
        assert f"class {story.scored.labels[int(held)]}" in card


def test_of_many_pairs_some_from_both_ends_are_drawn(tell: Callable[..., Story]) -> None:
    pairs = tuple(Pair(place, 0, 1 - place / 100, False) for place in range(50))
    drawing = draw_twins(tell(trained=make_part()), replace(FOUND, pairs=pairs))
    assert drawing.count("<li>") == MOST
    assert "0.5100" in drawing


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "1 of the 60 test samples stands byte for byte in the training part; 2 more look like"),
        ({"exact": 0, "near": 0}, "None of the 60 test samples stands in the training part; all were compared."),
        ({"looked": 30}, "30, drawn by the seed, were compared). In all that is 8.2\u00a0% by estimate."),
    ],
)
def test_what_was_found_is_said(change: dict[str, Any], said: str) -> None:
    assert said in describe_twins(replace(FOUND, **change), "test")
    assert "nearer than 0.40 times" in explain_twins(FOUND)
    assert "Too few" in explain_twins(replace(FOUND, threshold=None, dimension=None))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"reading": {"kind": "words"}}, "Texts are compared as wholes"),
        ({"reading": {"kind": "series"}}, "those that overlap are alike by design"),
        ({"rate": 8000}, "a wave a moment later has other values"),
        ({}, ""),
    ],
)
def test_where_only_equal_bytes_were_looked_for_it_says_why(
    tell: Callable[..., Story], fields: dict[str, Any], said: str
) -> None:
    why = explain_exact(tell(**fields))
    assert said in why
    assert bool(said) == bool(why)
    found = Duplicates(60, 3, 3, 0, None, None, ())
    assert describe_twins(found, "test", why).endswith(f"in the training part: 5.0\u00a0%. {why}".rstrip())
    none = describe_twins(replace(found, looked=0, exact=0), "test", why)
    assert none == f"None of the 60 test samples stands byte for byte in the training part. {why}".rstrip()
    assert "compared)" not in none
    assert "Too few" not in explain_twins(found)


def test_the_page_is_whole_with_all_findings(tell: Callable[..., Story]) -> None:
    silence = Silence(256, (Silent("<relu>", 40, tuple(range(20))), Silent("relu2", 8, ())))
    story = tell(trained=make_part(), duplicates=FOUND, silence=silence)
    page = Outline(render_report(story))
    assert {link.removeprefix("#") for link in page.links} == set(page.ids) - {"main"}
    assert "data" in page.ids
    said = " ".join(page.text.split())
    assert "20 of 48 channels behind a ReLU gave 0" in said
    assert "<relu>" in said
    assert "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …" in said
    assert "None: each of the 8 channels" in " ".join(
        Outline(render_report(tell(silence=Silence(64, (Silent("relu2", 8, ()),))))).text.split()
    )


@pytest.mark.browser
def test_pairs_stand_side_by_side(tell: Callable[..., Story], tmp_path: Any, browser: Any) -> None:
    path = write_report(tell(trained=make_part(), duplicates=FOUND), tmp_path / "report.html")
    context = browser.new_context()
    page = context.new_page()
    page.goto(path.as_uri())
    left, right = (page.locator(".twins img").nth(place).bounding_box() for place in (0, 1))
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] <= right["x"]
    assert left["width"] == pytest.approx(right["width"], abs=1)
    context.close()
