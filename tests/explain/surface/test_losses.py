from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from striate.errors import InputError
from striate.explain.look import Look
from striate.explain.surface.losses import Samples, fetch_samples, measure_loss

INPUTS, LABELS = torch.randn(11, 1, 6, generator=torch.Generator().manual_seed(0)), torch.arange(11) % 3


@pytest.mark.parametrize("rows", [1, 4, 11, 100])
def test_the_loss_is_the_mean_whatever_the_rows(rows: int) -> None:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(6, 3))
    true = sum(
        -F.log_softmax(module.eval()(x[None]).detach(), 1)[0, label] for x, label in zip(INPUTS, LABELS, strict=True)
    )
    module.train()
    assert measure_loss(module, Samples(INPUTS, LABELS, rows)) == pytest.approx(float(true) / 11, rel=1e-5)
    assert module.training


def test_what_is_not_a_number_is_infinite() -> None:
    module = nn.Sequential(nn.Flatten(), nn.Linear(6, 3))
    with torch.no_grad():
        module.get_parameter("1.weight").fill_(math.nan)
    assert measure_loss(module, Samples(INPUTS, LABELS, 5)) == math.inf


def test_what_has_no_loss_is_refused() -> None:
    look = Look(nn.Linear(6, 2), (1, 6))
    with pytest.raises(InputError, match="found no data"):
        fetch_samples(look, 5, 5)
    with pytest.raises(InputError, match="aren't classes"):
        fetch_samples(Look(look.module, (1, 6), fetch=lambda count: (INPUTS, torch.rand(11))), 5, 5)
    with pytest.raises(InputError, match="needed 1 or more"):
        fetch_samples(look, 0, 5)
    with pytest.raises(InputError, match="small: found labels up to 2, needed classes from 0 to 1"):
        measure_loss(nn.Sequential(nn.Flatten(), nn.Linear(6, 2)), Samples(INPUTS, LABELS, 5), "small")
    with pytest.raises(InputError, match="wide: can't take inputs of 1x6"):
        measure_loss(nn.Sequential(nn.Flatten(), nn.Linear(7, 3)), Samples(INPUTS, LABELS, 5), "wide")
