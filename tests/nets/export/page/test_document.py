"""The page in a real browser: it draws, loads, answers, shows, asks nothing of anyone, and can be used by all."""

from __future__ import annotations

import io
import json
import re
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image
from tests.browsing import find_faults
from tests.nets.export.modules import make_convolution
from tests.nets.export.page.pages import Opened, compare, stir, write

import striate
from striate.data.hearing import Hearing
from striate.data.images import decode_image
from striate.data.recording import prepare_sound
from striate.data.words import encode_texts
from striate.nets.export.page.document import compose_page, read_page


def seen(opened: Opened) -> Any:
    """What the page made of the last input, before it was normalised."""
    return opened.page.evaluate("window.sample && [Array.from(sample.values), sample.full, sample.cut ?? 0]")


def watch(opened: Opened) -> None:
    """Keep what each input was read as."""
    opened.page.evaluate(
        "{ const answer = striate.answer.bind(striate);"
        "striate.answer = (sample) => { window.sample = sample; return answer(sample); }; 0 }"
    )


def load(opened: Opened, name: str, content: bytes, kind: str = "") -> None:
    opened.page.evaluate("window.sample = null; document.getElementById('problem').textContent = ''; 0")
    opened.page.set_input_files("#file", {"name": name, "mimeType": kind, "buffer": content})
    wait_until_seen(opened)


def wait_until_seen(opened: Opened) -> None:
    """Until the page has read a sample, or said why it can't."""
    for _ in range(400):
        if seen(opened) or opened.page.inner_text("#problem"):
            return
        opened.page.wait_for_timeout(25)


