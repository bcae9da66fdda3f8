"""The Understand view in a real browser: sums against the module, fields against measure, pointer and keyboard."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from tests.browsing import find_faults
from tests.studio.conftest import Look, Served, wait

import striate

pytestmark = pytest.mark.browser
SUM = "document.getElementById('sum')"
VIEW = "document.querySelector('.understand')"


def open_view(served: Served, look: Look, **options: Any) -> Any:
    seen = look(served, **options)
    seen.page.evaluate("location.hash = 'understand'")
    wait(seen.page, f"{SUM}?.dataset.total !== undefined")
    return seen


def change(page: Any, text: str, shape: str, source: str = "noise") -> None:
    """Type a network and wait for its pass."""
    before = page.evaluate(f"{VIEW}.dataset.play")
    page.evaluate(
        """([text, shape, source]) => {
          const find = (name) => document.querySelector('.understand .setting ' + name);
          find('textarea').value = text;
          find('input[type=text]').value = shape;
          const select = document.querySelectorAll('.understand .setting select')[1];
          select.value = source;
          select.dispatchEvent(new Event('change'));
        }""",
        [text, shape, source],
    )
    wait(page, f"{VIEW}.dataset.play !== {json.dumps(before)} && !{VIEW}.hasAttribute('aria-busy')")


def press_to(page: Any, layer: int, cell: tuple[int, ...], shape: tuple[int, ...]) -> None:
    """Come to a cell by the keyboard alone and spell it out; the way begins in the middle of channel 0."""
    page.evaluate(f"document.querySelector('section[data-layer=\"{layer}\"] canvas').focus()")
    keys = [("PageDown", "PageUp"), ("ArrowDown", "ArrowUp"), ("ArrowRight", "ArrowLeft")]
    keys = [keys[0], keys[2]] if len(shape) == 2 else keys
    for axis, (on, back) in enumerate(keys):
        start = 0 if axis == 0 else shape[axis] // 2
        for _ in range(abs(cell[axis] - start)):
            page.keyboard.press(on if cell[axis] > start else back)
    page.keyboard.press("Enter")
    wait(page, f"{SUM}.dataset.cell === '{','.join(map(str, cell))}'")
    wait(page, f"{VIEW}.dataset.lit === '{layer} {','.join(map(str, cell))}'")


CASES = [
    ("conv3-4/2 groups=2 dilation=2 pad=2:1 mode=reflect", (2, 11)),
    ("conv5-4 mode=replicate", (1, 17)),
    ("conv3-4 mode=circular", (2, 6, 5)),
    ("deconv3-4/2 groups=2", (2, 5, 4)),
    ("depthwise3 mode=replicate", (2, 6, 5)),
    ("local3-2", (2, 4, 4)),
    ("conv2-3/2 pad=causal", (2, 4, 4, 4)),
    ("deconv2-2/2", (2, 3, 2, 3)),
]


FIND_CELL = """([layer, shape, cell]) => {
  const section = document.querySelector(`section[data-layer="${layer}"]`), canvas = section.querySelector('canvas');
  [...section.querySelectorAll('.tools input')].forEach((slider, axis) => {
    slider.value = cell[axis + 1];
    slider.dispatchEvent(new Event('input'));
  });
  section.scrollIntoView({ block: 'center' });
  const { x, y } = canvas.getBoundingClientRect(), { columns, width, height, gap } = JSON.parse(section.dataset.tile);
  const share = shape.length > 2 ? (cell.at(-2) + 0.5) / shape.at(-2) : 0.5;
  return [
    x + (cell[0] % columns) * (width + gap) + ((cell.at(-1) + 0.5) / shape.at(-1)) * width,
    y + Math.floor(cell[0] / columns) * (height + gap) + share * height,
  ];
}"""
LIST_LIT = """([layer, rows, columns]) => {
  const section = document.querySelector(`section[data-layer="${layer}"]`), over = section.querySelector('.over');
  const { width, height } = JSON.parse(section.dataset.tile), ratio = over.width / over.clientWidth;
  const pen = new OffscreenCanvas(over.width, over.height).getContext('2d', { willReadFrequently: true });
  pen.drawImage(over, 0, 0);
  const { data } = pen.getImageData(0, 0, over.width, over.height), cells = [];
  for (let y = 0; y < rows; y++) for (let x = 0; x < columns; x++) {
    const left = Math.floor(((x + 0.5) / columns) * width * ratio);
    const top = Math.floor(((y + 0.5) / rows) * height * ratio);
    if (data[4 * (top * over.width + left) + 3] === 0) cells.push([y, x]);
  }
  return cells;
}"""


def draw_noise(shape: tuple[int, ...]) -> torch.Tensor:
    """The page's own noise from seed 0."""
    return torch.randn(1, *shape, generator=torch.Generator().manual_seed(0))


