"""Pages for every task and every kind of input: a file that is loaded in Chromium is answered as Python answers it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.nets.export.page.pages import Opened
from tests.verbs.paged import KINDS, expect, load, make_run, open_browser

import striate

FLAT = ["grey", "picture", "waveform", "spectrogram", "clip", "volume", "scan", "table", "words", "array"]
CASES = [
    *(("classify", kind) for kind in FLAT),
    *(("labels", kind) for kind in ("picture", "waveform", "words", "volume", "array")),
    *(("regress", kind) for kind in ("grey", "spectrogram", "clip", "table", "words")),
    *(("segment", kind) for kind in ("picture", "volume", "scan", "array", "bytes")),
    *(("restore", kind) for kind in ("grey", "picture", "waveform", "clip", "volume", "array")),
    *(("continue", kind) for kind in ("levels", "bytes")),
]


@pytest.fixture(scope="module")
def opened() -> Iterator[Opened]:
    with open_browser() as found:
        yield found


@pytest.mark.browser
@pytest.mark.parametrize(("task", "name"), CASES)
def test_a_file_is_answered_as_python_answers_it(opened: Opened, tmp_path: Path, task: str, name: str) -> None:
    run = make_run(task, name, tmp_path)
    exported = striate.export(run, tmp_path / "a.html")
    assert exported.agrees
    path = KINDS[name].write(tmp_path, KINDS[name].shape)
    opened.show(exported.path)
    expected = expect(run, path).reshape(-1)
    found = load(opened, path)
    assert found.shape == expected.shape
    assert np.unique(expected).size > 1
    assert np.abs(found - expected).max() <= 1e-4 * np.abs(expected).max()
    assert opened.page.inner_text("#status").startswith("Answer: ")
    assert opened.said == []


@pytest.mark.browser
@pytest.mark.parametrize(
    ("name", "views"),
    [
        ("picture", {"mirror": True, "nudge": 2}),
        ("grey", {"nudge": 1, "mirror": True, "unsure": 0.5}),
        ("waveform", {"mirror": True, "unsure": 0.2}),
        ("array", {"nudge": 3}),
    ],
)
def test_an_input_is_looked_at_as_often_as_predict_does(
    opened: Opened, tmp_path: Path, name: str, views: dict[str, Any]
) -> None:
    run = make_run("classify", name, tmp_path, **views)
    opened.show(striate.export(run, tmp_path / "a.html").path)
    path = KINDS[name].write(tmp_path, KINDS[name].shape)
    expected, once = expect(run, path), expect(make_run("classify", name, tmp_path), path)
    np.testing.assert_allclose(load(opened, path), expected, rtol=1e-4)
    assert (np.abs(expected - once).max() > 1e-3) == (float(once.max()) < views.get("unsure", 1.0))


@pytest.mark.browser
def test_several_pictures_are_the_frames_of_a_clip(opened: Opened, tmp_path: Path) -> None:
    run, kind = make_run("classify", "clip", tmp_path), KINDS["clip"]
    opened.show(striate.export(run, tmp_path / "a.html").path)
    frames = tmp_path / "frames"
    frames.mkdir()
    for number in range(1, 11):
        pixels = np.random.default_rng(number).integers(0, 256, kind.shape[2:], dtype=np.uint8)
        Image.fromarray(pixels).save(frames / f"{number}.png")
    np.testing.assert_allclose(load(opened, sorted(frames.iterdir())), expect(run, frames), rtol=1e-4)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("task", "name", "written", "said"),
    [
        ("classify", "volume", np.zeros((2, 3)), "found an array of 2 axes, needed 3."),
        ("classify", "scan", np.zeros((6, 7, 4)), "found 4 channels, needed 3."),
        ("classify", "array", np.zeros((2, 3)), "found an array of 2 × 3, needed 2 × 5 × 4."),
        ("classify", "array", np.asfortranarray(np.zeros((2, 5, 4))), "in C's order."),
        ("continue", "bytes", "1 2 300", "found 3 numbers, needed 60."),
        ("continue", "bytes", " 300" * 60, "needed levels, whole numbers from 0 to 255."),
    ],
)
def test_what_cannot_be_read_is_one_line(
    opened: Opened, tmp_path: Path, task: str, name: str, written: Any, said: str
) -> None:
    opened.show(striate.export(make_run(task, name, tmp_path), tmp_path / "a.html").path)
    if isinstance(written, str):
        opened.page.fill("#text", written)
    else:
        stream = io.BytesIO()
        np.save(stream, written)
        opened.page.set_input_files("#file", {"name": "a.npy", "mimeType": "", "buffer": stream.getvalue()})
    opened.page.wait_for_selector("#problem:not(:empty)")
    assert opened.page.inner_text("#problem").endswith(said)
    assert opened.said == []
