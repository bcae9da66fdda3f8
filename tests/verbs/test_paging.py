"""A run's page from end to end: trained, exported, opened in Chromium without a network, drawn on, believed."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.browsing import open_chromium
from tests.nets.export.page.pages import Opened
from tests.verbs.draw import Finished
from torch import nn

import striate
from striate.data import load_dataset
from striate.engine import Engine
from striate.errors import InputError
from striate.nets.export.page.document import read_page
from striate.verbs.paging import tell_page

BRIGHTEST = """document.querySelector('.sketch').getContext('2d').getImageData(0, 0, 280, 280).data
    .reduce((most, value, place) => place % 4 < 3 ? Math.max(most, value) : most, 0)"""
# Digits as one draws them, from 0 to 1 across and down the surface.
STROKES: dict[str, list[list[tuple[float, float]]]] = {
    "0": [
        [(0.5, 0.22), (0.36, 0.32), (0.33, 0.52), (0.4, 0.72), (0.52, 0.78), (0.64, 0.68), (0.67, 0.48), (0.5, 0.22)]
    ],
    "1": [[(0.52, 0.2), (0.48, 0.8)]],
    "2": [[(0.34, 0.34), (0.45, 0.22), (0.6, 0.25), (0.64, 0.4), (0.5, 0.58), (0.32, 0.76), (0.7, 0.76)]],
    "3": [[(0.35, 0.25), (0.6, 0.25), (0.65, 0.36), (0.46, 0.48), (0.65, 0.6), (0.6, 0.74), (0.34, 0.76)]],
    "7": [[(0.3, 0.25), (0.7, 0.25), (0.45, 0.8)]],
}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[striate.Run, Path]:
    if not (Path(os.environ.get("STRIATE_DATA", "")) / "mnist").is_dir():
        pytest.skip("there is no MNIST below STRIATE_DATA")
    folder = tmp_path_factory.mktemp("mnist")
    run = striate.train("lenet5", "mnist", steps=200, engine=Engine(), out=folder / "written digits")
    exported = striate.export(run, folder / "page.html")
    assert exported.agrees
    return run, exported.path


@pytest.fixture(scope="module")
def opened() -> Iterator[Opened]:
    with open_chromium() as chromium:
        yield Opened(chromium.new_context(offline=True, viewport={"width": 1100, "height": 900}).new_page())


def draw(page: Any, strokes: Sequence[Sequence[tuple[float, float]]]) -> None:
    box = page.locator("canvas.sketch").bounding_box()
    for stroke in strokes:
        spots = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*spots[0])
        page.mouse.down()
        for spot in spots[1:]:
            page.mouse.move(*spot, steps=6)
        page.mouse.up()


@pytest.mark.browser
def test_drawn_digits_are_named_right(written: tuple[striate.Run, Path], opened: Opened) -> None:
    opened.show(written[1])
    page = opened.page
    assert "relative error" in page.inner_text("#check")
    right = []
    for digit, strokes in STROKES.items():
        page.click("#clear")
        draw(page, strokes)
        page.wait_for_timeout(500)
        right.append(page.inner_text("#answer li .name >> nth=0") == digit)
    assert sum(right) >= 4, right
    assert right[1]
    assert right[-1]
    page.click("text=Undo")
    page.wait_for_timeout(300)
    assert page.evaluate(BRIGHTEST) == 0
    assert opened.said == []
    assert opened.asked == [written[1].as_uri()]


@pytest.mark.browser
@pytest.mark.parametrize("mirror", [False, True])
def test_the_page_gives_what_predict_gives(
    written: tuple[striate.Run, Path], opened: Opened, tmp_path: Path, mirror: bool
) -> None:
    settings = written[0].settings
    run = replace(written[0], settings={**settings, "recipe": {**settings["recipe"], "mirror": mirror}})
    opened.show(striate.export(run, tmp_path / "a.html").path)
    dataset = load_dataset("mnist")
    assert dataset.test is not None
    inputs = np.asarray(dataset.test.inputs[:6])
    expected = striate.predict(run, inputs, engine="torch", precision="fp32")
    for sample, shares in zip(inputs, expected, strict=True):
        stream = io.BytesIO()
        np.save(stream, sample)
        opened.page.evaluate("striate.outputs = null; 0")
        opened.page.set_input_files("#file", {"name": "a.npy", "mimeType": "", "buffer": stream.getvalue()})
        for _ in range(100):
            if opened.page.evaluate("striate.outputs"):
                break
            opened.page.wait_for_timeout(20)
        scores = np.array(opened.page.evaluate("striate.outputs")[0])
        found = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
        np.testing.assert_allclose(found, shares, atol=1e-4)
        assert opened.page.inner_text("#answer li .name >> nth=0") == run.classes[int(shares.argmax())]


def test_a_runs_page_tells_what_is_known_and_no_path(finished: Finished, tmp_path: Path) -> None:
    run = finished.run
    striate.export(run, tmp_path / "a.html")
    text = (tmp_path / "a.html").read_text("utf-8")
    assert str(run.path.parent) not in text
    assert str(finished.data) not in text
    _, facts, _ = read_page(text)
    assert run.result is not None
    assert (facts["classes"], facts["mean"], facts["std"]) == (
        list(run.classes),
        list(run.recipe.mean),
        list(run.recipe.std),
    )
    assert (facts["result"]["merit"], facts["result"]["interval"]) == (run.result.merit, list(run.result.interval))
    assert f"{100 * run.result.accuracy:.2f} %" in text


def test_a_network_and_a_module_tell_less(tmp_path: Path) -> None:
    exported = striate.export("lenet5", tmp_path / "a.html", classes=7)
    program, facts, _ = read_page((tmp_path / "a.html").read_text("utf-8"))
    assert (exported.format, exported.outputs, exported.agrees) == ("web page", {"output": (1, 7)}, True)
    assert (facts["title"], facts["kind"], facts["classes"]) == ("lenet5", "picture", [])
    assert [layer["text"] for layer in program["layers"]][:2] == ["conv5-6 pad=2", "tanh"]
    assert tell_page(nn.ReLU(), {}) == {}


def test_half_the_bytes(tmp_path: Path) -> None:
    whole = striate.export("lenet5", tmp_path / "a.html", classes=7)
    half = striate.export("lenet5", tmp_path / "b.html", classes=7, half=True)
    saved = whole.bytes - half.bytes
    assert saved == pytest.approx(whole.parameters * 2 * 4 / 3, rel=0.02)
    assert whole.relative_error is not None
    assert half.relative_error is not None
    assert 0 < whole.relative_error < 1e-6 < half.relative_error < 1e-2


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("a.html", {"whole": True}, "which a page is anyway"),
        ("a.onnx", {"half": True}, "which pages alone have"),
    ],
)
def test_what_a_page_does_not_take_is_one_line(tmp_path: Path, name: str, options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        striate.export("lenet5", tmp_path / name, classes=3, **options)
    assert "\n" not in str(caught.value)


def test_several_inputs_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"found 2 inputs, .*needed one that a page can ask for"):
        striate.export(nn.Bilinear(2, 2, 3), tmp_path / "a.html", input=[(2,), (2,)])