def find_place(page: Any, layer: int, shape: tuple[int, ...], cell: tuple[int, ...]) -> list[float]:
    """Where a cell is on the screen, once its layer is drawn; of a volume its slice is chosen, as by hand."""
    wait(page, f"document.querySelector('section[data-layer=\"{layer}\"]').dataset.tile !== undefined")
    return list(page.evaluate(FIND_CELL, [layer, shape, cell]))


def click(page: Any, layer: int, shape: tuple[int, ...], cell: tuple[int, ...]) -> None:
    """Press the mouse on a cell's own pixels."""
    page.mouse.click(*find_place(page, layer, shape, cell))
    wait(page, f"{SUM}.dataset.cell === '{','.join(map(str, cell))}' && {SUM}.dataset.layer")


def read_text(page: Any) -> tuple[float, float, float]:
    """What a reader of the page adds up: all products as written, the bias as written; and the total as written."""
    texts: dict[str, list[str]] = page.evaluate(
        """() => {
          for (const more of document.querySelectorAll('#sum > button:not([hidden])')) more.click();
          const read = (query) => [...document.querySelectorAll('#sum ' + query)].map((each) => each.innerText.trim());
          const parts = [...document.querySelectorAll('#sum .part')].map((part) => part.innerText.split(/\\s+/));
          return {
            products: read('table[aria-label=products] td'), total: read('.total output'),
            bias: parts.filter((part) => part[1] === 'bias').map((part) => part[0]),
          };
        }"""
    )
    numbers = {name: [float(each.replace("−", "-")) for each in found if each != "·"] for name, found in texts.items()}
    return sum(numbers["products"]), sum(numbers["bias"]), numbers["total"][0]


def test_the_numbers_on_the_page_add_up_to_the_module_s_own(served: Served, look: Look) -> None:
    seen = open_view(served, look)
    page, generator = seen.page, np.random.default_rng(0)
    page.get_by_label("all digits").check()
    for text, shape in CASES:
        change(page, text, "x".join(map(str, shape)))
        with torch.no_grad():
            output = striate.build(text, input=shape)(draw_noise(shape))[0]
        for _ in range(2):
            cell = tuple(int(generator.integers(extent)) for extent in output.shape)
            click(page, 0, tuple(output.shape), cell)
            products, bias, total = read_text(page)
            wanted = float(output[cell])
            scale = max(abs(wanted), 1.0)
            assert abs(total - wanted) <= 1e-5 * scale, (text, cell)
            assert abs(products + bias - wanted) <= 1e-5 * scale, (text, cell)
            assert abs(products + bias - total) <= 1e-6 * scale, (text, cell)
    assert seen.said == []


def read_light(page: Any, layer: int, shape: tuple[int, ...]) -> list[list[int]]:
    """The box around the cells of a plane that no veil lies on, from the pixels at their centres."""
    lit = page.evaluate(LIST_LIT, [layer, *shape[1:]])
    return [[min(axis), max(axis) + 1] for axis in zip(*lit, strict=True)]


def test_the_field_s_box_is_measure_s(served: Served, look: Look) -> None:
    seen = open_view(served, look)
    text, shape = "conv3-4/2, add[conv3-4 dilation=2 | ], maxpool2", (1, 16, 12)
    change(seen.page, text, "1x16x12")
    table = striate.measure(striate.build(text, input=shape), shape)
    for layer, name, cell in ((2, "add1", (1, 6, 1)), (3, "maxpool1", (0, 0, 2))):
        extents = table.find_row(name).output
        press_to(seen.page, layer, cell, extents)
        box = json.loads(seen.page.evaluate(f"{VIEW}.dataset.boxes"))["-1"]
        assert box == [[part.start, part.stop] for part in table.field_at(name, cell)]
        assert read_light(seen.page, -1, shape) == box
    assert seen.page.evaluate("document.querySelectorAll('.layer.lit').length") == 5
    assert seen.said == []


def test_a_pointer_lights_the_field_of_the_cell_below_it(served: Served, look: Look) -> None:
    page = open_view(served, look).page
    text, shape = "conv3-4/2, conv5-2 pad=valid", (1, 16, 12)
    change(page, text, "1x16x12")
    table = striate.measure(striate.build(text, input=shape), shape)
    extents = table.find_row("conv2").output
    for cell in ((0, 0, 0), (1, 2, 1), (0, 3, 0), (1, 3, 1)):
        page.mouse.move(*find_place(page, 1, extents, cell))
        wait(page, f"{VIEW}.dataset.lit === '1 {','.join(map(str, cell))}'")
        boxes = json.loads(page.evaluate(f"{VIEW}.dataset.boxes"))
        assert boxes["-1"] == [[part.start, part.stop] for part in table.field_at("conv2", cell)]