def make_photo(height: int, width: int, mode: str, kind: str) -> bytes:
    """A smooth picture with edges in it."""
    y, x = np.mgrid[:height, :width]
    waves = [127 + 90 * np.sin(x / 7 + k) + 30 * ((x + y * (k + 1)) // 23 % 2) for k in range(len(mode))]
    pixels = np.stack(waves, -1).clip(0, 255).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels[..., 0] if len(mode) == 1 else pixels, mode).save(stream, kind)
    return stream.getvalue()


@pytest.mark.browser
@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_are_read_as_predict_reads_them(tmp_path: Path, opened: Opened, channels: int) -> None:
    module = torch.nn.Flatten()
    write(module, (channels, 24, 32), tmp_path / "a.html")
    opened.show(tmp_path / "a.html")
    watch(opened)
    for height, width, mode in [(24, 32, "RGB"), (97, 75, "RGB"), (300, 500, "RGB"), (11, 50, "L"), (64, 64, "RGBA")]:
        content = make_photo(height, width, mode, "PNG")
        load(opened, "a.png", content, "image/png")
        values, full, _ = seen(opened)
        expected, _ = decode_image(content, (24, 32), channels)
        assert full == 255
        far = np.abs(np.array(values).reshape(expected.shape) - expected.astype(np.float64))
        assert far.max() <= 1, (height, width, mode)
        assert far.mean() < 0.2
    load(opened, "a.png", b"no picture", "image/png")
    assert opened.page.inner_text("#problem") == "The file can't be read as a picture."
    assert opened.said == []


def write_page_of(path: Path, module: Any, shape: tuple[int, ...], **about: Any) -> None:
    """A page that was told something."""
    write(module, shape, path, net="a net")
    program, facts, pieces = read_page(path.read_text("utf-8"))
    path.write_text(compose_page("told", program, {**facts, **about}, pieces), "utf-8")


@pytest.mark.browser
@pytest.mark.parametrize("view", ["waveform", "spectrogram"])
@pytest.mark.parametrize("seconds", [0.2, 0.9])
def test_recordings_are_read_as_predict_reads_them(tmp_path: Path, opened: Opened, view: str, seconds: float) -> None:
    hearing = Hearing(8000, 4000) if view == "waveform" else Hearing(8000, 4000, view, 32, 256, 80)
    shape = (1, *hearing.extents)
    write_page_of(tmp_path / "a.html", torch.nn.Flatten(), shape, kind="sound", reading=hearing.to_dict())
    opened.show(tmp_path / "a.html")
    watch(opened)
    for rate, subtype, channels in [(8000, "PCM_16", 1), (8000, "FLOAT", 2), (22050, "PCM_24", 1)]:
        time = np.arange(int(rate * seconds)) / rate
        wave = 0.4 * np.sin(2 * np.pi * (300 + 900 * time) * time) * np.hanning(len(time))
        waves = np.stack([wave * (k + 1) / channels for k in range(channels)], 1)
        stream = io.BytesIO()
        soundfile.write(stream, waves, rate, subtype, format="WAV")
        load(opened, "a.wav", stream.getvalue(), "audio/wav")
        values, full, _ = seen(opened)
        heard, _ = soundfile.read(io.BytesIO(stream.getvalue()), dtype="float32", always_2d=True)
        expected = prepare_sound(heard.T, rate, hearing)
        assert full == (32768 if view == "waveform" else 255)
        far = np.abs(np.array(values).reshape(expected.shape) - expected.astype(np.float64))
        if rate == 8000:
            assert far.max() <= 1
        elif seconds < 0.5:  # another filter than soxr's, the same below half the rate
            assert far.mean() <= (60 if view == "waveform" else 2)
    assert opened.said == []


@pytest.mark.browser
def test_texts_tables_and_arrays_are_read_as_predict_reads_them(tmp_path: Path, opened: Opened) -> None:
    reading = {"kind": "words", "length": 6, "vocabulary": "the not like don't , ml"}
    module = striate.build("embed8-4, gmp, flatten, fc-2", input=(1, 6))
    write_page_of(tmp_path / "a.html", module, (1, 6), kind="words", reading=reading, classes=["good", "bad"])
    opened.show(tmp_path / "a.html")
    watch(opened)
    for text in ["I DON’T like ML, not the least of it", "don't like!", "ＭＬ"]:
        opened.page.evaluate("window.sample = null; 0")
        opened.page.fill("#text", text)
        wait_until_seen(opened)
        assert seen(opened)[0] == encode_texts([text], reading)[0, 0].tolist()
    assert "Not in its vocabulary: !" not in opened.page.inner_text("#timing")

    columns = {"kind": "series", "columns": ["a", "b"], "window": 3}
    write_page_of(tmp_path / "b.html", torch.nn.Flatten(), (2, 3), kind="series", reading=columns)
    opened.show(tmp_path / "b.html")
    watch(opened)
    load(opened, "a.csv", b'time,b,"a"\n1,9,8\n2,1,2\n3,3,"4"\n4,5,6\n', "text/csv")
    assert seen(opened)[0] == [2, 4, 6, 1, 3, 5]
    load(opened, "a.csv", b"time,b\n1,9\n", "text/csv")
    assert opened.page.inner_text("#problem") == "found no column “a”."

    write(torch.nn.Flatten(), (2, 3, 2, 2), tmp_path / "c.html")
    opened.show(tmp_path / "c.html")
    watch(opened)
    for kind, full in [(np.uint8, 255), (np.int16, 32768), (np.float32, 1), (np.float64, 1)]:
        values = (np.arange(24).reshape(2, 3, 2, 2) * 3).astype(kind)
        stream = io.BytesIO()
        np.save(stream, values)
        load(opened, "a.npy", stream.getvalue())
        assert seen(opened)[:2] == [values.reshape(-1).tolist(), full]
    opened.page.evaluate("window.sample = null; 0")
    opened.page.fill("#text", "1, 2, three")
    wait_until_seen(opened)
    assert opened.page.inner_text("#problem") == "“three” is no number."
    assert opened.said == []


@pytest.mark.browser
def test_a_page_shows_its_layers_and_can_be_used_by_keyboard(tmp_path: Path, opened: Opened) -> None:
    module = striate.build("conv3-70, relu, maxpool2, flatten, fc-3", input=(1, 8, 8))
    write_page_of(tmp_path / "a.html", module, (1, 8, 8), classes=["a", "b", "c"], task={"name": "classify"})
    opened.show(tmp_path / "a.html")
    page = opened.page
    page.focus("canvas.sketch")
    for key in [" ", *["ArrowRight"] * 4, *["ArrowDown"] * 6, " "]:
        page.keyboard.press(key)
    page.wait_for_selector("#answered:not([hidden])")
    page.wait_for_timeout(300)
    assert re.fullmatch(r"Answer: [abc], \d+\.\d %", page.inner_text("#status"))
    shares = [float(text.split()[-2]) for text in page.locator("#answer li").all_inner_texts()]
    assert sum(shares) == pytest.approx(100, abs=0.3)
    assert shares == sorted(shares, reverse=True)
    names = page.locator(".layer b").all_inner_texts()
    assert names == ["conv1", "relu1", "maxpool1", "fc1"]
    page.click("#unfold")
    assert page.locator(".layer[open]").count() == 4
    assert page.locator(".layer").first.locator(".map").count() == 64
    page.click("text=Show more of the 70 maps")
    assert page.locator(".layer").first.locator(".map").count() == 70
    page.locator(".map").nth(5).focus()
    page.keyboard.press("Enter")
    assert page.inner_text("dialog h3").endswith("map 5")
    page.keyboard.press("ArrowRight")
    assert page.inner_text("dialog h3").endswith("map 6")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")
    assert opened.said == []
    assert len(opened.asked) == 1


@pytest.mark.browser
def test_the_figures_of_a_layer_are_torchs(tmp_path: Path, opened: Opened) -> None:
    module = striate.build("conv3-4, relu, gap, flatten, fc-3", input=(1, 6, 6))
    write(module, (1, 6, 6), tmp_path / "a.html")
    opened.show(tmp_path / "a.html")
    values = np.arange(36).reshape(1, 6, 6) * 7
    stream = io.BytesIO()
    np.save(stream, values.astype(np.uint8))
    load_quietly(opened, stream.getvalue())
    opened.page.click("#unfold")
    with torch.no_grad():
        made = module[0](torch.from_numpy(values / 255).float()[None])  # type: ignore[index]
    told = opened.page.locator(".layer").first.locator("dd").all_inner_texts()[:3]
    found = [float(text.replace("−", "-")) for text in told]
    assert found == pytest.approx([float(made.min()), float(made.max()), float(made.mean())], rel=1e-3)


def load_quietly(opened: Opened, content: bytes) -> None:
    opened.page.set_input_files("#file", {"name": "a.npy", "mimeType": "", "buffer": content})
    opened.page.wait_for_selector("#answered:not([hidden])")


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_fault_of_accessibility_and_no_width_beyond_a_phones(
    tmp_path: Path, chromium: Any, scheme: str
) -> None:
    path = tmp_path / "a.html"
    module = striate.build("conv3-70, relu, flatten, fc-200", input=(1, 8, 8))
    long = [f"a class with a rather long name, number {k}" for k in range(200)]
    write_page_of(path, module, (1, 8, 8), classes=long, task={"name": "classify"})
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, color_scheme=scheme, bypass_csp=True, offline=True
    )
    page = context.new_page()
    page.goto(path.as_uri())
    page.click("text=Try noise")
    page.wait_for_selector("#answered:not([hidden])")
    page.click("#unfold")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert [each for each in find_faults(page) if not each.startswith("moderate region")] == []
    context.close()


