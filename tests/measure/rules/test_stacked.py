from typing import Any

import pytest
import torch
from tests.measure.rules.counting import count, list_names, run
from tests.measure.rules.support import check_reach
from torch import Tensor, nn

from striate.measure.operation import Operation
from striate.measure.rules.stacked import RULES

MODES: dict[int, tuple[type[nn.Module], dict[str, Any]]] = {
    0: (nn.RNN, {"nonlinearity": "relu"}),
    1: (nn.RNN, {}),
    2: (nn.LSTM, {}),
    3: (nn.GRU, {}),
}


class OnCuda(nn.Module):
    """What CUDA runs in place of a recurrent network; without memory it runs here too."""

    def __init__(self, mode: int, *, batch_first: bool = False, number: int = 0, **options: Any) -> None:
        super().__init__()
        kind, more = MODES[mode]
        self.layer: Any = kind(3, 4, batch_first=batch_first, **options, **more)
        self.mode, self.number = mode, number

    def forward(self, sequence: Tensor, hidden: Tensor | None = None) -> Tensor:
        layer = self.layer
        batch = sequence.shape[0 if layer.batch_first else 1]
        rows = layer.num_layers * (1 + layer.bidirectional)
        hidden = sequence.new_zeros(rows, batch, layer.proj_size or 4) if hidden is None else hidden
        cell = sequence.new_zeros(rows, batch, 4) if self.mode == 2 else None
        weights = list(layer.parameters())
        made: tuple[Tensor, ...] = torch.ops.aten._cudnn_rnn(
            *(sequence, weights, len(weights) // rows, None, hidden, cell, self.mode, 4, layer.proj_size),
            *(layer.num_layers, layer.batch_first, 0.0, self.training, layer.bidirectional, [], None),
        )
        return made[self.number]


OPTIONS: list[dict[str, Any]] = [
    {},
    {"num_layers": 2},
    {"bidirectional": True},
    {"num_layers": 2, "bidirectional": True, "batch_first": True},
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_cudnn_counts_as_the_network_does(mode: int, options: dict[str, Any]) -> None:
    module = OnCuda(mode, **options)
    traced = run(module, (5, 2, 3))
    assert "_cudnn_rnn" in list_names(traced)
    assert count(traced) == count(run(module.layer, (5, 2, 3)))


@pytest.mark.parametrize(("wanted", "times"), [((True, True, True, True), 2), ((True, False, False, False), 1)])
def test_backward_is_once_for_the_inputs_and_once_for_the_weights(wanted: tuple[bool, ...], times: int) -> None:
    """Put together by hand, as torch has no backward pass of it without memory."""
    forward = next(each for each in run(OnCuda(2), (5, 2, 3)).operations if each.name == "_cudnn_rnn")
    schema = [argument.name for argument in torch.ops.aten._cudnn_rnn_backward.default._schema.arguments]
    arguments: list[Any] = [None] * len(schema)
    arguments[:2], arguments[schema.index("output_mask")] = forward.arguments[:2], wanted
    backward = Operation(0, "aten._cudnn_rnn_backward.default", tuple(arguments), {}, (), "", 0)
    rules = [RULES[operation.name].multiplies for operation in (forward, backward)]
    assert rules[0] is not None
    assert rules[1] is not None
    assert rules[1](backward) == times * rules[0](forward)


@pytest.mark.filterwarnings("ignore:LSTM with projections")
def test_projections() -> None:
    module = OnCuda(2, proj_size=2, num_layers=2)
    assert count(run(module, (5, 2, 3))) == count(run(module.layer, (5, 2, 3)))


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("mode", [0, 2])
@pytest.mark.parametrize("number", [0, 1])
def test_reach_equals_the_gradient(mode: int, options: dict[str, Any], number: int) -> None:
    twin = nn.RNN(3, 4, nonlinearity="relu", **options)

    class Twin(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.twin = twin

        def forward(self, sequence: Tensor, hidden: Tensor) -> Any:
            return self.twin(sequence, hidden)[number]

    rows, batch = (1 + twin.bidirectional) * twin.num_layers, 2
    shape = (batch, 3, 3) if twin.batch_first else (3, batch, 3)
    check_reach(OnCuda(mode, number=number, **options), shape, (rows, batch, 4), twin=Twin())


@pytest.mark.parametrize(("mode", "word"), [(0, "rnn"), (1, "rnn"), (2, "lstm"), (3, "gru")])
def test_words(mode: int, word: str) -> None:
    operation = next(each for each in run(OnCuda(mode), (5, 2, 3)).operations if each.name == "_cudnn_rnn")
    kind = RULES["_cudnn_rnn"].kind
    assert callable(kind)
    assert kind(operation) == word


def test_packed_sequences_count_every_token_and_read_all() -> None:
    """Their 7 steps of 3 channels may lie in any order of samples and time."""
    plain = run(OnCuda(2), (7, 1, 3)).operations
    dense = next(operation for operation in plain if operation.name == "_cudnn_rnn")
    values = list(dense.arguments)
    values[0].shape, values[14] = (7, 3), [3, 2, 1, 1]
    dense.outputs[0].shape = (7, 4)
    packed = Operation(0, dense.target, tuple(values), {}, dense.outputs, "", 0)
    rule = RULES["_cudnn_rnn"]
    assert rule.multiplies is not None
    assert rule.multiplies(packed) == rule.multiplies(dense) == 7 * (16 * 3 + 16 * 4)
    assert rule.reach(packed, 0)[0][0] is values[0]
    assert len(rule.reach(packed, 0)[0][1]) == 2
