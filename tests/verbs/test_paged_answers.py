"""What a page shows of an answer: masks, before and after, sounds; of what is drawn, dropped and recorded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.browsing import find_faults
from tests.nets.export.page.pages import Opened
from tests.verbs.paged import KINDS, expect, load, make_run, open_browser, take, write_picture, write_sound

import striate


@pytest.fixture(scope="module")
def opened() -> Iterator[Opened]:
    with open_browser() as found:
        yield found


@pytest.mark.browser
def test_a_mask_lies_over_its_picture_and_the_legend_has_the_shares(opened: Opened, tmp_path: Path) -> None:
    run, path = make_run("segment", "picture", tmp_path), write_picture(tmp_path, KINDS["picture"].shape)
    opened.show(striate.export(run, tmp_path / "a.html").path)
    load(opened, path)
    page = opened.page
    (mask,) = striate.segment(run, path)
    names, shares = (page.locator(f"#answer {each}").all_inner_texts() for each in (".name", ".n"))
    told = {name: float(share.split()[0]) for name, share in zip(names, shares, strict=True)}
    assert told == pytest.approx({name: 100 * share for name, share in mask.shares.items()}, abs=0.051)
    assert opened.said == []  # what follows reads a canvas twice, of which the browser speaks
    pixels = "Array.from(document.querySelector('#answer canvas').getContext('2d').getImageData(0, 0, 10, 8).data)"
    picture = np.asarray(Image.open(path)).astype(float)
    strengthen = """(value) => {
        const slider = document.getElementById("strength");
        slider.value = value;
        slider.dispatchEvent(new Event("input"));
    }"""
    page.evaluate(strengthen, 0)
    shown = np.array(page.evaluate(pixels)).reshape(8, 10, 4)[..., :3]
    np.testing.assert_allclose(shown, picture, atol=1)
    page.evaluate(strengthen, 100)
    covered = np.array(page.evaluate(pixels)).reshape(8, 10, 4)[..., :3]
    colours = page.evaluate("striate.facts.colours")
    for number in range(1, 3):
        assert (covered[mask.values == number] == colours[number]).all()
    np.testing.assert_allclose(covered[mask.values == 0], picture[mask.values == 0], atol=1)


@pytest.mark.browser
def test_what_is_drawn_gets_noise_and_a_file_is_taken_as_it_is(opened: Opened, tmp_path: Path) -> None:
    run = make_run("restore", "grey", tmp_path)
    opened.show(striate.export(run, tmp_path / "a.html").path)
    page = opened.page
    assert page.is_checked("#spoil")
    page.evaluate("striate.answered = null; 0")
    page.locator("canvas.sketch").click()
    take(opened)
    (before, _) = re.findall(r"PSNR from (.*) to (.*) dB", page.inner_text("#status"))[0]
    assert 10 < float(before) < 14  # 20 * log10(1 / 0.3) = 10.5, and 3 more where half of the noise is cut off
    load(opened, write_picture(tmp_path, KINDS["grey"].shape))
    assert not page.is_checked("#spoil")
    assert "PSNR" not in page.inner_text("#status")
    assert page.locator("#answer figcaption").all_inner_texts() == ["Before", "After"]
    assert opened.said == []


@pytest.mark.browser
def test_a_long_recording_is_restored_and_can_be_heard_before_and_after(opened: Opened, tmp_path: Path) -> None:
    run, path = make_run("restore", "waveform", tmp_path), write_sound(tmp_path, (), seconds=0.3)
    opened.show(striate.export(run, tmp_path / "a.html").path)
    expected = striate.restore(run, path)[0].values[0]
    found = load(opened, path)
    assert np.abs(found - expected).max() <= 1e-4 * np.abs(expected).max()
    page = opened.page
    length = "[...document.querySelectorAll('#answer audio')].map((each) => each.duration)"
    for _ in range(100):
        if all(each and each > 0 for each in page.evaluate(length)):  # not a number until its head is read
            break
        page.wait_for_timeout(20)
    assert page.evaluate(length) == pytest.approx([0.3, 0.3], abs=0.01)
    page.evaluate("striate.answered = null; 0")
    page.check("#spoil")
    take(opened)
    (before, _) = re.findall(r"SI-SDR from (.*) to (.*) dB", page.inner_text("#status"))[0]
    assert float(before) == pytest.approx(5, abs=0.5)
    assert opened.said == []


@pytest.mark.browser
def test_a_file_that_is_dropped_and_a_microphone_are_heard(opened: Opened, tmp_path: Path) -> None:
    run, path = make_run("classify", "waveform", tmp_path), write_sound(tmp_path, ())
    opened.show(striate.export(run, tmp_path / "a.html").path)
    drop = """(bytes) => {
        striate.answered = null;
        const held = new DataTransfer();
        held.items.add(new File([Uint8Array.from(bytes)], "a.wav"));
        document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: held, bubbles: true, cancelable: true }));
    }"""
    opened.page.evaluate(drop, list(path.read_bytes()))
    np.testing.assert_allclose(take(opened), expect(run, path), rtol=1e-4)
    opened.page.evaluate("striate.answered = null; 0")
    opened.page.click("button:text-is('Record')")
    opened.page.wait_for_selector("button:text-is('Stop recording')")
    assert take(opened).sum() == pytest.approx(1)
    assert opened.page.is_visible("button:text-is('Record')")
    assert opened.said == []


@pytest.mark.browser
def test_a_small_drawing_fills_the_frame(opened: Opened, tmp_path: Path) -> None:
    opened.show(striate.export(make_run("classify", "grey", tmp_path), tmp_path / "a.html").path)
    page = opened.page
    page.evaluate(
        "{ const answer = striate.answer.bind(striate);"
        "striate.answer = (sample) => { window.sample = sample; return answer(sample); }; 0 }"
    )
    box = page.locator("canvas.sketch").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 20, box["y"] + 60, steps=4)
    page.mouse.up()
    rows = []
    for fill in (True, False):
        page.set_checked("#fill", fill)
        page.wait_for_timeout(200)
        drawn = np.array(page.evaluate("[...sample.values]")).reshape(KINDS["grey"].shape[1:])
        rows.append(int((drawn.max(1) > 60).sum()))
    assert rows[0] == 8
    assert rows[1] <= 4


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_fault_of_accessibility_in_what_tasks_show(opened: Opened, tmp_path: Path, scheme: str) -> None:
    context = opened.page.context.browser.new_context(
        viewport={"width": 390, "height": 844}, color_scheme=scheme, bypass_csp=True, offline=True
    )
    seen = Opened(context.new_page())
    cases = [("segment", "volume"), ("restore", "waveform"), ("continue", "levels"), ("classify", "clip")]
    for task, name in cases:
        seen.show(striate.export(make_run(task, name, tmp_path), tmp_path / f"{task}.html").path)
        load(seen, KINDS[name].write(tmp_path, KINDS[name].shape))
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
        assert find_faults(seen.page) == []
        assert seen.said == []
    context.close()
