"""Views, permutations, broadcasts and copies against the gradient's support; and chains of them."""

from collections.abc import Callable
from functools import partial

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measure.rules.support import Call, check_reach
from tests.measure.rules.test_grouping import Shape, shapes
from torch import Tensor, nn

from striate.measure.rules.catalogue import find_rule
from striate.measure.trace import trace

PLANE = (2, 4, 4, 6)
FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "view": lambda x: x.view(2, -1),
    "merge the batch": lambda x: x.view(8, 24),
    "heads": lambda x: x.flatten(2).permute(2, 0, 1).reshape(24, 4, 2),
    "split and merge": lambda x: x.reshape(2, 2, 8, 6),
    "not aligned": lambda x: x.reshape(2, 3, 4, 8),
    "view_as": lambda x: x.view_as(torch.empty(4, 2, 24)),
    "unflatten": lambda x: torch.unflatten(x, 1, (2, 2)).unsqueeze(2),
    "ravel": lambda x: x.ravel(),
    "squeeze": lambda x: x[:, :1].squeeze(1),
    "squeeze axes": lambda x: x[:, :1, :1].squeeze((1, 2)),
    "squeeze all": lambda x: x[:1].squeeze(),
    "reshape of a transpose": lambda x: x.transpose(1, 2).reshape(2, -1),
    "expand": lambda x: x[:, :1].expand(2, 3, 4, 6),
    "expand_as": lambda x: x[:, :, :1].expand_as(x),
    "permute": lambda x: x.permute(0, 2, 3, 1),
    "T": lambda x: x[0, 0].T,
    "t": lambda x: x[0, 0].t(),
    "t of one axis": lambda x: x[0, 0, 0].t() * 2,
    "mT": lambda x: x.mT,
    "movedim": lambda x: x.movedim((1, 3), (-1, 0)),
    "swapaxes": lambda x: x.swapaxes(1, -1),
    "rot90": lambda x: x.rot90(1, (2, 3)),
    "rot90 twice": lambda x: x.rot90(2, (1, 2)),
    "rot90 back": lambda x: x.rot90(-1, (3, 1)),
    "contiguous": lambda x: x.transpose(1, 2).contiguous(),
    "channels last": lambda x: x.contiguous(memory_format=torch.channels_last).reshape(2, -1),
    "clone": lambda x: x.clone(),
    "real": lambda x: torch.view_as_real(torch.complex(x, x * 2))[..., 1],
    "complex": lambda x: torch.view_as_complex(x.reshape(2, 4, 4, 3, 2)).abs(),
    "conj": lambda x: torch.complex(x, x * 2).conj().imag,
    "as_strided": lambda x: x.as_strided((3, 2, 5), (24, 6, 1), 31),
    "broadcast": lambda x: x + x.mT[:, :1, :1, :1] + x[0, 0],
    "windows": lambda x: x.view(2, 4, 2, 2, 2, 3).permute(0, 2, 4, 3, 5, 1).reshape(-1, 6, 4),
    "patches": lambda x: x.reshape(2, 4, 2, 2, 3, 2).permute(0, 2, 4, 3, 5, 1).flatten(3).flatten(1, 2),
    "shuffled channels": lambda x: x.view(2, 2, 2, 4, 6).transpose(1, 2).flatten(1, 2),
    "space to depth": lambda x: x.view(2, 4, 2, 2, 3, 2).permute(0, 3, 5, 1, 2, 4).reshape(2, 16, 2, 3),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_reach_is_the_gradients_support(name: str) -> None:
    made = check_reach(FUNCTIONS[name], PLANE, most=60)
    assert all(find_rule(operation) for operation in made.operations)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_reach_is_the_same_under_inference_mode(name: str) -> None:
    check_reach(torch.inference_mode()(FUNCTIONS[name]), PLANE, twin=FUNCTIONS[name], most=20)


def _unpack_windows(x: Tensor) -> Tensor:
    """Swin's windows, shifted, and back."""
    rolled = x.roll((-1, -1), (1, 2)).view(2, 2, 2, 2, 3, 4)
    windows = rolled.permute(0, 1, 3, 2, 4, 5).contiguous().view(-1, 6, 4) * 2
    return windows.view(2, 2, 2, 2, 3, 4).permute(0, 1, 3, 2, 4, 5).contiguous().view(2, 4, 6, 4).roll((1, 1), (1, 2))


