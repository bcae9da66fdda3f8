"""The Write view in a real browser: text, drawing and table follow each other; the console stays empty."""

from __future__ import annotations

from typing import Any

import pytest
from tests.browsing import find_faults
from tests.studio.conftest import Look, Seen, Served, wait

from striate.nets.lookup import find_net
from striate.verbs.changing import set_input
from striate.verbs.sketching import sketch

pytestmark = pytest.mark.browser
VIEW = "document.querySelector('.write')"
TEXT = "document.getElementById('network-text')"
DRAWN = f"{VIEW}.dataset.edited !== undefined && {VIEW}.dataset.version === {VIEW}.dataset.edited"
SETTLED = f"{DRAWN} && {VIEW}.dataset.advised === {VIEW}.dataset.edited"


def open_write(look: Look, served: Served, text: str | None = None, **context: Any) -> Seen:
    seen = look(served, **context)
    wait(seen.page, f"{VIEW} && {DRAWN}")
    if text is not None:
        write(seen.page, text)
    return seen


def write(page: Any, text: str) -> None:
    page.fill("#network-text", text)
    wait(page, DRAWN)


def total(page: Any, name: str) -> str:
    found: str = page.text_content(f"[data-total='{name}']")
    return found


def put_caret(page: Any, before: str) -> None:
    page.focus("#network-text")
    page.evaluate(f"(at => {TEXT}.setSelectionRange(at, at))({TEXT}.value.indexOf({before!r}))")
    page.keyboard.press("ArrowRight")


def text_of(page: Any) -> str:
    found: str = page.evaluate(f"{TEXT}.value")
    return found


def rows(page: Any) -> list[str]:
    found: list[str] = page.evaluate("[...document.querySelectorAll('tr[data-node] .name')].map(e => e.textContent)")
    return found


SMALL = "input 3x16x16  # colour\nconv3-8, bn, relu\nmaxpool2, conv3-16, relu\ngap, flatten, fc-classes\n"


def test_typing_changes_counts_drawing_and_table(served: Served, look: Look) -> None:
    seen = open_write(look, served, SMALL)
    page = seen.page
    wait(page, SETTLED)
    found = sketch(SMALL, None, 10)
    assert total(page, "parameters") == f"{found.parameters:,}"
    assert total(page, "multiplies") == f"{found.multiplies:,}"
    assert rows(page) == ["conv3-8", "bn", "relu", "maxpool2", "conv3-16", "relu", "gap", "flatten", "fc-10"]
    colours = page.evaluate("[...document.querySelectorAll('[data-part=legend] li')].map(e => e.textContent)")
    assert colours == ["convolution", "pooling", "norm or dropout", "activation", "fully connected", "shape alone"]
    assert page.evaluate(
        "[...document.querySelectorAll('.above input, .above select')].every(e => e.parentElement.title)"
    )
    shapes = int(page.get_attribute("canvas", "data-shapes"))
    page.focus("#network-text")
    page.keyboard.press("Control+Home")
    page.keyboard.press("ArrowDown")
    page.keyboard.type("conv3-5, ")
    wait(page, "document.querySelector('tr[data-node] .name').textContent === 'conv3-5'")
    longer = sketch(text_of(page), None, 10)
    wait(page, f"document.querySelector(\"[data-total='parameters']\").textContent === '{longer.parameters:,}'")
    wait(page, f"Number(document.querySelector('canvas').dataset.shapes) > {shapes}")
    wait(page, SETTLED)
    assert page.text_content("[data-part=state]") == "Traced: exact."
    assert page.is_hidden("[data-part=disagreements]")
    assert page.evaluate("document.querySelector('tr[data-node] td:nth-of-type(4)').textContent") == "3×3"
    assert seen.said == []


def test_an_error_is_underlined_at_its_place_as_one_types(served: Served, look: Look) -> None:
    seen = open_write(look, served, SMALL)
    page = seen.page
    page.focus("#network-text")
    page.keyboard.press("Control+End")
    page.keyboard.type("rellu")
    wait(page, "document.querySelector('.colours .wrong')?.textContent === 'rellu'")
    assert "Did you mean `relu`?" in page.text_content("#network-problem")
    assert page.get_attribute("#network-text", "aria-invalid") == "true"
    line, text = page.locator(".colours .wrong").bounding_box(), page.locator("#network-text").bounding_box()
    assert text["y"] < line["y"] < text["y"] + text["height"]
    page.click("[data-part=problem-place]")
    assert page.evaluate(f"{TEXT}.selectionStart") == len(SMALL)
    page.keyboard.press("Delete")
    page.keyboard.press("Delete")
    for _ in range(3):
        page.keyboard.press("Delete")
    page.wait_for_selector("#network-problem", state="hidden")
    assert text_of(page) == SMALL
    assert page.get_attribute("#network-text", "aria-invalid") is None
    assert seen.said == []


