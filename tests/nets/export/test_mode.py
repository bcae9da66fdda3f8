from __future__ import annotations

import logging
import sys
import warnings
from threading import Thread

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
    logger, filters, streams = logging.getLogger("torch"), warnings.filters[:], (sys.stdout, sys.stderr)
    state = logger.disabled, logger.level
    with quiet():
        print("out")
        print("err", file=sys.stderr)
        warnings.warn("warned", stacklevel=1)
        logging.getLogger("torch").critical("logged")
        logging.getLogger("torch.made_meanwhile").critical("logged")
    assert capsys.readouterr() == ("", "")
    assert (logger.disabled, logger.level, warnings.filters) == (*state, filters)
    assert (sys.stdout, sys.stderr) == streams
    print("heard")
    assert capsys.readouterr().out == "heard\n"


def test_other_threads_print_and_log_meanwhile(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    def speak() -> None:
        print("a link")
        logging.getLogger("striate.studio").warning("refused")

    with quiet():
        print("chatter")
        beside = Thread(target=speak)
        beside.start()
        beside.join()
    assert capsys.readouterr().out == "a link\n"
    assert caplog.messages == ["refused"]
