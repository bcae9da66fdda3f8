"""A table of an outcome, read back by Python's own parser."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from striate.report.outcomes.shown import draw_table

HEADS = ("", "PSNR", "From <95 %>")
ROWS = [("Restored & more", "31.2", "30.1"), ("<script>alert(1)</script>", "20", '"19"')]


class Reading(HTMLParser):
    """Every element with its attributes and its text, in order; that they are closed in turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[int] = []
        self.found: list[tuple[str, dict[str, str | None], list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(len(self.found))
        self.found.append((tag, dict(attrs), []))

    def handle_endtag(self, tag: str) -> None:
        assert self.found[self.open.pop()][0] == tag

    def handle_data(self, data: str) -> None:
        for place in self.open:
            self.found[place][2].append(data)

    def pick(self, tag: str, **wanted: str) -> list[str]:
        return [
            "".join(text)
            for name, given, text in self.found
            if name == tag and all(given.get(key.rstrip("_")) == value for key, value in wanted.items())
        ]


def read(about: str = "") -> Reading:
    reading = Reading()
    reading.feed(draw_table("Gain", "PSNR before & after", HEADS, ROWS, about))
    reading.close()
    assert reading.open == []
    return reading


def test_every_cell_stands_where_it_was_given() -> None:
    reading = read()
    assert tuple(reading.pick("th", scope="col")) == HEADS
    assert reading.pick("th", scope="row") == [row[0] for row in ROWS]
    assert reading.pick("td") == [cell for row in ROWS for cell in row[1:]]
    assert reading.pick("caption") == ["PSNR before & after"]
    assert len(reading.pick("tr")) == 1 + len(ROWS)


def test_names_from_the_data_are_text_alone_and_can_be_read_in_full() -> None:
    reading = read()
    assert reading.pick("script") == []
    assert reading.pick("bdi") == [row[0] for row in ROWS]
    for row in ROWS:
        assert reading.pick("th", title=row[0]) == [row[0]]


def test_figures_are_set_as_figures_under_heads_that_are() -> None:
    reading = read()
    assert reading.pick("th", scope="col", class_="n") == list(HEADS[1:])
    assert reading.pick("td", class_="n") == reading.pick("td")


def test_the_box_can_be_reached_and_is_named() -> None:
    ((_, given, _),) = [each for each in read().found if each[0] == "div"]
    assert (given["role"], given["aria-label"], given["tabindex"]) == ("region", "Gain", "0")


@pytest.mark.parametrize("about", ["", "What <it> means"])
def test_an_explanation_stands_before_the_table_if_there_is_one(about: str) -> None:
    reading = read(about)
    assert reading.pick("p", class_="caption") == ([about] if about else [])
    assert reading.found[0][0] == ("p" if about else "div")


def test_no_rows_are_a_table_all_the_same() -> None:
    reading = Reading()
    reading.feed(draw_table("Gain", "none", HEADS, iter(())))
    assert (len(reading.pick("th")), reading.pick("td")) == (len(HEADS), [])
