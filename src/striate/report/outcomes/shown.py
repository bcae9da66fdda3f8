"""What a task's outcome puts on the page: a headline, a few facts, and sections of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from striate.report.markup import element


@dataclass(frozen=True)
class Section:
    """A part of the page: its anchor, its title, and what stands in it."""

    anchor: str
    title: str
    body: Markup


@dataclass(frozen=True)
class Shown:
    """The large figure and what it is; a sentence on how sure it is, one on what would be easy; facts; sections."""

    figure: str
    subject: str
    interval: str
    baseline: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]


def draw_table(
    label: str, caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], about: str = ""
) -> Markup:
    """A table whose first column names the rows, in a box that scrolls where it is too wide; `about` explains it."""
    top = [element("th", head, scope="col", class_="n" if place else None) for place, head in enumerate(heads)]
    body = [
        element(
            "tr",
            [
                element("th", element("bdi", row[0]), scope="row", class_="name", title=row[0]),
                *(element("td", cell, class_="n") for cell in row[1:]),
            ],
        )
        for row in rows
    ]
    table = [element("caption", caption), element("thead", element("tr", top)), element("tbody", body)]
    box = element("div", element("table", table), class_="box", role="region", aria_label=label, tabindex="0")
    return Markup().join([element("p", about, class_="caption"), box] if about else [box])