def test_windows_there_and_back_see_themselves() -> None:
    check_reach(_unpack_windows, (2, 4, 6, 4))


@settings(max_examples=60, deadline=None)
@given(shapes())
def test_any_view(pair: tuple[Shape, Shape]) -> None:
    shape, output = pair
    check_reach(lambda x: x.reshape(output) * 2, shape, most=40)


def _blur(x: Tensor) -> Tensor:
    """Widen what a cell sees along the last axis."""
    flat = x.reshape(-1, 1, x.shape[-1])
    return F.conv1d(flat, torch.ones(1, 1, 2, dtype=x.dtype), padding=1)[..., 1:].reshape(x.shape)


def _double(x: Tensor, dim: int) -> Tensor:
    return torch.cat([x, x * 2], dim)


@st.composite
def _chains(draw: st.DrawFn, shape: Shape) -> Callable[[Tensor], Tensor]:
    """Arrangements one after the other, with blurs between, so that sets of cells are carried, not cells alone."""
    steps: list[Callable[[Tensor], Tensor]] = []
    made = torch.zeros(shape)
    for _ in range(draw(st.integers(1, 5))):
        axes, dim = made.dim(), draw(st.integers(0, made.dim() - 1))
        order = draw(st.permutations(range(axes)))
        other = draw(st.sampled_from([(-1,), (made.shape[0], -1), (2, -1), (*made.shape[:-1], 2, -1), (-1, 6)]))
        fits = made.numel() % 6 == 0 if other == (-1, 6) else other[:-1] != (2,) or made.numel() % 2 == 0
        fits = fits and (len(other) < 3 or made.shape[-1] % 2 == 0)
        fits_windows = made.shape[dim] > 1 and made.numel() < 100
        choices: list[Callable[[Tensor], Tensor]] = [
            _blur,
            partial(torch.permute, dims=order),
            partial(torch.roll, shifts=1, dims=dim),
            partial(torch.flip, dims=(dim,)),
            partial(torch.ops.aten.slice, dim=dim, start=0, end=None, step=2),
            *([partial(_double, dim=dim)] if made.numel() < 100 else []),
            *([partial(torch.diagonal, dim1=dim, dim2=(dim + 1) % axes)] if axes > 1 else []),
            *([partial(torch.Tensor.unfold, dimension=dim, size=2, step=1)] if fits_windows else []),
            *([partial(torch.reshape, shape=other)] if fits else []),
        ]
        steps.append(draw(st.sampled_from(choices)))
        made = steps[-1](made)

    def run(x: Tensor) -> Tensor:
        for step in steps:
            x = step(x)
        return x * 2

    return run


@settings(max_examples=100, deadline=None)
@given(_chains((2, 3, 4)))
def test_chains_of_arrangements(run: Callable[[Tensor], Tensor]) -> None:
    check_reach(run, (2, 3, 4), most=25)


@pytest.mark.parametrize(
    ("module", "shape", "kind"),
    [
        (nn.Flatten(), (3, 4, 4), "flatten"),
        (nn.Flatten(0), (3, 4, 4), "reshape"),
        (nn.Unflatten(1, (3, 1)), (3, 4), "reshape"),
        (Call(lambda x: x.permute(0, 2, 1)), (3, 4), "permute"),
        (Call(lambda x: x.clone()), (3,), "copy"),
    ],
)
def test_kinds(module: nn.Module, shape: Shape, kind: str) -> None:
    operation = trace(module, shape, batch=2).operations[-1]
    rule = find_rule(operation)
    assert rule is not None
    assert kind == (rule.kind if isinstance(rule.kind, str) else rule.kind(operation))
    assert rule.multiplies is None


def test_the_same_bytes_as_another_type_are_unknown() -> None:
    made = trace(Call(lambda x: x.view(torch.float16)), (3, 4))
    assert find_rule(made.operations[-1]) is None
