from typing import Any

import pytest
import torch
from tests.measure.rules.counting import Scaled, Tally, Whole, count, list_names, run
from tests.measure.rules.support import check_reach
from torch import Tensor, nn

from striate.measure.bits import carry, fill, list_bits
from striate.measure.operation import Operation, Value
from striate.measure.rules import recurrent

KINDS: dict[str, Any] = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
OPTIONS: list[dict[str, Any]] = [
    {},
    {"bias": False},
    {"num_layers": 2},
    {"bidirectional": True},
    {"num_layers": 3, "bidirectional": True, "batch_first": True},
]


def step(kind: str, taken: Tensor, fed: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
    """One step of one sample, its gates' sums at hand (`taken` of the input, `fed` of the state)."""
    if kind == "rnn":
        return torch.tanh(taken + fed), cell
    if kind == "gru":
        (r, z, n), (s, y, m) = taken.chunk(3), fed.chunk(3)
        reset, update = torch.sigmoid(r + s), torch.sigmoid(z + y)
        return (1 - update) * torch.tanh(n + reset * m) + update * hidden, cell
    i, f, g, o = (taken + fed).chunk(4)
    cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(cell), cell


def run_by_hand(kind: str, layer: Any, sequence: Tensor, tally: Tally) -> Tensor:
    """A recurrent network over one sequence (steps x channels), layer by layer, direction by direction."""
    state = {name: value.detach() for name, value in layer.named_parameters()}
    for number in range(layer.num_layers):
        sides = []
        for suffix in ("", "_reverse")[: 1 + layer.bidirectional]:
            tag = f"l{number}{suffix}"
            width = layer.hidden_size
            hidden, cell = torch.zeros(layer.proj_size or width), torch.zeros(width)
            biases = [state.get(f"bias_{way}_{tag}", torch.zeros(())) for way in ("ih", "hh")]
            made = []
            for vector in sequence.flip(0) if suffix else sequence:
                taken = tally.map(state[f"weight_ih_{tag}"], vector) + biases[0]
                fed = tally.map(state[f"weight_hh_{tag}"], hidden) + biases[1]
                hidden, cell = step(kind, taken, fed, hidden, cell)
                if layer.proj_size:
                    hidden = tally.map(state[f"weight_hr_{tag}"], hidden)
                made.append(hidden)
            sides.append(torch.stack(made[::-1] if suffix else made))
        sequence = torch.cat(sides, 1)
    return sequence


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_recurrent_networks_count_every_matrix_at_every_step(kind: str, options: dict[str, Any]) -> None:
    layer = KINDS[kind](3, 5, **options)
    batch_first, tally = bool(options.get("batch_first")), Tally()
    inputs = torch.rand((2, 4, 3) if batch_first else (4, 2, 3))
    samples = inputs.unbind(0 if batch_first else 1)
    made = torch.stack([run_by_hand(kind, layer, sample, tally) for sample in samples], 0 if batch_first else 1)
    assert torch.allclose(made, layer(inputs)[0], atol=1e-5)
    shape = tuple(inputs.shape)
    for module, mode in ((layer, "eval"), (layer, "train"), (Whole(layer), "eval")):
        assert count(run(module, shape, mode=mode)) == tally.count
    traced = run(Scaled(layer), shape, backward=True, mode="train")
    assert count(traced) == tally.count
    assert ("mkldnn_rnn_layer" in list_names(traced)) == (kind == "lstm")


@pytest.mark.filterwarnings("ignore:LSTM with projections")
@pytest.mark.parametrize("options", [{}, {"num_layers": 2, "bidirectional": True}], ids=str)
def test_projections(options: dict[str, Any]) -> None:
    layer, tally, inputs = nn.LSTM(3, 5, proj_size=2, **options), Tally(), torch.rand(4, 1, 3)
    assert torch.allclose(run_by_hand("lstm", layer, inputs[:, 0], tally)[:, None], layer(inputs)[0], atol=1e-5)
    assert count(run(layer, (4, 1, 3))) == count(run(Whole(layer), (4, 1, 3))) == tally.count


def test_relu_networks_count_as_tanh_ones_do() -> None:
    layers = [nn.RNN(3, 5, 2, nonlinearity=name) for name in ("relu", "tanh")]
    assert len({count(run(each(layer), (4, 2, 3))) for layer in layers for each in (Whole, Scaled)}) == 1


CELLS: dict[str, Any] = {"lstm": nn.LSTMCell, "gru": nn.GRUCell, "rnn": nn.RNNCell}


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", CELLS)
def test_a_cell_is_one_step(kind: str, bias: bool) -> None:
    network = KINDS[kind](3, 5, bias=bias)
    cell = CELLS[kind](3, 5, bias=bias)
    assert count(run(cell, (7, 3))) == count(run(Whole(cell), (7, 3))) == count(run(network, (1, 7, 3)))


@pytest.mark.parametrize("kind", CELLS)
def test_backward_of_cells_and_networks_is_twice_the_forward(kind: str) -> None:
    """The first state takes no gradient where torch goes step by step; oneDNN's layer makes it all the same."""
    for module, shape in ((CELLS[kind](3, 5), (7, 3)), (KINDS[kind](3, 5, 2, bidirectional=True), (4, 7, 3))):
        traced = run(Scaled(module), shape, backward=True, mode="train")
        matrices = [value for name, value in module.named_parameters() if name.startswith("weight_hh")]
        fused = "mkldnn_rnn_layer" in list_names(traced)
        missing = 0 if fused else 7 * sum(matrix.numel() for matrix in matrices)
        assert fused == (kind == "lstm" and isinstance(module, nn.LSTM))
        assert count(traced, "backward") == 2 * count(traced) - missing


def test_frozen_recurrence_takes_one_gradient() -> None:
    module: Any = nn.GRU(3, 5).requires_grad_(False)
    traced = run(Scaled(module), (4, 7, 3), backward=True, mode="train")
    assert count(traced, "backward") == count(traced) - 7 * module.weight_hh_l0.numel()


class Positive(nn.Module):
    """The network without its gates: positive everywhere, so that nothing fades or cancels."""

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.layer = nn.RNN(3, 4, nonlinearity="relu", **options)

    def forward(self, *inputs: Tensor) -> Any:
        return self.layer(*inputs)


REACHES: list[dict[str, Any]] = [
    {},
    {"num_layers": 2},
    {"bidirectional": True},
    {"num_layers": 2, "bidirectional": True},
]


@pytest.mark.parametrize("options", REACHES, ids=str)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch_first", [True, False])
def test_a_step_reads_no_later_step_unless_it_goes_both_ways(
    kind: str, options: dict[str, Any], batch_first: bool
) -> None:
    layer = KINDS[kind](3, 4, batch_first=batch_first, **options)
    twin = Positive(batch_first=batch_first, **options)
    shape = (2, 3, 3) if batch_first else (3, 2, 3)
    check_reach(layer, shape, twin=twin, most=24)


class States(nn.Module):
    """The last states, with the first ones as an input."""

    def __init__(self, layer: nn.Module, *, last: bool) -> None:
        super().__init__()
        self.layer, self.last = layer, last

    def forward(self, sequence: Tensor, hidden: Tensor) -> Any:
        made, states = self.layer(sequence, (hidden, hidden * 0) if isinstance(self.layer, nn.LSTM) else hidden)
        if not self.last:
            return made
        return states[0] if isinstance(states, tuple) else states


@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("options", REACHES, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_states_read_the_layers_below_and_all_steps(kind: str, options: dict[str, Any], last: bool) -> None:
    rows = options.get("num_layers", 1) * (2 if "bidirectional" in options else 1)
    twin = States(nn.RNN(3, 4, nonlinearity="relu", **options), last=last)
    layer = States(KINDS[kind](3, 4, **options), last=last)
    check_reach(layer, (3, 2, 3), (rows, 2, 4), twin=twin, most=24)


@pytest.mark.parametrize("steps", [1, 3])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_one_layer_of_onednn_reads_its_first_cell_state_value_by_value(steps: int, reverse: bool, number: int) -> None:
    weights = [torch.rand(16, 3), torch.rand(16, 4), torch.rand(16), torch.rand(16)]

    def run_layer(sequence: Tensor, hidden: Tensor, cell: Tensor) -> Any:
        given = [weight.to(sequence.dtype) for weight in weights]
        return torch.ops.aten.mkldnn_rnn_layer(
            sequence, *given, hidden, cell, reverse, [], 2, 4, 1, True, False, False, False
        )[number]

    def run_twin(sequence: Tensor, hidden: Tensor, cell: Tensor) -> Tensor:
        made = []
        for vector in sequence.flip(0) if reverse else sequence:
            mixed = vector.sum(-1, keepdim=True) + hidden.sum(-1, keepdim=True)
            cell = mixed + cell
            hidden = mixed + cell
            made.append(hidden)
        return (torch.stack(made[::-1] if reverse else made), hidden, cell)[number]

    check_reach(run_layer, (steps, 2, 3), (2, 4), (2, 4), twin=run_twin)


@pytest.mark.parametrize("kind", CELLS)
def test_reach_of_cells(kind: str) -> None:
    def run_twin(vector: Tensor, hidden: Tensor) -> Tensor:
        return (vector.sum(-1, keepdim=True) + hidden.sum(-1, keepdim=True)).expand(-1, 4)

    class Cell(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell: Any = CELLS[kind](3, 4)

        def forward(self, vector: Tensor, hidden: Tensor) -> Any:
            return self.cell(vector, (hidden, hidden))[0] if kind == "lstm" else self.cell(vector, hidden)

    check_reach(Cell(), (2, 3), (2, 4), twin=run_twin)


@pytest.mark.parametrize("number", [0, 1])
def test_gates_that_are_multiplied_already_are_free_and_read_value_by_value(number: int) -> None:
    """CUDA's fused cell; its last output is kept for the backward pass alone."""

    def run_cell(*values: Tensor) -> Any:
        return torch.ops.aten._thnn_fused_lstm_cell(*values)[number]

    def run_twin(taken: Tensor, fed: Tensor, state: Tensor, *biases: Tensor) -> Tensor:
        return (taken + fed + biases[0] + biases[1]).reshape(2, 4, 4).sum(1) + state

    traced = check_reach(run_cell, (2, 16), (2, 16), (2, 4), (16,), (16,), twin=run_twin)
    assert count(traced) == 0


@pytest.mark.parametrize(("kind", "gates", "outputs"), [("lstm", 4, 3), ("gru", 3, 2)])
def test_fused_cells_without_biases(kind: str, gates: int, outputs: int) -> None:
    """Put together by hand: value 1 reads value 1 of every gate; what is kept reads all of its sample."""
    shapes = [(2, gates * 5), (2, gates * 5), (2, 5)]
    values = [Value(shape, (), "float32", 4, 0) for shape in shapes]
    made = [*(Value((2, 5), (), "float32", 4, 0) for _ in range(outputs - 1)), Value((2, 25), (), "float32", 4, 0)]
    operation = Operation(0, f"aten._thnn_fused_{kind}_cell.default", tuple(values), {}, tuple(made), "", 0)
    reach = recurrent.RULES[operation.name].reach
    for value, axes in reach(operation, 0):
        read = carry(axes[1], [0b01, 0b00010], value.shape[1])
        assert set(list_bits(read)) == set(range(1, value.shape[1], 5))
    assert all(
        carry(axes[1], [1, 1], value.shape[1]) == fill(value.shape[1]) for value, axes in reach(operation, outputs - 1)
    )