def test_a_slider_writes_into_the_text_and_undo_takes_it_back(served: Served, look: Look) -> None:
    seen = open_write(look, served, SMALL)
    page = seen.page
    put_caret(page, "conv3-16")
    page.wait_for_selector("#slide-size")
    assert page.text_content(".colours .chosen") == "conv"
    page.focus("#slide-size")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    wait(page, f"{TEXT}.value.includes('conv5-16')")
    assert text_of(page) == SMALL.replace("conv3-16", "conv5-16")
    page.select_option("[data-option=pad] select", "valid")
    wait(page, f"{TEXT}.value.includes('conv5-16 pad=valid')")
    page.click("[data-part=undo]")
    page.click("[data-part=undo]")
    assert text_of(page) == SMALL
    page.click("[data-part=redo]")
    assert text_of(page) == SMALL.replace("conv3-16", "conv5-16")
    assert seen.said == []


def test_a_slider_in_a_definition_says_how_many_layers_it_concerns(served: Served, look: Look) -> None:
    page = open_write(look, served, "input 3x16x16\ndef f(n) = conv3-n, relu\nf(8)*3, f(4)\n").page
    put_caret(page, "conv3-n")
    page.wait_for_selector("text=stands for 4 layers: all change")
    assert page.text_content("[data-option=channels] .quiet") == "n comes from an argument"
    assert page.query_selector("#slide-channels") is None
    page.click("tr.group >> nth=0")
    page.wait_for_selector("text=Choose a layer in it to set its numbers.")
    assert page.text_content("[data-part=layer] .facts") == "f1 · 3×16×16 → 8×16×16"


def test_a_fix_is_a_button_and_changes_the_text(served: Served, look: Look) -> None:
    seen = open_write(look, served, SMALL.replace("conv3-8,", "conv3-8 bias=yes,"))
    page = seen.page
    wait(page, SETTLED)
    page.click("text=Set bias=no")
    wait(page, f"{TEXT}.value.includes('conv3-8 bias=no')")
    wait(page, SETTLED)
    assert page.query_selector("text=Set bias=no") is None
    assert "# colour" in text_of(page)
    assert seen.said == []


def test_a_layer_that_is_chosen_in_one_place_is_chosen_in_all(served: Served, look: Look) -> None:
    seen = open_write(look, served, SMALL)
    page = seen.page
    page.click("tr[data-node='4']")
    assert (
        page.evaluate("[...document.querySelectorAll('.colours .chosen')].map(e => e.textContent).join('')")
        == "conv3-16"
    )
    page.focus("canvas")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("tr.chosen[data-node='5']")
    page.keyboard.press("Home")
    page.wait_for_selector("tr.chosen[data-node='0']")
    box = page.locator("canvas").bounding_box()
    found = set()
    for place in range(20, int(box["width"]), 6):
        page.mouse.click(box["x"] + place, box["y"] + box["height"] / 2)
        found.add(page.evaluate("document.querySelector('tr.chosen')?.dataset.node"))
    assert found >= {str(number) for number in range(8)}
    assert seen.said == []


def test_completion_by_keyboard_alone(served: Served, look: Look) -> None:
    seen = open_write(look, served, "input 3x16x16\nrelu")
    page = seen.page
    page.focus("#network-text")
    page.keyboard.press("Control+End")
    page.keyboard.type(", dec")
    page.wait_for_selector("#offered li")
    assert page.get_attribute("#network-text", "aria-activedescendant") == "offered-0"
    page.keyboard.press("Enter")
    assert text_of(page) == "input 3x16x16\nrelu, deconv3-64"
    page.keyboard.type(" dil")
    page.wait_for_selector("#offered li")
    page.keyboard.press("Tab")
    assert text_of(page).endswith("deconv3-64 dilation=")
    page.keyboard.type("2, s")
    page.wait_for_selector("#offered li >> text=silu")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    page.wait_for_selector("#offered", state="hidden")
    page.keyboard.press("Enter")
    assert text_of(page).endswith("dilation=2, s\n")
    assert seen.said == []


