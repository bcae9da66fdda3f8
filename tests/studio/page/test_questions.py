"""The Question view in a real browser, on a real run: its sections one after another, as somebody would use them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.browsing import find_faults
from tests.studio.asked_runs import train_digits
from tests.studio.conftest import Look, Seen, Served, serving, wait
from tests.studio.samples import write_picture

import striate
from striate.verbs.heldout import Query, answer_held_out
from striate.verbs.heldout.catalogue import list_samples
from striate.verbs.telling import write_answer

pytestmark = pytest.mark.browser
QUIET = "!document.querySelector('.questions [aria-busy=true]')"
COUNTS = """[...document.querySelectorAll('.grid tbody tr')].map(row =>
    [...row.cells].slice(1, -1).map(cell => Number(cell.querySelector('b')?.textContent ?? 0)))"""
PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("questions")
    train_digits(folder)
    train_digits(folder, "another", steps=5)
    with serving(folder) as served:
        yield served


def begin(look: Look, served: Served, **options: Any) -> Seen:
    seen = look(served, **options)
    seen.page.evaluate("sessionStorage.setItem('striate-question', JSON.stringify({ name: 'digits' }))")
    seen.page.evaluate("location.hash = 'question'")
    wait(seen.page, "document.querySelector('.questions')?.dataset.run === 'digits'")
    return seen


def open_section(page: Any, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()
    page.wait_for_timeout(50)
    wait(page, QUIET)


def read_card(page: Any) -> tuple[str, str]:
    """The truth and the answer of the sample that is open."""
    wait(page, "document.querySelector('dialog.opened dd')")
    truth, answer = page.locator("dialog.opened dd").all_inner_texts()[:2]
    return truth, answer


def test_the_matrix_opens_the_very_samples_behind_its_counts(asked: Served, look: Look) -> None:
    held = answer_held_out(striate.load(asked.session.runs / "digits"))
    seen = begin(look, asked)
    page = seen.page
    open_section(page, "Outcomes")
    wait(page, "document.querySelector('.cards .card')")
    counts = np.array(page.evaluate(COUNTS))
    assert counts.sum() == held.result.total
    assert np.trace(counts) == held.result.correct
    first = list_samples(held, Query(only="wrong")).samples
    shown = page.evaluate("[...document.querySelectorAll('.card')].map(card => Number(card.dataset.number))")
    assert shown == [sample.number for sample in first]
    button = page.locator(".grid td.wrong button").first
    row, column = map(int, str(button.get_attribute("data-at")).split())
    button.click()
    wait(page, f"document.querySelectorAll('.card').length === {min(24, counts[row, column])}")
    assert button.get_attribute("aria-pressed") == "true"
    page.locator(".card").first.click()
    assert read_card(page) == (str(row), str(column))
    assert page.locator("dialog.opened .bars li").count() == 10
    assert not find_faults(page)
    page.keyboard.press("Escape")
    button.focus()  # the matrix is walked by arrows: to the next count in that direction
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.at.split(' ')[1]") == str(column)
    page.keyboard.press("Enter")
    assert not find_faults(page)
    page.locator(".chosen select").select_option(label="another")
    wait(page, "document.querySelector('.questions').dataset.run === 'another' && document.querySelector('.grid')")
    wait(page, QUIET)
    assert page.locator("dialog[open]").count() == 0
    assert seen.said == []


def test_an_upload_is_answered_as_predict_does(asked: Served, look: Look, tmp_path: Path) -> None:
    seen = begin(look, asked)
    page, path = seen.page, tmp_path / "mine.png"
    path.write_bytes(write_picture(np.random.default_rng(0).integers(0, 256, (20, 20)).astype(np.uint8)))
    open_section(page, "Predict")
    page.locator(".drop input").set_input_files(str(path))
    wait(page, "document.querySelector('.answer').dataset.line")
    run = striate.load(asked.session.runs / "digits")
    row = striate.predict(run, path)[0]
    assert page.locator(".answer output").inner_text() == write_answer(run, row)
    first = page.locator(".answer .bars li").first
    assert first.inner_text().split("\n") == [run.classes[int(row.argmax())], f"{100 * row.max():.1f} %"]
    before = page.evaluate("document.querySelector('.answer').dataset.line")
    page.locator(".sheet canvas").focus()  # drawn with the keyboard
    for key in ("Space", *["ArrowDown"] * 6, "Space"):
        page.keyboard.press(key)
    wait(page, f"document.querySelector('.answer').dataset.line !== {json.dumps(before)}")
    assert not find_faults(page)
    assert seen.said == []


def test_the_report_is_shown_and_a_file_taken_away(asked: Served, look: Look) -> None:
    seen = begin(look, asked, accept_downloads=True)
    page = seen.page
    open_section(page, "Report")
    wait(page, "document.querySelector('iframe.report:not([hidden])')")
    frame = page.frame_locator("iframe.report")
    assert "digits" in frame.locator("h1").inner_text()
    open_section(page, "Take away")
    row = page.locator("[data-suffix='.safetensors']")
    row.get_by_role("button").click()
    row.get_by_role("link").wait_for()
    with page.expect_download() as started:
        row.get_by_role("link").click()
    download = started.value
    assert download.suggested_filename == "digits.safetensors"
    content = Path(download.path()).read_bytes()
    assert row.get_by_role("link").get_attribute("title") == f"{len(content):,} bytes"
    assert not find_faults(page)
    assert seen.said == []
    assert asked.lines == []


def test_it_fits_a_phone_in_the_dark(asked: Served, look: Look) -> None:
    seen = begin(look, asked, **PHONE)
    for name in ("Outcomes", "Predict", "Report", "Take away"):
        open_section(seen.page, name)
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390, name
        assert not find_faults(seen.page), name
    assert seen.said == []


def test_without_a_run_it_leads_to_the_train_view(served: Served, look: Look) -> None:
    seen = look(served)
    seen.page.evaluate("location.hash = 'question'")
    seen.page.get_by_role("button", name="Open the Train view").click()
    wait(seen.page, "document.querySelector('[role=tab][aria-selected=true]').textContent === 'Train'")
    assert seen.said == []
