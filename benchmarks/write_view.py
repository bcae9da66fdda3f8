"""How soon the Write view follows a keystroke, and what a frame of moving and hovering costs it: parts of
`benchmarks/studio.py`, which says what is claimed.

Keys come as a person's do, a tenth to a third of a second after each other, with a pause now and then in which the
trace begins; a keystroke's time is that from its event to the frame behind its update.
"""

from __future__ import annotations

import random
from typing import Any

from benchmarks.browser import READY, running, wait_for

from striate.nets import find_net

LINES = "\n".join("conv3-16 pad=1, bn, relu" for _ in range(333))
TEXTS = {"resnet50": find_net("resnet50").text, "1,000 layers": f"input 3x32x32\n{LINES}\ngap, flatten, fc-10\n"}
LONG = {"18,000 layers": f"input 3x8x8\nconv3-4, relu{', conv3-4, relu' * 8999}\n"}
PREPARE = """([text, before]) => {
  const area = document.getElementById('network-text');
  area.value = text;
  area.dispatchEvent(new InputEvent('input', {inputType: 'insertText'}));
  area.focus();
  const end = text.lastIndexOf(before);
  area.setSelectionRange(end, end);
}"""
LISTEN = """() => {
  const view = document.querySelector('.write'), first = Number(view.dataset.version), keys = [];
  let pressed = 0;
  window.drawn = []; window.traced = [];
  addEventListener('keydown', (event) => { pressed = event.timeStamp; }, true);
  addEventListener('input', () => { keys.push({at: pressed, drawn: false, traced: false}); }, true);
  const note = (name, times) => {
    const version = Number(view.dataset[name === 'drawn' ? 'version' : 'traced']);
    requestAnimationFrame(() => setTimeout(() => keys.slice(0, version - first).forEach((key) => {
      if (!key[name]) times.push(performance.now() - key.at);
      key[name] = true;
    })));
  };
  new MutationObserver((changes) => changes.forEach(({attributeName}) =>
    attributeName === 'data-traced' ? note('traced', window.traced) : note('drawn', window.drawn),
  )).observe(view, {attributes: true, attributeFilter: ['data-version', 'data-traced']});
}"""
WATCH = """
  window.spent = 0; window.frames_ = [];
  const timed = (hear) => function (...given) {
    const start = performance.now();
    try { return hear.apply(this, given); } finally { window.spent += performance.now() - start; }
  };
  const own = window.requestAnimationFrame.bind(window), add = EventTarget.prototype.addEventListener;
  window.requestAnimationFrame = (hear) => own(timed(hear));
  EventTarget.prototype.addEventListener = function (kind, hear, ...more) {
    const counts = typeof hear === 'function' && /^(pointer|wheel|scroll|key)/.test(kind);
    return add.call(this, kind, counts ? timed(hear) : hear, ...more);
  };
  const beat = () => { window.frames_.push(window.spent); window.spent = 0; own(beat); };
  own(beat);
"""
SETTLED = "(told => told?.advised && told.advised === told.edited)(document.querySelector('.write')?.dataset)"


def time_view(browser: Any, keys: int) -> dict[str, list[float]]:
    """Milliseconds of every keystroke and of every frame, by what was done."""
    rows: dict[str, list[float]] = {}
    with running() as (link, _):
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.add_init_script(WATCH)
        page.goto(link)
        wait_for(page, READY)
        wait_for(page, SETTLED)
        for name, text in TEXTS.items():
            rows[f"{name}: keystroke to drawing and counts"] = time_keys(page, text, keys)
        rows["resnet50: keystroke to traced table"] = time_traces(page, TEXTS["resnet50"], min(20, keys))
        for name, text in {**TEXTS, **LONG}.items():
            rows[f"{name}: script of a frame"] = time_frames(page, text)
        page.close()
    return rows


def time_keys(page: Any, text: str, keys: int) -> list[float]:
    """Milliseconds from each keystroke to the frame that shows the drawing and the counts, or what is wrong."""
    page.evaluate(PREPARE, [text, "fc-"])
    wait_for(page, SETTLED)
    page.evaluate(LISTEN)
    draw = random.Random(1)
    for number in range(keys):
        page.keyboard.type("relu, "[number % 6])
        page.wait_for_timeout(draw.uniform(100, 330) if number % 10 else 1500)
    wait_for(page, f"window.drawn.length >= {keys}")
    found: list[float] = page.evaluate("window.drawn")
    open_anew(page)
    return found


def time_traces(page: Any, text: str, rounds: int) -> list[float]:
    """Milliseconds from a keystroke to the traced table; each changes the first layer's channels."""
    page.evaluate(PREPARE, [text, "4/2, bn"])
    wait_for(page, SETTLED)
    page.evaluate(LISTEN)
    found: list[float] = []
    for number in range(rounds):
        press_alone(page, "Backspace" if number else "Delete")
        found.append(press_alone(page, str(number % 9 + 1)))
    open_anew(page)
    return found


def press_alone(page: Any, key: str) -> float:
    """Milliseconds from a key to the traced table; then everything comes to rest."""
    page.evaluate("window.traced.length = 0")
    page.keyboard.press(key)
    wait_for(page, "window.traced.length", every=0.15)
    milliseconds: float = page.evaluate("window.traced[0]")
    wait_for(page, SETTLED, every=0.15)
    return milliseconds


def time_frames(page: Any, text: str) -> list[float]:
    """Milliseconds of script in each frame of moving, zooming, hovering and scrolling."""
    page.evaluate(PREPARE, [text, ""])
    page.wait_for_timeout(9000)
    page.evaluate("window.frames_.length = 0")
    box = page.locator("canvas").first.bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 150)
    for step in range(60):
        page.mouse.move(box["x"] + 20 + step * 9, box["y"] + 150 + step % 30)
    page.mouse.down()
    for step in range(60):
        page.mouse.move(box["x"] + 560 - step * 9, box["y"] + 150)
    page.mouse.up()
    page.keyboard.down("Control")
    for step in range(40):
        page.mouse.wheel(0, 60 if step < 20 else -60)
    page.keyboard.up("Control")
    table = page.locator(".measured .box").bounding_box()
    page.mouse.move(table["x"] + 100, table["y"] + 100)
    for _ in range(40):
        page.mouse.wheel(0, 120)
    found: list[float] = page.evaluate("window.frames_.filter(each => each > 0)")
    open_anew(page)
    return found


def open_anew(page: Any) -> None:
    """The page loaded again, with its first text settled."""
    page.evaluate("sessionStorage.clear()")
    page.reload()
    page.wait_for_timeout(300)
    wait_for(page, READY)
    wait_for(page, SETTLED)
