"""From a module to a table: modes, precisions, several inputs, and what is refused."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from striate.errors import InputError
from striate.measure.measurement import measure

NET = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 36, 4))


def test_without_a_backward_pass_nothing_of_training_is_said() -> None:
    table = measure(NET, (3, 8, 8), backward=False)
    assert table.mode == "eval"
    assert table.training is None
    assert table.training_bytes is None
    assert table.backward_multiplies is None
    assert all(row.saved_bytes is None for row in table.rows)


def test_the_mode_is_the_modules() -> None:
    assert measure(NET.train(), (3, 8, 8), 2).mode == "train"
    table = measure(NET.eval(), (3, 8, 8), 2)
    assert table.mode == "eval"
    assert table.saved_bytes
    assert table.training_bytes == measure(NET.train(), (3, 8, 8), 2).training_bytes


def test_batch_norm_over_one_value_is_measured_for_inference_alone() -> None:
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.AdaptiveAvgPool2d(1), nn.BatchNorm2d(8))
    table = measure(net, (3, 8, 8))
    assert table.training is None
    assert "single value per channel" in table.notes[0]
    assert measure(net, (3, 8, 8), 2).training is not None


def test_bf16_halves_what_autocast_casts() -> None:
    plain, mixed = (measure(NET, (3, 8, 8), 2, precision=precision) for precision in ("fp32", "bf16"))
    assert [row.output_bytes for row in plain.rows[:1]] == [2 * row.output_bytes for row in mixed.rows[:1]]
    assert plain.parameters == mixed.parameters
    assert plain.multiplies == mixed.multiplies


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"batch": 0}, "batch: found 0"),
        ({"batch": 1.5}, "batch: found 1.5"),
        ({"optimizer": "lion"}, "needed one of sgd, momentum, adam, adamw"),
        ({"precision": "fp8"}, "needed one of fp32, bf16"),
    ],
)
def test_wrong_settings_are_one_line(keywords: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        measure(NET, (3, 8, 8), **keywords)  # type: ignore[arg-type]


def test_several_inputs_and_keywords() -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.left, self.right = nn.Conv1d(1, 2, 3), nn.Conv1d(3, 2, 3)

        def forward(self, x: Tensor, *, y: Tensor) -> Tensor:
            return torch.add(self.left(x), self.right(y))

    table = measure(Two(), {"x": (1, 8), "y": (3, 8)})
    assert table.input == ((1, 8), (3, 8))
    assert table.multiplies == 2 * 3 * 6 + 3 * 2 * 3 * 6


def test_indices_are_given_as_a_tensor() -> None:
    net = nn.Sequential(nn.Embedding(10, 6), nn.Linear(6, 2))
    table = measure(net, torch.zeros(3, 7, dtype=torch.int64))
    assert table.batch == 3
    assert table.parameters == 60 + 14
    assert table.multiplies == 3 * 7 * 12


def test_nothing_to_train() -> None:
    table = measure(nn.Sequential(nn.MaxPool2d(2)), (1, 8, 8))
    assert (table.parameters, table.multiplies, table.backward_multiplies) == (0, 0, 0)


def test_frozen_parameters_take_no_gradient() -> None:
    net = nn.Sequential(nn.Linear(4, 5), nn.Linear(5, 3))
    net[0].requires_grad_(False)
    table = measure(net, (4,))
    assert [row.backward_multiplies for row in table.rows] == [0, 15]
    assert table.training is not None
    assert table.training.gradients <= 18 * 4
