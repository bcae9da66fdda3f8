from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from tests.report.test_costs import check_layout, find_texts

from striate.errors import InputError
from striate.explain.convolving.classical import NAMES, Kernel, make_kernel
from striate.explain.convolving.filters import Filtered, filter_channels
from striate.report.convolving.filteredfiles import save_filtered
from striate.report.convolving.filters import choose_tones
from striate.report.figures import figure


def make(shape: tuple[int, ...], names: tuple[str, ...], rate: int | None = None) -> Filtered:
    before = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    kernels = [make_kernel(name, len(shape) - 1) for name in names]
    return filter_channels("a/very/long" + "er" * 60 + ".png", before, kernels, "zero", rate, ("A note.",))


CASES: dict[str, tuple[tuple[int, ...], tuple[str, ...], int | None]] = {
    "colour": ((3, 30, 40), ("blur",), None),
    "grey": ((1, 40, 30), ("edge", "emboss", "blur"), None),
    "sheet": ((3, 30, 40), NAMES[:4], None),
    "wide": ((1, 4, 600), ("blur",), None),
    "tall": ((3, 600, 4), ("blur",), None),
    "many": ((7, 20, 20), ("sobel-x",), None),
    "volume": ((1, 5, 20, 30), ("sobel-z",), None),
    "sound": ((1, 5000), ("blur", "edge"), 8000),
    "stereo": ((2, 300), ("blur",), 44100),
    "series": ((6, 12), ("edge",), None),
    "one cell": ((1, 1, 1), ("blur",), None),
    "two cells": ((1, 2), ("edge",), None),
}


@pytest.mark.parametrize("case", CASES)
def test_every_sheet_can_be_read(case: str) -> None:
    picture: Any = figure(make(*CASES[case]))
    check_layout(picture)
    assert picture.width == 8.6


def test_the_kernels_numbers_stand_in_their_cells() -> None:
    picture = figure(make((1, 9, 9), ("blur",)))
    texts = [text.get_text() for text in find_texts(picture)]
    for row in (1, 4, 6, 4, 1):
        for column in (1, 4, 6, 4, 1):
            texts.remove(str(row * column))
    assert "÷ 256" in texts


def test_a_scale_is_the_kernels_kind() -> None:
    found = make((3, 30, 40), ("blur", "edge"))
    blurred, plain = choose_tones(found, found.applied[0])
    assert (blurred.low, blurred.high, plain.low, plain.high) == (0, 1, 0, 1)
    edges, _ = choose_tones(found, found.applied[1])
    size = np.abs(found.applied[1].after.numpy())
    assert edges.signed
    assert edges.low == -edges.high
    assert (size > edges.high).mean() <= 0.011
    assert edges.to_bytes(np.zeros(1))[0] in (127, 128)


def test_a_saved_picture_is_the_result(tmp_path: Path) -> None:
    before = torch.rand((3, 12, 9), generator=torch.Generator().manual_seed(1))
    found = filter_channels("x", before, [make_kernel("blur", 2)])
    path, said = save_filtered(found, tmp_path / "x.png")
    expected = (found.applied[0].after.numpy() * 255).clip(0, 255)
    assert np.abs(np.asarray(Image.open(path)).astype(float) - np.moveaxis(expected, 0, -1)).max() <= 0.51
    assert "0 to 1" in said


def test_what_is_no_file_of_that_kind_is_refused(tmp_path: Path) -> None:
    odd = filter_channels("x", torch.rand(5, 9, 9), [Kernel("k", torch.ones(1, 1, dtype=torch.float64))])
    with pytest.raises(InputError, match="no picture"):
        save_filtered(odd, tmp_path / "x.png")
    series = filter_channels("x", torch.rand(1, 9), [make_kernel("edge", 1)])
    with pytest.raises(InputError, match="without a rate"):
        save_filtered(series, tmp_path / "x.wav")
    with pytest.raises(InputError, match="no folder"):
        save_filtered(series, tmp_path / "absent" / "x.wav")
    assert list(tmp_path.iterdir()) == []
