"""One run written down: the operations, where they came from, and what flows between them."""

from __future__ import annotations

import random

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from striate.measure.operation import Operation
from striate.measure.trace import trace


class Shared(nn.Module):
    """One convolution used twice, then a functional one with its weight, then `.forward()` called directly."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1, bias=False)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(self.act(self.conv(x)))
        x = F.conv2d(x, self.conv.weight)
        return self.act.forward(x)


def names(operations: list[Operation], phase: str = "forward") -> list[tuple[str, str]]:
    return [(operation.path, operation.name) for operation in operations if operation.phase == phase]


def test_operations_stand_in_order_with_the_module_that_asked() -> None:
    made = trace(Shared(), (4, 8, 8))
    assert names(made.operations) == [
        ("conv", "convolution"),
        ("act", "relu_"),
        ("conv", "convolution"),
        ("", "convolution"),
        ("act", "relu_"),
    ]
    assert list(made.parameters) == ["conv.weight"]


def test_the_graph_hangs_together() -> None:
    made = trace(Shared(), (4, 8, 8))
    first, relu, second, third, last = made.operations
    assert first.arguments[0] is made.inputs[0]
    assert relu.arguments[0] is first.outputs[0]
    assert second.arguments[0] is relu.outputs[0]
    assert relu.outputs[0] is not first.outputs[0], "written in place, it is another value"
    assert third.arguments[1] is made.parameters["conv.weight"]
    assert made.outputs == [last.outputs[0]]


def test_backward_operations_know_their_cause() -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 36, 2))
    made = trace(module, (3, 8, 8), 2, mode="train", backward=True)
    causes = {
        (operation.name, made.operations[operation.cause].path)
        for operation in made.operations
        if operation.phase == "backward" and operation.cause is not None
    }
    assert {
        ("convolution_backward", "0"),
        ("native_batch_norm_backward", "1"),
        ("threshold_backward", "2"),
        ("mm", "4"),
    } <= causes


def test_no_multiplying_operation_of_the_backward_pass_lacks_a_cause() -> None:
    module = nn.Sequential(nn.Conv1d(3, 4, 3), nn.GELU(), nn.LayerNorm(6), nn.Flatten(), nn.Linear(24, 2))
    made = trace(module, (3, 8), 2, mode="train", backward=True)
    heavy = [op for op in made.operations if op.phase == "backward" and op.name in ("mm", "convolution_backward")]
    assert len(heavy) == 3
    assert all(operation.cause is not None for operation in heavy)


def test_what_is_written_through_a_view_is_seen_through_the_whole() -> None:
    class Writes(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            made = torch.zeros_like(x)
            made[:, 1:] = x[:, 1:] * 2
            return made + 1

    made = trace(Writes(), (4, 3))
    overlay = next(operation for operation in made.operations if operation.name == "overlay")
    assert overlay.depends
    assert made.operations[-1].arguments[0] is overlay.outputs[0]


@pytest.mark.parametrize("mode", ["train", "eval"])
def test_it_runs_what_really_runs(mode: str) -> None:
    """The same operations as a real run on numbers, seen by torch's own counter of multiplying operations."""
    module = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 2)
    )
    module.train(mode == "train")
    with FlopCounterMode(display=False) as counter:
        module(torch.randn(2, 3, 8, 8)).sum().backward()
    counted = counter.get_flop_counts()["Global"]
    made = trace(module, (3, 8, 8), 2, mode=mode, backward=True)  # type: ignore[arg-type]
    seen = {operation.target.rpartition(".")[0] for operation in made.operations}
    assert {str(name) for name in counted} <= seen


def test_dicts_and_tuples_of_outputs() -> None:
    class Many(nn.Module):
        def forward(self, x: Tensor) -> dict[str, object]:
            return {"a": x + 1, "b": [x * 2, (x.flatten(1),)]}

    assert [value.shape for value in trace(Many(), (2, 3)).outputs] == [(1, 2, 3), (1, 2, 3), (1, 6)]


def test_a_compiled_module_is_measured_as_what_it_was_made_from() -> None:
    compiled = torch.compile(nn.Sequential(nn.Conv1d(1, 2, 3), nn.ReLU()), backend="eager")
    assert [name for _, name in names(trace(compiled, (1, 8)).operations)] == ["convolution", "relu"]  # type: ignore[arg-type]


def test_no_memory_is_touched() -> None:
    """A tensor of 4 TiB flows through without being there."""
    made = trace(nn.Sequential(nn.Conv2d(1, 1, 3, padding=1), nn.ReLU()), (1, 2**20, 2**20))
    assert made.outputs[0].bytes == 2**42


def test_random_state_and_grad_mode_are_left_alone() -> None:
    class Drops(nn.Dropout):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x) * (1 + random.random())

    module = nn.Sequential(nn.Linear(3, 3), Drops())
    state, other = torch.get_rng_state(), random.getstate()
    trace(module, (3,), 2, mode="train", backward=True)
    assert torch.equal(state, torch.get_rng_state())
    assert other == random.getstate()
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("whole", [True, False])
def test_inference_mode_is_split_into_the_same_operations(whole: bool) -> None:
    """All of a module in it, or its input alone: such a tensor stays one of inference mode after its `with`."""

    class Plain(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.norm, self.fc = nn.Conv2d(3, 4, 3, padding="same"), nn.BatchNorm2d(4), nn.Linear(256, 2)

        def forward(self, x: Tensor) -> Tensor:
            x = F.interpolate(F.max_pool2d(x, 2), scale_factor=4).softmax(1)
            return self.fc(F.dropout2d(self.norm(self.conv(x))).reshape(x.shape[0], -1))  # type: ignore[no-any-return]

    class Inference(Plain):
        def forward(self, x: Tensor) -> Tensor:
            with torch.inference_mode():
                x = super().forward(x) if whole else x * 1
            return x if whole else super().forward(x)

    plain, inference = trace(Plain(), (3, 4, 4)), trace(Inference(), (3, 4, 4))
    assert names(plain.operations) == names(inference.operations)[0 if whole else 1 :]
