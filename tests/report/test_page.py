"""The page as text: what stands in it, that it is whole and safe; and, in a browser, that it asks for nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise
from math import inf, nan
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from striate.errors import RunError
from striate.report.page import render_report, write_report
from striate.report.story import Layer, Story
from striate.train.scores import Scores

EVIL = "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'>\"'`&{{ 7 * 7 }}</style></title>"
VOID = {"meta", "img", "link", "br"}


class Outline(HTMLParser):
    """Reads a page strictly: every element closed in order; notes headings, ids, links and what would be fetched."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.ids += [value for key, value in attrs if key == "id" and value]
        if tag == "a":
            self.links.append(found["href"] or "")
        elif "href" in found or "src" in found:
            self.fetched.append(found.get("href") or found.get("src") or "")
        assert not any(key.startswith("on") or key == "style" for key in found), attrs
        assert tag != "img" or "alt" in found

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def make_evil(tell: Callable[..., Story]) -> Story:
    return tell(
        kinds=3,
        extents=(1, 3, 6, 6),
        title=EVIL,
        data=EVIL,
        net=EVIL,
        reasons=(EVIL,),
        classes=(EVIL, "日本語" * 30, "a" * 300),
        layers=(Layer(EVIL, EVIL, (3, 6), 7),),
        settings={EVIL: EVIL, "nested": {EVIL: [EVIL]}},
        set_aside=((EVIL, EVIL), ("bad\udc80name.png", "x")),
        names=[f"{EVIL}{i}" for i in range(60)],
        notes=(EVIL,),
    )


def test_the_whole_story_is_told(tell: Callable[..., Story]) -> None:
    story = tell()
    page = Outline(render_report(story))
    assert story.scored is not None
    right = int((story.scored.logits.argmax(1) == story.scored.labels).sum())
    said = " ".join(page.text.split())
    expected = [
        f"{right} of 60 samples are right",
        "9.0\u00a0s",
        "116",
        story.title,
        story.data,
        *story.net.split("\n"),
    ]
    expected += [*story.classes, *story.reasons, *story.notes, "broken.png", "cut short", "recipe.lr", "conv3-8"]
    missing = [text for text in expected if text.replace("\u00a0", " ") not in said.replace("\u00a0", " ")]
    assert not missing


def test_headings_descend_by_one_and_links_arrive(tell: Callable[..., Story]) -> None:
    page = Outline(render_report(tell()))
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(page.headings))
    assert len(set(page.ids)) == len(page.ids)
    assert {link.removeprefix("#") for link in page.links} == set(page.ids)
    assert page.tags.count("table") == page.tags.count("caption")
    assert page.tags.count("svg") == page.tags.count("title") - 1


def test_nothing_is_fetched(tell: Callable[..., Story]) -> None:
    for story in (tell(), tell(kinds=30, extents=(3, 9, 9)), make_evil(tell)):
        fetched = Outline(render_report(story)).fetched
        assert fetched
        assert all(address.startswith("data:image/png;base64,") for address in fetched)


def test_what_comes_from_the_data_stays_text(tell: Callable[..., Story]) -> None:
    text = render_report(make_evil(tell))
    page = Outline(text)
    assert page.tags.count("script") == 1
    assert "<img src=x" not in text
    assert page.text.count("window.hacked = 1") > 10
    assert page.text.count("{{ 7 * 7 }}") > 10


degenerate: list[dict[str, Any]] = [
    {"history": ()},
    {"history": ({"epoch": 1, "train_loss": 0.5},)},
    {"history": ({"train_loss": nan, "train_accuracy": inf, "validation_loss": None}, {"note": "x"})},
    {"val": None},
    {"test": None, "val": None},
    {"test": None, "val": None, "inputs": np.zeros((0, 1, 4, 4), np.uint8), "names": (), "part": "val"},
    {"part": "val", "test": None},
    {
        "samples": 0,
        "val": None,
        "inputs": np.zeros((0, 1, 4, 4), np.uint8),
        "names": (),
        "test": Scores(np.zeros((0, 4)), np.zeros(0, np.int64)),
    },
    {"samples": 4, "test": Scores(np.eye(4), np.arange(4)), "val": Scores(np.eye(4), np.arange(4))},
    {"samples": 1, "kinds": 1, "val": None},
    {"kinds": 2, "extents": (1, 400)},
    {"kinds": 2, "extents": (2, 5, 9, 9)},
    {"kinds": 120, "extents": (3, 4, 4)},
    {"kernels": None, "layers": (), "net": "", "reasons": (), "settings": {}, "set_aside": (), "notes": (), "data": ""},
    {"set_aside": tuple((f"{i}.png", "broken") for i in range(300))},
    {"layers": tuple(Layer(f"{i}", "conv3-8", (8, 4, 4), i) for i in range(200))},
]


@pytest.mark.parametrize("fields", degenerate, ids=lambda fields: "-".join(fields))
def test_degenerate_stories_are_told(tell: Callable[..., Story], fields: dict[str, Any]) -> None:
    text = render_report(tell(**fields))
    assert Outline(text).headings[0] == 1
    assert not re.search(r"\b(nan|None|inf)\b", re.sub('base64,[^"]*', "", text))


def test_long_lists_are_folded(tell: Callable[..., Story]) -> None:
    assert "details" not in Outline(render_report(tell())).tags
    for fields in degenerate[-2:]:
        assert Outline(render_report(tell(**fields))).tags.count("details") == 1


def test_the_file_is_written_whole_and_replaced(tell: Callable[..., Story], tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    assert write_report(tell(title="first"), path) == path
    write_report(make_evil(tell), str(path))
    page = path.read_text("utf-8")
    assert page.rstrip().endswith("</html>")
    assert "bad\\udc80name.png" in page
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]


def test_where_it_cannot_be_written_the_user_is_told(tell: Callable[..., Story], tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"report\.html: can't be written \(No such file"):
        write_report(tell(), tmp_path / "missing" / "report.html")
    (tmp_path / "taken").mkdir()
    with pytest.raises(RunError, match="can't be written"):
        write_report(tell(), tmp_path / "taken")
    assert [file.name for file in tmp_path.iterdir()] == ["taken"]


@pytest.mark.browser
def test_a_browser_asks_for_nothing_and_runs_nothing_foreign(
    tell: Callable[..., Story], tmp_path: Path, browser: Any
) -> None:
    path = write_report(make_evil(tell), tmp_path / "report.html")
    context = browser.new_context()
    page, said, asked = context.new_page(), [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    page.wait_for_load_state()
    assert page.evaluate("window.hacked") is None
    assert [url for url in asked if not url.startswith("data:image/png")] == [path.as_uri()]
    assert said == []
    broken = page.evaluate("[...document.images].filter(i => !i.naturalWidth).length")
    assert broken == 0
    context.close()


@pytest.mark.browser
def test_the_policy_stops_what_slips_past_escaping(tell: Callable[..., Story], tmp_path: Path, browser: Any) -> None:
    hole = (
        "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'><img src='https://example.org/x.png'>"
    )
    path = tmp_path / "report.html"
    path.write_text(render_report(tell()).replace("<main>", f"<main>{hole}"), "utf-8")
    context = browser.new_context()
    page, asked = context.new_page(), []
    page.on("requestfinished", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    assert page.evaluate("window.hacked") is None
    assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
    context.close()
