"""A traced module knows its shapes, and nothing of the module changes."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from striate.errors import InputError
from striate.nets.convert import fully_convolutional
from striate.nets.convert.traced import BATCH, get_shape, name_call, trace_calls


class Two(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))

    def forward(self, x: Tensor, mask: Tensor | None = None, flip: bool = False) -> Tensor:
        y = self.body(x) if mask is None else x
        return y.relu().flatten(1)


def test_it_notes_what_each_call_gives() -> None:
    module = Two()
    graph = trace_calls(module, (1, 5, 4), lambda part: False)
    tensors = [node for node in graph.nodes if isinstance(node.meta["value"], Tensor) and node.op.startswith("call")]
    found = {name_call(node): get_shape(node) for node in tensors}
    assert found == {
        "body.0 (Conv2d)": (2, 3, 2),
        "body.1 (BatchNorm2d)": (2, 3, 2),
        "relu": (2, 3, 2),
        "flatten": (12,),
    }
    value = next(node for node in graph.nodes if node.op == "call_module").meta["value"]
    assert value.shape[0] == BATCH
    assert module.body[1].num_batches_tracked == 0
    assert torch.equal(module.get_buffer("body.1.running_var"), torch.ones(2))


def test_random_states_are_left_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    trace_calls(nn.Sequential(nn.Dropout(), nn.RReLU()), (3,), lambda part: False)
    assert torch.equal(torch.rand(3), expected)


def test_other_arguments_keep_their_defaults() -> None:
    module = Two().eval()
    x = torch.randn(1, 1, 5, 4)
    torch.testing.assert_close(fully_convolutional(module, (1, 5, 4))(x)[..., 0, 0], module(x))


@pytest.mark.parametrize("where", ["meta", "cpu"])
def test_a_module_without_memory_can_be_traced(where: str) -> None:
    sliding = fully_convolutional(nn.Sequential(nn.Flatten(), nn.Linear(12, 2, device=where)), (1, 4, 3))
    assert {parameter.device.type for parameter in sliding.parameters()} == {where}


def test_compiled_and_lazy_modules() -> None:
    module = nn.Sequential(nn.Flatten(), nn.Linear(12, 2))
    compiled = torch.compile(module, backend="eager")
    x = torch.randn(1, 1, 4, 3)
    torch.testing.assert_close(fully_convolutional(compiled, (1, 4, 3))(x)[..., 0, 0], module(x))  # type: ignore[arg-type]
    with pytest.raises(InputError, match="lazy module"):
        fully_convolutional(nn.Sequential(nn.Flatten(), nn.LazyLinear(2)), (1, 4, 3))


def test_a_module_that_can_not_be_copied_says_so() -> None:
    module = nn.Sequential(nn.Flatten())
    module.kept = torch.ones(1, requires_grad=True) * 2
    with pytest.raises(InputError, match=r"Sequential: can't be copied \(RuntimeError: .*Detach"):
        fully_convolutional(module, (1, 4))
