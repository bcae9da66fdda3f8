"""Windows, blocks and diagonals against the gradient's support."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.measure.rules.support import Call, check_reach
from torch import Tensor

from striate.measure.rules.catalogue import find_rule
from striate.measure.rules.patches import MOST_ROWS
from striate.measure.trace import trace

PLANE = (2, 4, 4, 6)
SMALL = st.integers(1, 3)


@settings(max_examples=30, deadline=None)
@given(st.tuples(SMALL, SMALL), SMALL, st.integers(0, 2), st.tuples(SMALL, SMALL), st.booleans())
def test_unfold_and_fold(
    size: tuple[int, int], dilation: int, pad: int, stride: tuple[int, int], batched: bool
) -> None:
    shape = (2, 2, 5, 4) if batched else (2, 5, 4)
    spans = [dilation * (cells - 1) + 1 for cells in size]
    assume(all(extent + 2 * pad >= span for extent, span in zip(shape[-2:], spans, strict=True)))
    columns = F.unfold(torch.zeros(shape), size, dilation, pad, stride).shape
    check_reach(lambda x: F.unfold(x, size, dilation, pad, stride), shape, most=60)
    check_reach(lambda x: F.fold(x, shape[-2:], size, dilation, pad, stride), tuple(columns), most=60)


@settings(max_examples=20, deadline=None)
@given(SMALL, SMALL, SMALL, st.integers(0, 1), st.integers(1, 2))
def test_windows_that_overlap_carry_sets(size: int, step: int, taps: int, before: int, dilation: int) -> None:
    """A sum over windows that a convolution has widened: what is carried is no single cell."""

    def run(x: Tensor) -> Tensor:
        kernel = torch.ones(1, 1, 1, taps, dtype=x.dtype)
        wide = F.conv2d(x, kernel, padding=(0, taps))
        columns = F.unfold(wide, (2, size), dilation=(1, dilation), padding=(0, before), stride=(1, step))
        return F.fold(columns, wide.shape[2:], (2, size), dilation=(1, dilation), padding=(0, before), stride=(1, step))

    check_reach(run, (1, 1, 3, 7))


FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "windows": lambda x: x.unfold(2, 3, 1),
    "windows apart": lambda x: x.unfold(-1, 2, 3),
    "patches": lambda x: x.unfold(2, 2, 2).unfold(3, 3, 3).permute(0, 2, 3, 1, 4, 5).flatten(3),
    "pixel shuffle": lambda x: F.pixel_shuffle(x, 2),
    "pixel shuffle of one image": lambda x: F.pixel_shuffle(x[0], 2),
    "pixel unshuffle": lambda x: F.pixel_unshuffle(x, 2),
    "pixel shuffle by hand": lambda x: x.view(2, 1, 2, 2, 4, 6).permute(0, 1, 4, 2, 5, 3).reshape(2, 1, 8, 12),
    "channel shuffle": lambda x: torch.channel_shuffle(x, 2),
    "diagonal": lambda x: x.diagonal(0, 2, 3),
    "upper diagonal": lambda x: x.diagonal(2, 1, 3),
    "lower diagonal": lambda x: x.diagonal(-1, 3, 0),
    "first axes": lambda x: x[0, 0].diagonal(),
    "diagonal embedding": lambda x: torch.diag_embed(x[:, 0], 1),
    "diagonal embedding in front": lambda x: torch.diag_embed(x[:, 0], -1, 0, 2),
    "diagonal's product": lambda x: x.diagonal(0, 2, 3).unsqueeze(-1) * x[:, :, :, :4],
    "lower triangle": lambda x: x.tril(),
    "upper triangle": lambda x: torch.triu(x, 1),
    "lower triangle and more": lambda x: torch.tril(x, 2) * 2,
    "upper triangle and more": lambda x: torch.triu(x[..., :3], -2),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_reach_is_the_gradients_support(name: str) -> None:
    check_reach(FUNCTIONS[name], PLANE, most=100)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_reach_is_the_same_under_inference_mode(name: str) -> None:
    check_reach(torch.inference_mode()(FUNCTIONS[name]), PLANE, twin=FUNCTIONS[name], most=20)


def test_a_triangle_of_too_many_rows_is_unknown() -> None:
    made = trace(Call(torch.tril), (MOST_ROWS + 1, 2))
    assert find_rule(made.operations[-1]) is None


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(-4, 4), st.booleans(), st.booleans())
def test_sets_of_a_diagonal_and_a_triangle(rows: int, columns: int, offset: int, lower: bool, embed: bool) -> None:
    """The sum over several places of a diagonal reads that diagonal alone, not the square around it."""
    assume(-rows < offset < columns)

    def run(x: Tensor) -> Tensor:
        kept = torch.tril(x, offset) if lower else torch.triu(x, offset)
        diagonal = x.diagonal(offset, 1, 2)
        made = torch.diag_embed(diagonal, offset) if embed else diagonal[:, None]
        widened = [
            F.conv1d(part.flatten(1)[:, None], torch.ones(1, 1, 3, dtype=x.dtype), padding=1) for part in (kept, made)
        ]
        return torch.cat(widened, 2)

    check_reach(run, (1, rows, columns))
