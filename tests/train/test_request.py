"""What can't be met is refused before the first step, in one line; everything else passes in silence."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tests.train.whole import PLAIN, MakeNet
from torch import nn

from striate.engine import Engine
from striate.errors import InputError, ShapeError
from striate.train import RunFolder
from striate.train.batches import Samples
from striate.train.learner import Learner
from striate.train.request import check_outputs, check_request
from striate.train.tasks import Merit


def make_samples(count: int = 6, side: int = 8, most: int = 9) -> Samples:
    return Samples(torch.zeros(count, 1, side, side), torch.arange(count) % (most + 1))


def test_a_request_that_can_be_met_is(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run")
    for held_out, until, where, resume in (
        (None, None, None, False),
        (make_samples(2), 0.9, folder, True),
        (make_samples(1), 1.0, None, False),
    ):
        check_request(make_samples(), held_out, until, where, resume)
    check_request(make_samples(), make_samples(), 40.0, None, False, Merit("PSNR", "dB"))


@pytest.mark.parametrize(
    ("samples", "held_out", "until", "resume", "said"),
    [
        (make_samples(1), None, None, False, "training part: 1 sample; at least 2"),
        (
            make_samples(),
            make_samples(side=9),
            None,
            False,
            r"inputs of \[1, 9, 9\], but the training part's are \[1, 8, 8\]",
        ),
        (make_samples(), None, 0.9, False, "until is 0.9, but there is no validation part"),
        (make_samples(), make_samples(), 1.5, False, "until is 1.5; an accuracy above 0 and at most 1 is needed"),
        (make_samples(), make_samples(), 0.0, False, "until is 0"),
        (make_samples(), None, None, True, "resume: there is no folder"),
    ],
)
def test_what_cannot_be_met_is_one_line(
    samples: Samples, held_out: Samples | None, until: float | None, resume: bool, said: str
) -> None:
    with pytest.raises(InputError, match=said) as caught:
        check_request(samples, held_out, until, None, resume)
    assert "\n" not in str(caught.value)


def test_the_outputs_are_counted_and_must_suffice_for_both_parts(make_net: MakeNet) -> None:
    learner = Learner(make_net(), PLAIN, Engine())
    assert check_outputs(learner, make_samples(20), None) == 10
    assert check_outputs(learner, make_samples(20), make_samples(20)) == 10
    with pytest.raises(InputError, match="training part: label 10, but the network has 10 outputs"):
        check_outputs(learner, make_samples(20, most=10), make_samples(20))
    with pytest.raises(InputError, match="validation part: label 10"):
        check_outputs(learner, make_samples(20), make_samples(20, most=10))
    with pytest.raises(ShapeError, match="one row of class scores"):
        check_outputs(Learner(nn.Conv2d(1, 10, 3), PLAIN, Engine()), make_samples(), None)
