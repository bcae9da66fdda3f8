"""The page of an explanation in a browser: it fits, it can be read, and its sounds play along their curves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from tests.report.heats.made import make_heat, make_spot, make_trust
from tests.report.templates.test_style import FAINT

from striate.explain.heat import Heat
from striate.report.heats.explanation import write_explanation

pytestmark = pytest.mark.browser

RATE = 8000
LONG = "a-very-long-name-without-a-single-space" * 4


def make_sounds() -> list[Heat]:
    values = torch.from_numpy(make_spot((RATE,), (6000,), 300))[None].repeat(2, 1)
    return [
        make_heat(2, (RATE,), values=values, rate=RATE, method=name, trust=make_trust(2)) for name in ("rise", "lrp")
    ]


def make_pictures(**others: Any) -> list[Heat]:
    return [make_heat(3, (8, 10), 3, signed=signed, trust=make_trust(3), **others) for signed in (False, True)]


CASES = {
    "pictures": make_pictures(),
    "sounds": make_sounds(),
    "volumes": [make_heat(2, (9, 12, 14))],
    "curves": [make_heat(2, (90,), 3, signed=True)],
    "names": make_pictures(names=(LONG,) * 3, classes=(LONG,) * 3, layer=LONG, notes=(LONG,)),
}


def open_page(browser: Any, heats: list[Heat], path: Path, width: int = 800, **options: Any) -> Any:
    context = browser.new_context(viewport={"width": width, "height": 800}, **options)
    page = context.new_page()
    page.faults = []
    page.on("console", lambda message: page.faults.append(message.text))
    page.on("pageerror", lambda fault: page.faults.append(str(fault)))
    page.on("request", lambda request: page.faults.append(request.url) if request.url.startswith("http") else None)
    page.goto(write_explanation(heats, path / "maps.html", "a run").as_uri())
    return page


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("case", CASES)
def test_the_page_never_scrolls_sideways(tmp_path: Path, browser: Any, width: int, case: str) -> None:
    page = open_page(browser, CASES[case], tmp_path, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.faults == []
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("case", ["pictures", "sounds"])
def test_everything_written_has_contrast(tmp_path: Path, browser: Any, scheme: str, case: str) -> None:
    page = open_page(browser, CASES[case], tmp_path, color_scheme=scheme)
    found = page.evaluate(FAINT)
    page.context.close()
    assert len(found) > 20
    assert [text for text in found if text[0] < 4.5] == []


def test_small_inputs_are_enlarged_with_square_pixels(tmp_path: Path, browser: Any) -> None:
    page = open_page(browser, CASES["pictures"], tmp_path)
    image = page.locator("figure img").first
    assert image.evaluate("(i) => getComputedStyle(i).imageRendering") == "pixelated"
    assert image.bounding_box()["width"] > 10 * image.evaluate("(i) => i.naturalWidth")
    page.context.close()


def test_every_picture_and_every_sound_is_there(tmp_path: Path, browser: Any) -> None:
    page = open_page(browser, CASES["sounds"], tmp_path)
    wait_for(page, "[...document.querySelectorAll('audio')].every((a) => a.readyState > 0)")
    lengths = page.evaluate("[...document.querySelectorAll('audio')].map((a) => a.duration)")
    assert lengths == pytest.approx([1.0] * 6)
    assert page.evaluate("[...document.images].every((i) => i.naturalWidth > 0)")
    page.context.close()


def wait_for(page: Any, condition: str) -> None:
    """Wait until it holds; playwright's own way asks for `eval`, which the page forbids."""
    for _ in range(200):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(20)
    raise AssertionError(condition)


def read_line(page: Any) -> float:
    return float(page.locator(".head").first.get_attribute("x1"))


def test_a_click_on_a_curve_goes_there_and_the_line_follows(tmp_path: Path, browser: Any) -> None:
    page = open_page(browser, CASES["sounds"], tmp_path)
    wait_for(page, "document.querySelector('audio').readyState > 0")
    curve = page.locator("svg.sounding").first
    assert page.locator(".head").first.get_attribute("visibility") == "hidden"
    box = curve.bounding_box()
    curve.click(position={"x": 0.75 * box["width"], "y": 20})
    wait_for(page, "document.querySelector('.head').getAttribute('visibility') === 'visible'")
    assert page.evaluate("document.querySelector('audio').currentTime") == pytest.approx(0.75, abs=0.01)
    assert read_line(page) == pytest.approx(525, abs=5)
    others = page.locator("article:nth-of-type(2) .head").first
    assert others.get_attribute("visibility") == "hidden"
    page.context.close()


def test_one_sound_plays_at_a_time_with_its_line(tmp_path: Path, browser: Any) -> None:
    page = open_page(browser, CASES["sounds"], tmp_path)
    page.evaluate("document.querySelectorAll('audio').forEach((a) => { a.muted = true; a.loop = true; })")
    playing = "[...document.querySelectorAll('audio')].map((a) => !a.paused)"
    page.evaluate("document.querySelectorAll('audio')[0].play()")
    wait_for(page, "Number(document.querySelector('.head').getAttribute('x1')) > 20")
    assert page.evaluate(playing) == [True, *[False] * 5]
    page.evaluate("document.querySelectorAll('audio')[4].play()")
    wait_for(page, f"String({playing}) === String([false, false, false, false, true, false])")
    page.context.close()


def test_without_scripts_everything_is_there(tmp_path: Path, browser: Any) -> None:
    page = open_page(browser, CASES["sounds"], tmp_path, java_script_enabled=False)
    assert page.locator("audio").count() == 6
    assert page.locator("svg.sounding").count() == 4
    page.context.close()
