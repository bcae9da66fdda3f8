from __future__ import annotations

import pytest
import torch
from tests.nets.export.modules import Masked
from torch import nn

from striate.errors import InputError
from striate.nets.export.examples import COMPARED, TRACED, make_examples


def test_batches_of_any_size_in_the_modules_type() -> None:
    examples = make_examples(nn.Linear(3, 2).double(), (4, 3))
    for batch in (1, 2, 3, 7):
        (x,), keywords = examples.take(batch)
        assert (x.shape, x.dtype, keywords) == ((batch, 4, 3), torch.float64, {})
    (whole,), _ = examples.take(max(COMPARED))
    assert torch.equal(examples.take(1)[0][0], whole[:1])
    assert whole.min() < 0 < whole.max()


def test_unit_inputs_lie_between_0_and_1() -> None:
    ((x,), _) = make_examples(nn.ReLU(), (500,), unit=True).take(3)
    assert 0 <= x.min() < 0.1
    assert 0.9 < x.max() <= 1


def test_drawing_leaves_torchs_random_state_alone() -> None:
    before = torch.get_rng_state()
    first, second = (make_examples(nn.ReLU(), (5,)).rows[0] for _ in range(2))
    assert torch.equal(first, second)
    assert torch.equal(torch.get_rng_state(), before)


def test_what_looks_vectors_up_gets_whole_numbers() -> None:
    module = nn.Sequential(nn.Embedding(7, 2), nn.Linear(2, 3))
    ((x,), _) = make_examples(module, (200,)).take(3)
    assert set(x.flatten().tolist()) == set(range(7))


def test_a_tensors_rows_begin_anew() -> None:
    given = torch.arange(4).view(2, 2)
    ((x,), _) = make_examples(nn.ReLU(), given).take(3)
    assert torch.equal(x, given[[0, 1, 0]])
    x.add_(1)
    assert given.sum() == 6


def test_the_traced_batch_holds_nothing_of_the_users() -> None:
    ((x,), _) = make_examples(nn.ReLU(), torch.ones(5, 2)).traced
    assert torch.equal(x, torch.zeros(TRACED, 2))


def test_keywords_stand_as_forward_takes_them() -> None:
    shapes = {"bias": (1, 4), "mask": (1, 4), "x": (3, 4)}
    arguments, keywords = make_examples(Masked(), shapes).take(1)
    assert (arguments, list(keywords)) == ((), ["x", "mask", "bias"])
    arguments, keywords = make_examples(Masked(), {"bias": (1, 4), 0: (3, 4), 1: (1, 4)}).take(1)  # type: ignore[dict-item]
    assert ([len(each.shape) for each in arguments], list(keywords)) == ([3, 3], ["bias"])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((0, 3), "needed channels x extents"),
        (torch.tensor(1.0), "no axes"),
        (torch.zeros(0, 3), "no rows"),
        (7, "found 7"),
    ],
)
def test_anything_else_is_one_line(given: object, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        make_examples(nn.ReLU(), given)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
