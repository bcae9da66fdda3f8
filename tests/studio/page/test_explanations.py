"""Explain, Explore and Table of the Question view in a real browser: the report's pixels, the verbs' figures."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.browsing import find_faults
from tests.studio.asked_runs import train_digits
from tests.studio.conftest import Look, Served, serving, wait

import striate
from striate.report.heats.exposures import expose
from striate.report.heats.overlays import paint_heat, paint_input

pytestmark = pytest.mark.browser
VIEW = "document.querySelector('.explain')"
PIXELS = "(at) => [...document.querySelectorAll('.explained canvas')].filter((each) => each.getAttribute('role'))[at]"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("explained")
    train_digits(folder, steps=120)
    with serving(folder) as served:
        yield served


def open_section(served: Served, look: Look, section: str, **options: Any) -> Any:
    seen = look(served, **options)
    seen.page.evaluate("(section) => sessionStorage.setItem('striate-question', JSON.stringify({ section }))", section)
    seen.page.evaluate("location.hash = 'question'")
    return seen


def settle(page: Any, methods: list[str]) -> None:
    """Wait until these maps stand there, judged."""
    shown = "JSON.stringify([...document.querySelectorAll('.map')].map((each) => each.dataset.method))"
    wait(
        page,
        f"{VIEW}?.dataset.state === 'judged' && {shown} === {json.dumps(json.dumps(methods, separators=(',', ':')))}",
    )


def read_pixels(page: Any, at: int) -> Any:
    """The colours of a canvas, the input's or a map's, [H, W, 3] from 0 to 1."""
    found = page.evaluate(f"(at) => ({PIXELS})(at).toDataURL()", at)
    with Image.open(BytesIO(b64decode(found.partition(",")[2]))) as image:
        return np.asarray(image.convert("RGB")) / 255


def test_maps_trust_views_and_table(asked: Served, look: Look) -> None:
    folder = asked.session.runs / "digits"
    run, part = striate.load(folder), asked.session.questions.hold(folder).part
    seen = open_section(asked, look, "explanations")
    page = seen.page
    settle(page, ["gradcam"])
    number = int(page.evaluate("document.querySelector('.thumb[aria-pressed=true]').dataset.number"))
    page.locator("select[name=second]").select_option("integratedgradients")
    settle(page, ["gradcam", "integratedgradients"])
    for at, method in enumerate(["gradcam", "integratedgradients"], 1):
        heat = striate.explain(run, part.inputs[number : number + 1], method=method, trust=True)
        np.testing.assert_allclose(read_pixels(page, at), paint_heat(expose(heat, 0), 0), atol=0.02)
        assert heat.trust is not None
        value = page.evaluate(f"document.querySelector('[data-method={method}] [data-name=deletion]').dataset.value")
        assert float(value) == pytest.approx(heat.trust.deletion.found[0], rel=1e-4)
        trusted = page.evaluate(f"document.querySelector('[data-method={method}] .trust').dataset.trustworthy")
        assert trusted == str(heat.trust.maps[0].trustworthy).lower()
    np.testing.assert_allclose(read_pixels(page, 0), paint_input(expose(heat, 0), 0), atol=0.01)
    page.locator("input[name=share]").fill("0")  # no map over the input is the input
    np.testing.assert_array_equal(read_pixels(page, 1), read_pixels(page, 0))
    page.evaluate(f"({PIXELS})(2).focus()")
    page.keyboard.press("ArrowDown")
    peak = np.unravel_index(int(heat.values[0].argmax()), (8, 8))
    wait(page, "document.querySelector('.explain .where').textContent")
    read = page.evaluate("document.querySelector('.explain .where').textContent")
    assert read.startswith(f"Integrated gradients: row {peak[0]}, column {peak[1]}: speaks for it by")
    assert find_faults(page) == []
    page.locator("select[name=first]").select_option("rise")  # and what is asked next ends it
    page.locator("select[name=second]").select_option("")
    page.locator("select[name=first]").select_option("saliency")
    page.locator("select[name=target]").select_option(label="7")
    settle(page, ["saliency"])
    page.wait_for_selector(".map figcaption:has-text('for “7”')")
    href = page.get_attribute(".map-tools a:visible", "href")
    assert asked.ask("GET", href)[0] == 200

    page.get_by_role("tab", name="Explore", exact=True).click()
    page.locator(".viewcard[data-view=kernels]").click()
    wait(page, "document.querySelector('.explore')?.dataset.state === 'shown'")
    wait(page, "document.querySelector('.sheet-of-view img').naturalWidth > 1000")
    assert find_faults(page) == []
    page.get_by_role("tab", name="Table", exact=True).click()
    wait(page, "document.querySelector('.measured-run')?.dataset.state === 'traced'")
    multiplies = page.evaluate("document.querySelector('.measured-run [data-total=multiplies]').textContent")
    assert multiplies == f"{striate.measure(run).multiplies:,}"
    assert find_faults(page) == []
    assert seen.said == []


def test_a_phone_shows_it_all_in_the_dark(asked: Served, look: Look) -> None:
    seen = open_section(asked, look, "explanations", viewport={"width": 390, "height": 844}, color_scheme="dark")
    settle(seen.page, ["gradcam"])
    for name in ("Explain", "Explore", "Table"):
        seen.page.get_by_role("tab", name=name, exact=True).click()
        seen.page.wait_for_timeout(200)
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
        assert find_faults(seen.page) == []
    assert seen.said == []
