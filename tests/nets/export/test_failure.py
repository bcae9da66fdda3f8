from __future__ import annotations

import torch
from torch import nn

from striate.errors import InputError
from striate.nets.export.failure import explain_conversion, explain_export, explain_forward


def test_our_own_errors_pass() -> None:
    problem = InputError("said already")
    assert explain_export(problem, nn.ReLU()) is explain_forward(problem, nn.ReLU(), ((), {})) is problem


def test_a_problem_without_words_is_named() -> None:
    said = str(explain_forward(KeyError(), nn.ReLU(), ((torch.zeros(2, 3),), {"mask": torch.zeros(2)})))
    assert said.startswith("ReLU: KeyError (in torch), with an input of 2x3, mask 2 (batch first). ")


def test_the_first_cause_counts() -> None:
    problem = RuntimeError("step 3/3")
    problem.__cause__ = ValueError("\x1b[96mtoo odd\x1b[0m.\nand more")
    assert "ValueError: too odd. Export a program" in str(explain_conversion(problem, nn.ReLU()))
