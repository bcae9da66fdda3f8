"""Kernels of one axis as curves: their heights are the weights, their labels the strongest frequency."""

from __future__ import annotations

import cmath
import math

import matplotlib.figure
import numpy as np
import pytest
import torch
from torch import nn

from striate.explain.look import Look
from striate.explain.units.kernels import LayerKernels, view_kernels
from striate.report.units.kernelcurves import BELOW, COLUMNS, CURVE, LABEL, RESPONSE, draw_curves, measure_curves


def make(units: int = 8, rate: int | None = 1000) -> LayerKernels:
    torch.manual_seed(0)
    return view_kernels(Look(nn.Sequential(nn.Conv1d(1, units, 9)), (1, 60), "net", rate=rate)).layers[0]


@pytest.mark.parametrize("units", [1, 6, 7, 20])
def test_the_height_is_that_of_its_rows(units: int) -> None:
    rows = len([one for one in range(units) if one % COLUMNS == 0])
    assert measure_curves(make(units)) == pytest.approx(rows * (CURVE + RESPONSE + LABEL + BELOW))


def test_a_curve_is_the_weights_about_its_middle() -> None:
    layer = make()
    axes = matplotlib.figure.Figure().add_subplot()
    draw_curves(axes, layer)
    curves = [line for line in axes.lines if len(np.asarray(line.get_xdata())) == 9]
    assert len(curves) == 8
    for curve, values in zip(curves, layer.values[:, 0], strict=True):
        heights = np.asarray(curve.get_ydata())
        places = [one / layer.scale for one in values.tolist()]
        drawn = (heights.mean() - heights) / (0.48 * CURVE)
        assert np.allclose(drawn, np.array(places) - sum(places) / 9)


@pytest.mark.parametrize("rate", [None, 1000])
def test_a_label_names_the_frequency_that_comes_through_most(rate: int | None) -> None:
    layer = make(rate=rate)
    axes = matplotlib.figure.Figure().add_subplot()
    draw_curves(axes, layer)
    assert layer.frequencies is not None
    for text, kernel in zip(axes.texts, layer.values[:, 0].tolist(), strict=True):
        gains = [
            abs(sum(tap * cmath.exp(-2j * math.pi * (one / (rate or 1)) * at) for at, tap in enumerate(kernel)))
            for one in layer.frequencies.tolist()
        ]
        most = float(layer.frequencies[gains.index(max(gains))])
        assert text.get_text().endswith(f"most at {most:,.0f} Hz" if rate else f"most at {most:.2g}")
