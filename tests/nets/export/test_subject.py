from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from tests.nets.export.modules import (
    Branching,
    Drifting,
    Leaving,
    Masked,
    Writing,
    make_convolution,
    make_subject,
)
from torch import Tensor, nn

from striate.errors import InputError
from striate.nets.export.examples import make_examples
from striate.nets.export.subject import Subject, to_array


def test_the_module_is_left_as_it_was() -> None:
    module = make_convolution().train()
    module[1].eval()
    before, modes = copy.deepcopy(module.state_dict()), [part.training for part in module.modules()]
    subject = make_subject(module, 3, 4, 4)
    assert subject.program
    assert [part.training for part in module.modules()] == modes
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert all(parameter.grad is None and parameter.requires_grad for parameter in module.parameters())
    assert torch.is_grad_enabled()


def test_the_program_runs_any_batch_in_eval_mode() -> None:
    module = make_convolution().train()
    program = make_subject(module, 3, 4, 4).program.module()
    x = torch.randn(5, 3, 4, 4)
    module.eval()
    for batch in (1, 2, 5):
        torch.testing.assert_close(program(x[:batch]), module(x[:batch]))


def test_ports_are_named_and_the_batch_is_a_letter() -> None:
    assert make_subject(make_convolution(), 3, 4, 4).list_ports() == (
        {"input": ("N", 3, 4, 4)},
        {"output": ("N", 5)},
    )
    module = Masked()
    subject = Subject(module, make_examples(module, {"bias": (1, 4), "mask": (1, 4), "x": (3, 4)}))
    assert subject.list_ports() == (
        {"x": ("N", 3, 4), "mask": ("N", 1, 4), "bias": ("N", 1, 4)},
        {"output1": ("N", 3, 4), "output2": (), "output3": ("2*N", 3, 4)},
    )


def test_expected_outputs_are_the_modules_even_where_it_writes_on_its_input() -> None:
    for (arguments, _), (output,) in make_subject(Writing(), 3).expected:
        np.testing.assert_array_equal(output, arguments[0].numpy() + 1)


def test_nothing_is_said_while_a_module_is_traced(capsys: pytest.CaptureFixture[str]) -> None:
    subject = make_subject(Writing(), 3)
    assert subject.expected
    assert capsys.readouterr().out == "noise\n" * 2
    assert subject.program
    assert capsys.readouterr() == ("", "")


def test_no_path_of_this_machine_stands_in_the_graph() -> None:
    program = make_subject(make_convolution(), 3, 4, 4).program
    assert not any("stack_trace" in node.meta for node in program.graph.nodes)


class TwoRows(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.expand(x.shape[0], 3).reshape(3, -1) + torch.zeros(3, int(x.shape[0]))


WRONG = [
    (Branching(), (3,), r"Branching: found Python that asks for a tensor's values \(modules.py:\d+"),
    (Leaving(), (3,), r"Leaving: torch.export can't follow it"),
    (TwoRows(), (1,), r"TwoRows: .* needed one that runs with any"),
    (nn.Linear(3, 2), (4,), r"Linear: RuntimeError: .*1x4 \(batch first\)"),
    (Masked(), (4,), r"Masked: TypeError"),
]


@pytest.mark.parametrize(("module", "shape", "said"), WRONG)
def test_what_cannot_be_traced_is_one_line(module: nn.Module, shape: tuple[int, ...], said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        _ = make_subject(module.train(), *shape).program
    assert "\n" not in str(caught.value)
    assert module.training


def test_a_module_without_numbers_is_refused() -> None:
    with pytest.raises(InputError, match=r"Linear.weight: found no numbers .*meta device"):
        Subject(nn.Linear(2, 2, device="meta"))


def test_without_an_input_nothing_is_traced() -> None:
    with pytest.raises(InputError, match="found no input"):
        _ = Subject(nn.ReLU()).program


def test_numbers_of_any_type_become_an_array() -> None:
    assert to_array(torch.ones(2, dtype=torch.bfloat16)).dtype == np.float32
    assert to_array(torch.ones(2, dtype=torch.int8, requires_grad=False)).dtype == np.int8
    assert Drifting()(torch.zeros(1)).item() == 1
