from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tests.report.heats.made import make_heat, make_trust

from striate.errors import InputError
from striate.explain.heat import Patches
from striate.report.figures import is_ours
from striate.report.heats import explanation
from striate.report.heats.explanation import render_explanation, save_explanation


def make_patches() -> Patches:
    inputs = torch.rand(3, 1, 4, 4)
    return Patches(inputs, (0, 1, 2), ((0, 0),) * 3, (3.0, 2.0, 1.0), ((0, 0),) * 3, inputs - 0.5)


def test_the_page_tells_it_all() -> None:
    heats = [make_heat(3, (8, 8), trust=make_trust(3), notes=("a note & more",)), make_heat(3, (8, 8), signed=True)]
    page = render_explanation(heats, "a <run>")
    assert "<bdi>a &lt;run&gt;</bdi>" in page
    assert "Grad-CAM and Layer-wise relevance of 3 inputs" in page
    assert "Grad-CAM: a note &amp; more" in page
    assert "Orange speaks for the class, blue against it." in page
    assert page.count("<article") == 3
    assert "What the unit likes" not in page


def test_the_figures_of_trust_stand_in_a_table() -> None:
    good, bad = make_heat(2, (8, 8), trust=make_trust(2)), make_heat(2, (8, 8), trust=make_trust(2, good=False))
    page = render_explanation([good, bad])
    assert page.count("0.21 (0.48, 0.39)") == page.count("0.93 (0.71, 0.90)") == 2
    assert page.count('<td class="n">0.37</td><td class="n">0.08</td>') == 2
    assert '<strong class="good">trustworthy</strong>, 2 maps: deletion better than random' in page
    assert '<strong class="bad">not trustworthy</strong>, 2 maps: an edge detector does as well' in page
    assert "It was not asked." in render_explanation([make_heat(1, (8, 8))])


def test_what_a_unit_likes_is_shown() -> None:
    page = render_explanation([make_heat(1, (8, 8), method="deconvnet", unit=3, patches=make_patches())])
    assert "What the unit likes" in page
    assert page.count('alt="Where it fires most in the data"') == page.count('alt="What it saw there"') == 3


def test_many_inputs_are_cut_off_and_that_is_said() -> None:
    page = render_explanation([make_heat(62, (4, 4))])
    assert page.count("<article") == 60
    assert "The first 60 of 62 inputs are shown." in page


def test_sounds_past_what_a_page_can_hold_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explanation, "MOST_SOUND_BYTES", 50_000)
    page = render_explanation([make_heat(4, (4000,), rate=8000)])
    assert page.count("<audio") == 4
    assert "The last 2 can&#39;t be played here" in page


def test_it_asks_for_nothing_outside() -> None:
    page = render_explanation([make_heat(1, (4000,), rate=8000, trust=make_trust())])
    assert "http" not in page.replace("http-equiv", "")
    assert "style=" not in page
    assert " on" not in "".join(part.split(">")[0] for part in page.split("<audio")[1:])


@pytest.mark.parametrize("form", ["html", "png", "svg", "pdf", "HTML"])
def test_a_picture_is_replaced_by_the_next_and_another_file_never(form: str, tmp_path: Path) -> None:
    path, heats = tmp_path / f"maps.{form}", [make_heat(1, (8, 8))]
    assert save_explanation(heats, path) == path
    first = path.read_bytes()
    assert is_ours(path)
    save_explanation([make_heat(2, (8, 8))], path)
    assert path.read_bytes() != first
    path.write_text("<!doctype html><p>mine")
    with pytest.raises(InputError, match="is there already, and Striate didn't draw it"):
        save_explanation(heats, path)
    assert path.read_text() == "<!doctype html><p>mine"


def test_names_that_unicode_has_no_bytes_for_are_written(tmp_path: Path) -> None:
    heats = [make_heat(1, (8, 8), names=("a\udcff.png",))]
    assert "udcff" in save_explanation(heats, tmp_path / "a.html").read_text()
