from __future__ import annotations

import re
from base64 import b64decode
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image
from torch import nn

from striate.errors import InputError
from striate.explain.look import Look
from striate.explain.units.maps import Maps, view_maps
from striate.report.figures import save_figure
from striate.report.units.mapscales import colour_values
from striate.report.units.mapstrips import Span, reduce_strip
from striate.report.units.scrolls import MOST_PIXELS, render_scroll


def make(length: int, rate: int | None, name: str = "a.wav", **options: Any) -> Maps:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv1d(1, 5, 9, padding=4), nn.ReLU())
    inputs = torch.rand(1, 1, length) - 0.5
    return view_maps(Look(module, (1, length), "<net>", inputs=inputs, names=(name,), rate=rate, **options))


def find_images(page: str) -> list[np.ndarray[Any, Any]]:
    found = re.findall(r'<img src="data:image/png;base64,([^"]+)"', page)
    return [np.asarray(Image.open(BytesIO(b64decode(each)))) for each in found]


def test_the_page_holds_the_sound_and_a_strip_for_each_layer() -> None:
    found = make(4000, 8000, '"<b>.wav')
    page = render_scroll(found, "maker")
    wave, *strips = find_images(page)
    assert len(strips) == len(found.layers) == 2
    assert wave.shape[1] == 900
    assert '<meta name="generator" content="maker">' in page
    assert "<b>" not in page.split("<style>")[0]
    (encoded,) = re.findall(r'src="data:audio/wav;base64,([^"]+)"', page)
    samples, rate = soundfile.read(BytesIO(b64decode(encoded)))
    assert (len(samples), rate) == (4000, 8000)
    assert np.corrcoef(samples, found.input[0].numpy())[0, 1] > 0.999
    assert not re.search(r"https?://", page)


def test_a_short_strip_keeps_its_cells_by_their_colours() -> None:
    found = make(300, None)
    page = render_scroll(found)
    assert "<audio" not in page
    _, *strips = find_images(page)
    for layer, strip in zip(found.layers, strips, strict=True):
        assert np.array_equal(strip, colour_values(layer, layer.values.numpy()))


def test_a_long_sound_has_a_limit() -> None:
    wave, strip, _ = find_images(render_scroll(make(400_000, 8000, options={"most": 1})))
    assert wave.shape[1] == strip.shape[1] == MOST_PIXELS


def test_a_page_is_saved_and_replaced_and_nothing_else_is(tmp_path: Path) -> None:
    found = make(300, 8000)
    for _ in range(2):
        assert save_figure(found, tmp_path / "a.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    (tmp_path / "b.html").write_text("<!doctype html> my own")
    with pytest.raises(InputError, match="Striate didn't draw it"):
        save_figure(found, tmp_path / "b.html")
    picture = view_maps(Look(nn.Sequential(nn.Conv2d(1, 1, 1)), (1, 5, 5), inputs=torch.rand(1, 1, 5, 5)))
    with pytest.raises(InputError, match="no page that scrolls"):
        save_figure(picture, tmp_path / "c.html")


def test_lines_join_to_the_whole() -> None:
    values = np.arange(24).reshape(2, 12)
    spans = [Span(number / 5, (number + 1) / 5) for number in range(5)]
    assert np.array_equal(np.concatenate([span.cut(values) for span in spans], 1), values)
    assert Span(0.9, 1.0).cut(values[:, :2]).shape == (2, 1)
    wide = np.random.default_rng(0).normal(size=(3, 1000))
    reduced = reduce_strip(wide, 100)
    for row in range(3):
        for column in range(100):
            part = wide[row, 10 * column : 10 * column + 10]
            assert reduced[row, column] == part[np.abs(part).argmax()]
