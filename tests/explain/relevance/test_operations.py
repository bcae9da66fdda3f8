"""Every operation with a rule: it conserves, or keeps just what its constants keep; and its own value is untouched."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from striate.explain.relevance import RULES, Passing

Run = Callable[[Tensor], Tensor]
W = torch.randn(5, 4, 3, generator=torch.Generator().manual_seed(2)).double()
SQUARE = torch.randn(6, 6, generator=torch.Generator().manual_seed(3)).double()
SCALE = torch.tensor([1.0, -2.0, 0.5, -0.25]).double()

CASES: dict[str, Run] = {
    "relu": F.relu,
    "relu6": F.relu6,
    "leaky_relu": F.leaky_relu,
    "prelu": lambda x: F.prelu(x, SCALE.abs()),
    "rrelu": F.rrelu,
    "elu": F.elu,
    "selu": F.selu,
    "celu": F.celu,
    "gelu": F.gelu,
    "silu": F.silu,
    "mish": F.mish,
    "hardswish": F.hardswish,
    "tanh": torch.tanh,
    "hardtanh": F.hardtanh,
    "softsign": F.softsign,
    "tanhshrink": F.tanhshrink,
    "softshrink": F.softshrink,
    "hardshrink": F.hardshrink,
    "threshold": lambda x: F.threshold(x, 0.1, 0.0),
    "clamp": lambda x: x.clamp(-0.2, 0.3),
    "clamp_max": lambda x: x.clamp_max(0.0),
    "abs": torch.abs,
    "square": torch.square,
    "sqrt": lambda x: F.relu(x).sqrt(),
    "pow": lambda x: x**2,
    "expm1": torch.expm1,
    "log1p": lambda x: F.relu(x).log1p(),
    "sin": torch.sin,
    "sinh": torch.sinh,
    "asinh": torch.asinh,
    "atan": torch.atan,
    "arctan": torch.arctan,
    "erf": torch.erf,
    "sum": lambda x: x.sum(2),
    "mean": lambda x: x.mean(2, keepdim=True),
    "cumsum": lambda x: x.cumsum(2),
    "avg_pool1d": lambda x: F.avg_pool1d(x, 3, 2, 1),
    "avg_pool2d": lambda x: F.avg_pool2d(x[..., None], (3, 1), (2, 1)),
    "avg_pool3d": lambda x: F.avg_pool3d(x[..., None, None], (3, 1, 1)),
    "adaptive_avg_pool1d": lambda x: F.adaptive_avg_pool1d(x, 4),
    "adaptive_avg_pool2d": lambda x: F.adaptive_avg_pool2d(x[..., None], (4, 1)),
    "adaptive_avg_pool3d": lambda x: F.adaptive_avg_pool3d(x[..., None, None], (4, 1, 1)),
    "interpolate": lambda x: F.interpolate(x, scale_factor=1.5, mode="linear"),
    "upsample": lambda x: F.interpolate(x, 9),
    "fold": lambda x: F.fold(F.unfold(x[..., None], (3, 1)), (6, 1), (3, 1)),
    "conv1d": lambda x: F.conv1d(x, W, torch.ones(5).double(), padding=1),
    "conv2d": lambda x: F.conv2d(x[..., None], W[..., None], padding="same", groups=1),
    "conv3d": lambda x: F.conv3d(x[..., None, None], W[..., None, None], stride=(2, 1, 1)),
    "conv_transpose1d": lambda x: F.conv_transpose1d(x, W.transpose(0, 1), stride=2, output_padding=1),
    "conv_transpose2d": lambda x: F.conv_transpose2d(x[..., None], W.transpose(0, 1)[..., None], bias=SQUARE[0, :5]),
    "conv_transpose3d": lambda x: F.conv_transpose3d(x[..., None, None], W.transpose(0, 1)[..., None, None]),
    "matmul": lambda x: x @ SQUARE,
    "__rmatmul__": lambda x: SQUARE @ x.transpose(1, 2),
    "einsum": lambda x: torch.einsum("ncl,lm->nmc", x, SQUARE),
    "linear": lambda x: F.linear(input=x, weight=SQUARE, bias=SQUARE[0]),
    "add": lambda x: x + 0.5 * x.flip(2) + 3,
    "sub": lambda x: torch.sub(x, x.roll(1, 2), alpha=2) - 1,
    "__rsub__": lambda x: 1 - x,
    "neg": lambda x: -x,
    "mul": lambda x: x * x.flip(1) * 2,
    "div": lambda x: x / (1 + x.abs()) / 3,
    "addcmul": lambda x: torch.addcmul(SCALE[:, None], x, SQUARE[:4]),
    "glu": lambda x: F.glu(x, 1),
    "batch_norm": lambda x: F.batch_norm(x, SCALE, SCALE.abs(), SCALE, SCALE),
    "instance_norm": lambda x: F.instance_norm(x, weight=SCALE, bias=SCALE),
    "group_norm": lambda x: F.group_norm(x, 2, SCALE, SCALE),
    "layer_norm": lambda x: F.layer_norm(x, (6,), SQUARE[0], SQUARE[1]),
    "rms_norm": lambda x: F.rms_norm(x, (6,), SQUARE[0]),
    "local_response_norm": lambda x: F.local_response_norm(x, 3),
    "normalize": lambda x: F.normalize(x, dim=1),
}
KEEPING: dict[str, Run] = {
    "sigmoid": torch.sigmoid,
    "hardsigmoid": F.hardsigmoid,
    "softplus": F.softplus,
    "log_sigmoid": F.logsigmoid,
    "exp": torch.exp,
}
ENDING = {"softmax", "log_softmax"}
SAME = {"upsample_nearest", "upsample_bilinear"}  # torch hands them on to `interpolate`
SPELT = {"rmatmul": "__rmatmul__", "rsub": "__rsub__"}


def hand_back(run: Run, x: Tensor, due: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """The relevance of x, that of the output (its value, if nothing else), and the output."""
    leaf = x.clone().requires_grad_()
    with Passing():
        output = run(leaf)
    relevance = output.detach() if due is None else due
    (got,) = torch.autograd.grad(output, leaf, relevance)
    return got, relevance, output.detach()


def draw() -> Tensor:
    return torch.randn(3, 4, 6, generator=torch.Generator().manual_seed(1)).double()


@pytest.mark.parametrize("name", CASES)
def test_an_operation_gives_its_value_and_conserves(name: str) -> None:
    got, relevance, output = hand_back(CASES[name], draw())
    torch.testing.assert_close(output, CASES[name](draw()))
    torch.testing.assert_close(got.flatten(1).sum(1), relevance.flatten(1).sum(1))
    assert got.abs().max() > 1e-3


@pytest.mark.parametrize("name", KEEPING)
def test_an_activation_that_is_not_0_at_0_keeps_the_share_of_that_value(name: str) -> None:
    got, _, output = hand_back(KEEPING[name], draw())
    at_zero = KEEPING[name](torch.zeros(()).double())
    torch.testing.assert_close(got, output - at_zero)


@pytest.mark.parametrize("name", ["relu", "conv1d", "add", "batch_norm", "mul", "linear"])
def test_an_operation_conserves_after_a_convolution_too(name: str) -> None:
    def run(x: Tensor) -> Tensor:
        return CASES[name](F.conv1d(x, SQUARE[:4, :4, None].abs(), SCALE))

    got, relevance, output = hand_back(run, draw())
    torch.testing.assert_close(output, run(draw()))
    torch.testing.assert_close(got.flatten(1).sum(1), relevance.flatten(1).sum(1))


def test_every_rule_is_tried() -> None:
    spelt = {SPELT.get(name, name) for name in RULES}
    assert spelt == {*CASES, *KEEPING, *ENDING, *SAME}


@pytest.mark.parametrize("gate", [torch.sigmoid, F.hardsigmoid])
def test_a_gate_gets_nothing(gate: Run) -> None:
    x = draw()
    leaf, other = x.clone().requires_grad_(), x.flip(2).clone().requires_grad_()
    with Passing():
        output = leaf * gate(other).view(3, 4, 6)
    signal, gated = torch.autograd.grad(output, (leaf, other), output.detach(), allow_unused=True)
    torch.testing.assert_close(signal, output.detach())
    assert gated is None or not gated.any()


FOLDED: dict[str, Run] = {
    "batch_norm": CASES["batch_norm"],
    "by_hand": lambda x: x * SCALE[:, None] + 2,
    "negative": lambda x: 5 - x,
    "divided": lambda x: x / SCALE[:, None],
    "addcmul": lambda x: torch.addcmul(SCALE[:, None], x, SCALE.flip(0)[:, None]),
}


@pytest.mark.parametrize("name", FOLDED)
@pytest.mark.parametrize("cells", [6, 1])
def test_an_affine_step_folds_into_the_convolution_before_it(name: str, cells: int) -> None:
    step = FOLDED[name]
    x, weight = draw(), W[:4, :, : 3 if cells > 1 else 1]
    x = x if cells > 1 else x[:, :, :1]
    pad = 1 if cells > 1 else 0
    bias = step(torch.zeros(1, 4, cells).double() + SCALE[:, None])[0, :, 0]
    slope = step(torch.ones(1, 4, cells).double() + SCALE[:, None])[0, :, 0] - bias
    due = torch.randn(3, 4, cells, generator=torch.Generator().manual_seed(5)).double()
    apart, *_ = hand_back(lambda x: step(F.conv1d(x, weight, SCALE, padding=pad)), x, due)
    folded = slope[:, None, None] * weight
    within, *_ = hand_back(lambda x: F.conv1d(x, folded, bias, padding=pad), x, due)
    torch.testing.assert_close(apart, within)