def test_the_zoo_the_axes_and_the_input(served: Served, look: Look) -> None:
    seen = open_write(look, served)
    page = seen.page
    page.select_option("[data-part=network]", "resnet18")
    wait(page, f"{TEXT}.value.includes('Residual network')")
    page.click("text=1-D")
    wait(page, f"{TEXT}.value.includes('input 3x224\\n')")
    assert page.input_value("[data-part=network]") == ""  # no longer the zoo's
    page.click("[data-part=undo]")
    assert page.input_value("[data-part=network]") == "resnet18"
    page.click("[data-part=redo]")
    wait(page, DRAWN)
    shorter = sketch(set_input(find_net("resnet18").text, (3, 224)), None, 10)
    assert total(page, "parameters") == f"{shorter.parameters:,}"
    assert page.get_attribute("[data-axes='1']", "aria-pressed") == "true"
    page.fill("[data-part=input]", "3x64x64x64")
    page.press("[data-part=input]", "Enter")
    wait(page, f"{TEXT}.value.includes('input 3x64x64x64\\n')")
    wait(page, "document.querySelector(\"[data-axes='3']\").ariaPressed === 'true'")
    assert seen.said == []


def test_versions_side_by_side(served: Served, look: Look) -> None:
    seen = open_write(look, served, SMALL)
    page = seen.page
    page.click("[data-part=keep]")
    page.wait_for_selector(".versions table")
    write(page, SMALL.replace("conv3-16", "conv5-24"))
    page.wait_for_selector(".pairs .changed")
    changed = page.evaluate("[...document.querySelectorAll('.pairs .changed code')].map(e => e.textContent)")
    assert changed[:2] == ["maxpool2, conv3-16, relu", "maxpool2, conv5-24, relu"]
    before, after = sketch(SMALL, None, 10), sketch(text_of(page), None, 10)
    assert f"{before.parameters:,}{after.parameters:,}+{after.parameters - before.parameters:,}" in page.text_content(
        ".versions table"
    )
    page.click("text=Back to A")
    assert text_of(page) == SMALL
    page.click("text=Forget A")
    assert page.is_hidden("[data-part=versions]")
    assert seen.said == []


def test_the_code_can_be_copied(served: Served, look: Look) -> None:
    seen = open_write(look, served, SMALL, permissions=["clipboard-read", "clipboard-write"])
    page = seen.page
    page.click("summary")
    page.wait_for_selector("[data-part=copy]:enabled")
    page.click("[data-part=copy]")
    page.wait_for_selector("text=The code is copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "self.conv2 = nn.Conv2d(8, 16, 3, padding=1)" in copied
    compile(copied, "net.py", "exec")
    assert seen.said == []


def test_a_text_lives_as_long_as_its_tab(served: Served, look: Look) -> None:
    page = open_write(look, served, SMALL).page
    page.reload()
    wait(page, f"{VIEW} && {DRAWN}")
    assert text_of(page) == SMALL


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_is_accessible_and_fits(served: Served, look: Look, scheme: str, width: int) -> None:
    seen = open_write(look, served, SMALL, color_scheme=scheme, viewport={"width": width, "height": 844})
    page = seen.page
    wait(page, SETTLED)
    put_caret(page, "conv3-16")
    page.wait_for_selector("#slide-size")
    page.click("[data-part=keep]")
    page.wait_for_selector(".versions table")
    page.click("summary")
    page.wait_for_selector("[data-part=copy]:enabled")
    assert find_faults(page) == []
    write(page, SMALL + "dec")
    page.wait_for_selector(".wrong .colours .wrong")
    assert find_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert seen.said == []


LONG = "input 3x8x8\n" + "\n".join(f"conv3-{4 + place % 5}, relu" for place in range(9_000)) + "\n"


def test_eighteen_thousand_layers_leave_the_page_at_ease(served: Served, look: Look) -> None:
    seen = open_write(look, served)
    page = seen.page
    page.evaluate(f"text => {{ {TEXT}.value = text; {TEXT}.dispatchEvent(new InputEvent('input')) }}", LONG)
    wait(page, "document.querySelector('table').ariaRowCount === '18002'")
    assert page.evaluate("document.querySelectorAll('tr[data-node]').length") < 80
    page.evaluate("document.querySelector('.measured .box').scrollTop = 200000")
    page.wait_for_selector("tr[data-node='7150']")
    page.click("[data-part=whole]")
    page.wait_for_timeout(200)
    assert int(page.get_attribute("canvas", "data-shapes")) <= 1300
    page.evaluate("document.getElementById('network-text').scrollTop = 1e6")
    wait(page, "document.querySelector('.numbers').textContent.endsWith('9002')")
    assert seen.said == []
