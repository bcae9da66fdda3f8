"""A heat for a page that paints it: the same numbers, pixels and colours as a report's."""

from __future__ import annotations

from base64 import b64decode

import numpy as np
import pytest
import torch
from tests.report.heats.made import make_heat

from striate.report.heats.exposures import expose
from striate.report.heats.overlays import paint_heat, paint_input
from striate.report.heats.panes import list_colours, make_pane
from striate.report.heats.ramps import DARK, LIGHT_GREY

KNOWN = {"mean": (0.5,), "std": (0.25,)}


@pytest.mark.parametrize("channels", [1, 3, 2])
@pytest.mark.parametrize("signed", [False, True])
def test_a_plane_painted_by_its_colours_is_the_reports_picture(channels: int, signed: bool) -> None:
    heat = make_heat(2, (9, 12), channels, signed=signed, **KNOWN)
    pane, exposure = make_pane(heat, 1), expose(heat, 1)
    assert (pane.form, pane.peak, pane.answer, pane.signed) == ("plane", exposure.peak, exposure.answer, signed)
    assert (pane.low, pane.high) == (exposure.low, exposure.high)
    assert pane.ground is not None
    assert pane.grey is not None
    np.testing.assert_allclose(np.broadcast_to(pane.ground[0] / 255, (9, 12, 3)), paint_input(exposure, 0), atol=0.003)
    table = np.array(list_colours()["signed" if signed else "unsigned"])
    painted = np.empty((9, 12, 3))
    for row in range(9):
        for column in range(12):  # as the page does it, one cell after the other
            at = pane.scaled[0, row, column]
            colour = table[round((at + 1) / 2 * (len(table) - 1) if signed else at * (len(table) - 1))]
            ground = DARK + (LIGHT_GREY - DARK) * pane.grey[0, row, column] ** 0.8
            painted[row, column] = colour[3] * colour[:3] + (1 - colour[3]) * ground
    np.testing.assert_allclose(painted, paint_heat(exposure, 0), atol=0.015)


@pytest.mark.parametrize("extents", [(3, 5, 4), (2, 3, 5, 4)])
def test_more_axes_are_frames_with_every_number(extents: tuple[int, ...]) -> None:
    heat = make_heat(1, extents)
    pane = make_pane(heat)
    frames = int(np.prod(extents[:-2]))
    assert pane.values.shape == (frames, 5, 4)
    assert pane.ground is not None
    assert pane.ground.shape == (frames, 5, 4, 1)
    for place in np.ndindex(*extents):
        frame = int(np.ravel_multi_index(place[:-2], extents[:-2]))
        assert pane.values[frame, place[-2], place[-1]] == heat.values[0][place]
    assert pane.notes == ("The input is stretched from dark to light.",)


def test_a_sound_has_its_spectrogram_and_can_be_heard() -> None:
    heat = make_heat(1, (4000,), rate=8000)
    pane = make_pane(heat)
    assert pane.form == "curve"
    assert pane.spectrogram is not None
    assert pane.moments is not None
    assert len(pane.moments) == pane.spectrogram.levels.shape[1]
    assert pane.sounds is not None
    whole, mattered = (b64decode(each.partition(",")[2]) for each in pane.sounds)
    assert len(whole) == len(mattered) == 44 + 2 * 4000
    samples = np.frombuffer(mattered[44:], "<i2")
    assert not samples[pane.scaled < 0.01].all()
    assert samples[pane.peak[0]] == np.frombuffer(whole[44:], "<i2")[pane.peak[0]]


def test_a_series_of_many_channels_is_one_curve() -> None:
    pane = make_pane(make_heat(1, (30,), 6))
    assert pane.ground is not None
    assert pane.ground.shape == (1, 30)
    assert pane.sounds is None
    assert pane.notes == ("Shown is the mean of 6 channels.",)


def test_words_have_their_own_heat_and_padding_none() -> None:
    heat = make_heat(1, (5,), signed=True, words=(("not", "like", "that"),))
    pane = make_pane(heat)
    assert (pane.form, pane.words, pane.ground) == ("words", ("not", "like", "that"), None)
    np.testing.assert_array_equal(pane.values, heat.values[0][:3])


def test_a_flat_heat_says_so() -> None:
    heat = make_heat(1, (4, 4), values=torch.zeros(1, 4, 4), mean=(0.5,), std=(0.25,))
    pane = make_pane(heat)
    assert not pane.scaled.any()
    assert pane.notes == ("Every cell is equally hot.",)