def test_the_policy_names_what_stands_in_the_page_and_forbids_the_rest(tmp_path: Path) -> None:
    write(make_convolution(), (3, 4, 4), tmp_path / "a.html")
    text = (tmp_path / "a.html").read_text("utf-8")
    policy = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)[0].replace("&#39;", "'")
    assert policy.startswith("default-src 'none'; ")
    assert not {"unsafe-inline", "unsafe-eval", "*", "http"} & set(re.split(r"[ ';:]+", policy))
    for name, content in [
        ("style", re.findall(r"<style>(.*?)</style>", text, re.DOTALL)[0]),
        ("script", re.findall(r"<script>(.*?)</script>", text, re.DOTALL)[0]),
    ]:
        digest = re.findall(rf"{name}-src 'sha256-([^']+)'", policy)[0]
        assert b64decode(digest) == sha256(content.encode()).digest()
    assert not re.search(r"\b(fetch|XMLHttpRequest|WebSocket|importScripts|sendBeacon|eval)\b\s*\(", text)
    assert not re.search(r"(?:src|href)=", re.sub(r"Content-Security-Policy[^>]*", "", text).split("<script")[0])


def test_nothing_that_is_told_ends_an_element(tmp_path: Path) -> None:
    evil = "</script><script>alert(1)</script><!--"
    page = compose_page(
        evil,
        {"steps": [], "layers": [{"text": evil}]},
        {
            "title": evil,
            "net": evil,
            "data": evil,
            "classes": [evil],
            "parameters": 1,
            "result": None,
            "trained": 1,
            "half": False,
            "date": "",
            "version": evil,
        },
        ["AAAA"],
    )
    assert "alert(1)</script>" not in page
    assert page.count("<!--") == 0
    program, facts, pieces = read_page(page)
    assert (program["layers"][0]["text"], facts["classes"], pieces) == (evil, [evil], ["AAAA"])
    assert json.dumps(evil) not in page


@pytest.mark.browser
@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("lenet5", (1, 28, 28)),
        ("m5", (1, 4096)),
        ("resnet20-cifar", (3, 32, 32)),
        ("mobilenetv2", (3, 33, 32)),
        ("squeezenet1.1", (3, 40, 40)),
        ("wavenet-small", (1, 300)),
    ],
)
def test_families_of_the_zoo(tmp_path: Path, opened: Opened, name: str, shape: tuple[int, ...]) -> None:
    net = striate.read(name)
    module = stir(striate.build(net, input=shape, classes=10 if "classes" in net.text else None))
    write(module, shape, tmp_path / "a.html")
    symbols = 256 if name == "wavenet-small" else 0
    assert compare(opened, module, tmp_path / "a.html", shape, symbols) <= 1e-4
