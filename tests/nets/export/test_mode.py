from __future__ import annotations

import logging
import sys
import warnings

import pytest
import torch
from torch import nn

from striate.nets.export.mode import eval_mode, quiet


def test_modes_come_back_after_an_error_too() -> None:
    module = nn.Sequential(nn.BatchNorm1d(2).eval(), nn.Sequential(nn.Dropout()))
    before = [part.training for part in module.modules()]
    seen = []

    def fail() -> None:
        with eval_mode(module):
            seen.extend([part.training for part in module.modules()] + [torch.is_grad_enabled()])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert seen == [False] * 5
    assert [part.training for part in module.modules()] == before == [True, False, True, True]
    assert torch.is_grad_enabled()


def test_quiet_lets_nothing_out_and_restores(capsys: pytest.CaptureFixture[str]) -> None:
    level, filters = logging.root.manager.disable, warnings.filters[:]
    with quiet():
        print("out")
        print("err", file=sys.stderr)
        warnings.warn("warned", stacklevel=1)
        logging.getLogger("torch").critical("logged")
    assert capsys.readouterr() == ("", "")
    assert (logging.root.manager.disable, warnings.filters) == (level, filters)
    print("heard")
    assert capsys.readouterr().out == "heard\n"