def test_a_slice_chosen_by_hand_stays_while_the_pointer_moves(served: Served, look: Look) -> None:
    page = open_view(served, look).page
    text, shape = "conv3-2", (1, 4, 6, 6)
    change(page, text, "1x4x6x6")
    extents = (2, 4, 6, 6)
    click(page, 0, extents, (1, 3, 2, 2))
    wait(page, f"{VIEW}.dataset.lit === '0 1,3,2,2'")
    slider = "document.querySelector('section[data-layer=\"0\"] .tools input').value"
    assert page.evaluate(slider) == "3"
    find_place(page, 0, extents, (0, 0, 0, 0))
    page.mouse.move(*find_place(page, -1, shape, (0, 1, 1, 1)))
    wait(page, f"{VIEW}.dataset.lit === '-1 0,1,1,1'")
    page.mouse.move(2, 2)
    wait(page, f"{VIEW}.dataset.lit === '0 1,3,2,2'")
    assert page.evaluate(slider) == "0"
    page.get_by_role("button", name="Step").click()
    wait(page, f"{SUM}.dataset.cell === '1,3,2,3'")
    assert page.evaluate(slider) == "3"


def test_what_play_has_reached_fills_the_map(served: Served, look: Look) -> None:
    page = look(served).page
    for shape, cell in (((2, 3, 4), (1, 1, 2)), ((5,), (3,)), ((3, 2, 2, 3), (0, 1, 0, 1)), ((1, 6), (0, 0))):
        blocks = page.evaluate(
            "async (given) => (await import('/assets/stepping.js')).listUntil(...given)", [list(shape), list(cell)]
        )
        found = {each for block in blocks for each in product(*[range(*run) for axis in block for run in axis])}
        wanted = {each for each in product(*map(range, shape)) if each[0] != cell[0] or each <= cell}
        assert found == (wanted if len(shape) > 1 else {(index,) for index in range(cell[0] + 1)})


def test_the_keyboard_does_all(served: Served, look: Look) -> None:
    seen = open_view(served, look)
    page = seen.page
    start = page.evaluate(f"{SUM}.dataset.cell")
    page.evaluate("document.querySelector('section[data-layer=\"0\"] canvas').focus()")
    page.keyboard.press(".")
    wait(page, f"{SUM}.dataset.cell !== '{start}'")
    page.keyboard.press(",")
    wait(page, f"{SUM}.dataset.cell === '{start}'")
    page.keyboard.press(" ")
    wait(page, f"{SUM}.dataset.cell !== '{start}'")
    assert page.get_by_role("button", name="Pause").is_visible()
    page.keyboard.press(" ")
    assert page.get_by_role("button", name="Play").is_visible()
    page.locator("#sum .cells button").first.focus()
    page.keyboard.press("Enter")
    wait(page, f"{VIEW}.dataset.uses === '64'")
    assert seen.said == []


def test_maps_are_drawn_anew_when_the_system_turns_dark(served: Served, look: Look) -> None:
    page = open_view(served, look, color_scheme="light").page
    drawn = f"{VIEW}.querySelector('canvas.pixels').toDataURL()"
    page.evaluate(f"window.light = {drawn}")
    page.emulate_media(color_scheme="dark")
    wait(page, f"{drawn} !== window.light")


def test_typed_numbers_change_the_sum(served: Served, look: Look) -> None:
    seen = open_view(served, look)
    page = seen.page
    change(page, "conv1-1", "1x3x3")
    page.locator(".understand .setting select").nth(1).select_option("numbers")
    page.wait_for_selector(".typed input")
    page.locator(".typed input").nth(4).fill("2.5")
    weight = float(next(striate.build("conv1-1", input=(1, 3, 3)).parameters()).detach().reshape(()))
    wait(page, f"Math.abs(Number({SUM}.dataset.total) - {2.5 * weight}) < 1e-5")
    change(page, "conv3-2", "1x9")
    options = page.evaluate(
        "[...document.querySelectorAll('.understand .setting select')[1].options]"
        ".filter((each) => !each.disabled).map((each) => each.value)"
    )
    assert options == ["upload", "numbers", "noise"]
    assert seen.said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_view_reads_well_and_stays_within_a_phone(served: Served, look: Look, scheme: str) -> None:
    seen = open_view(served, look, viewport={"width": 390, "height": 800}, color_scheme=scheme)
    assert find_faults(seen.page) == []
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert seen.said == []
    assert {url.split("/")[2] for url in seen.asked} == {f"127.0.0.1:{served.port}"}
