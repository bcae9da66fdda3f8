from __future__ import annotations

from html.parser import HTMLParser
from math import inf, nan

from hypothesis import given
from hypothesis import strategies as st

from striate.report.markup import draw_path, draw_svg, element, shorten

printable = st.text(st.characters(exclude_categories=("Cc", "Cs")))


class Reader(HTMLParser):
    """Collects what a browser would find."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@given(printable, printable)
def test_text_and_attributes_come_back_as_they_went_in(text: str, value: str) -> None:
    reader = Reader(element("p", [text, element("b", text)], title=value))
    assert reader.text == text + text
    assert reader.tags == [("p", {"title": value}), ("b", {})]


def test_an_svg_has_a_name() -> None:
    reader = Reader(draw_svg(10, 20, "a < b", [element("line", x1=0.125)]))
    assert reader.tags[0][1] | {"viewbox": "0 0 10 20", "role": "img"} == reader.tags[0][1]
    assert [tag for tag, _ in reader.tags] == ["svg", "title", "line"]
    assert reader.text == "a < b"


def test_what_is_not_finite_breaks_a_path() -> None:
    path = draw_path([(0, 1), (1, nan), (2, 3), (3, 4), (inf, 5)], "line")
    assert 'd="M0.00 1.00M2.00 3.00L3.00 4.00"' in path


@given(printable, st.integers(2, 30))
def test_shortened_text_fits(text: str, columns: int) -> None:
    short = shorten(text, columns)
    assert shorten(short, columns) == short
    assert short == text or (short.endswith("…") and text.startswith(short[:-1].rstrip()))
