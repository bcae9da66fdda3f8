"""Elements of HTML and SVG, built so that every text and every attribute in them is escaped.

Figures carry CSS classes instead of colours, so that one drawing serves the light page, the dark page and paper.
"""

from __future__ import annotations

from collections.abc import Iterable
from unicodedata import combining, east_asian_width

from markupsafe import Markup, escape

Content = str | Iterable[str]
VOID = {"img"}


def element(name: str, content: Content = (), **attributes: str | float | None) -> Markup:
    """Build one element. A `str` in the content is escaped unless it is Markup already; None leaves an attribute out.

    A trailing `_` of an attribute's name falls away, an inner one becomes a hyphen.

    >>> element("text", "a < b", class_="tick", x=1.0, font_size=None)
    Markup('<text class="tick" x="1">a &lt; b</text>')
    """
    parts = [content] if isinstance(content, str) else content
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_write(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    body = "".join(escape(part) for part in parts)
    return Markup(f"<{name}{written}>" if name in VOID else f"<{name}{written}>{body}</{name}>")


def draw_svg(width: float, height: float, label: str, content: Content, class_: str = "plot") -> Markup:
    """Wrap a drawing of that many units; `label` is what a reader who can't see it is told."""
    parts = [content] if isinstance(content, str) else content
    return element(
        "svg",
        [element("title", label), *parts],
        class_=class_,
        viewBox=f"0 0 {width:g} {height:g}",
        width=width,
        height=height,
        role="img",
    )


def draw_path(points: Iterable[tuple[float, float]], class_: str) -> Markup:
    """Draw a line through points; a point that is not finite breaks it."""
    steps: list[str] = []
    pen = "M"
    for x, y in points:
        if abs(x) < float("inf") and abs(y) < float("inf"):
            steps.append(f"{pen}{x:.2f} {y:.2f}")
            pen = "L"
        else:
            pen = "M"
    return element("path", d="".join(steps), class_=class_)


def shorten(text: str, columns: int) -> str:
    """Cut a text to that many columns, an ellipsis included; wide East Asian signs take two, combining ones none.

    >>> shorten("tyrannosaurus", 8), shorten("cat", 8), shorten("日本語文字", 6)
    ('tyranno…', 'cat', '日本…')
    """
    if sum(map(_width, text)) <= columns:
        return text
    taken, used = "", 0
    for sign in text:
        used += _width(sign)
        if used > columns - 1:
            break
        taken += sign
    return taken.rstrip() + "…"


def _width(sign: str) -> int:
    return 0 if combining(sign) else 2 if east_asian_width(sign) in "WF" else 1


def _write(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
