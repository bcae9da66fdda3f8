"""The page as it looks: nothing sticks out sideways, everything written can be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from striate.report.page import write_report
from striate.report.story import Layer, Story

pytestmark = pytest.mark.browser

FAINT = """() => {
  const parse = (text) => {
    const numbers = text.match(/[\\d.]+(e-?\\d+)?/g).map(Number);
    const unit = text.startsWith("color(") ? 1 : 255;
    return [...numbers.slice(0, 3).map((n) => n / unit), numbers[3] ?? 1];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour[3] > 0) return colour;
    }
    return [1, 1, 1, 1];
  };
  const found = [];
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest("title, .none")) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(parse(element.closest("svg") ? style.fill : style.color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    found.push([ratio, walker.currentNode.data.trim().slice(0, 40), element.className.baseVal ?? element.className]);
  }
  return found;
}"""


def open_page(browser: Any, story: Story, path: Path, width: int, scheme: str = "light", media: str = "screen") -> Any:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    page.emulate_media(media=media, color_scheme=scheme)
    page.goto(write_report(story, path / "report.html").as_uri())
    return page


def make_wide(tell: Callable[..., Story], kinds: int) -> Story:
    long = "a-very-long-name-without-a-single-space" * 4
    return tell(
        kinds=kinds,
        title=long,
        data=long,
        classes=tuple(f"{long}{i}" for i in range(kinds)),
        names=[f"{long}/{i}.png" for i in range(60)],
        layers=(Layer(long, long, (512, 256, 256, 256), 10**9),),
        net=", ".join(["conv3-64"] * 60),
        settings={long: long},
        set_aside=((long, long),),
        reasons=(long,),
        notes=(long,),
    )


@pytest.mark.parametrize("width", [360, 390, 1280])
@pytest.mark.parametrize("kinds", [2, 20, 100])
def test_the_page_never_scrolls_sideways(
    tell: Callable[..., Story], tmp_path: Path, browser: Any, width: int, kinds: int
) -> None:
    page = open_page(browser, make_wide(tell, kinds), tmp_path, width)
    page.evaluate("document.querySelectorAll('details').forEach((fold) => (fold.open = true))")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()


@pytest.mark.parametrize("media", ["screen", "print"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_written_has_contrast(
    tell: Callable[..., Story], tmp_path: Path, browser: Any, scheme: str, media: str
) -> None:
    page = open_page(browser, tell(samples=400, kinds=12), tmp_path.absolute(), 1280, scheme, media)
    found = page.evaluate(FAINT)
    page.context.close()
    assert len(found) > 100
    assert [text for text in found if text[0] < 4.5] == []


def test_the_schemes_differ_and_paper_is_white(tell: Callable[..., Story], tmp_path: Path, browser: Any) -> None:
    grounds = []
    for scheme, media in (("light", "screen"), ("dark", "screen"), ("dark", "print")):
        page = open_page(browser, tell(), tmp_path, 800, scheme, media)
        grounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        page.context.close()
    assert len(set(grounds)) == 3
    assert grounds[2] == "rgb(255, 255, 255)"


def test_small_samples_are_enlarged_with_square_pixels(
    tell: Callable[..., Story], tmp_path: Path, browser: Any
) -> None:
    page = open_page(browser, tell(), tmp_path, 1280)
    image = page.locator(".mistakes img").first
    assert image.evaluate("(i) => getComputedStyle(i).imageRendering") == "pixelated"
    assert image.bounding_box()["width"] > 8 * image.evaluate("(i) => i.naturalWidth")
    page.context.close()
