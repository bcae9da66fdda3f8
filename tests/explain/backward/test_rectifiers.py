from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from striate.errors import InputError
from striate.explain.backward.gradients import find_ruled_gradient
from striate.explain.backward.rectifiers import Rule, rectified
from striate.explain.question import Question

RULES: tuple[Rule, ...] = ("guided", "deconvnet")
ReLU = Callable[[Tensor], Tensor]
REUSED = nn.ReLU(inplace=True)
WAYS: dict[str, ReLU] = {
    "nn.ReLU": nn.ReLU(),
    "reused, in place": REUSED,
    "F.relu": F.relu,
    "F.relu in place": lambda z: F.relu(z, inplace=True),
    "x.relu()": lambda z: z.relu(),
    "x.relu_()": lambda z: z.relu_(),
    "torch.relu_": lambda z: torch.relu_(z),
    "clamp": lambda z: z.clamp(min=0),
    "clamp_": lambda z: z.clamp_(min=0.0),
    "clip": lambda z: torch.clip(z, 0),
    "clamp_min": lambda z: torch.clamp_min(z, 0),
    "clamp by a tensor": lambda z: z.clamp(min=torch.zeros((), dtype=z.dtype)),
    "clamp_min by a tensor": lambda z: z.clamp_min(torch.zeros_like(z)),
    "threshold": lambda z: F.threshold(z, 0, 0),
    "nn.Threshold": nn.Threshold(0, 0, inplace=True),
    "relu6": F.relu6,
    "hardtanh": nn.Hardtanh(0, 50),
    "maximum": lambda z: torch.maximum(z, torch.zeros((), dtype=z.dtype)),
    "maximum, turned": lambda z: torch.max(torch.zeros_like(z), z),
    "fmax": lambda z: torch.fmax(z, z.new_zeros(1)),
    "leaky by nothing": lambda z: F.leaky_relu(z, 0.0),
    "the first half": lambda z: torch.cat([z[:, :4].relu(), z[:, 4:].relu()], 1),
    "in place by halves": lambda z: _by_halves(z),
    "in place in a view": lambda z: F.relu(z.view(-1, 8), inplace=True),
    "clamp_ in place by halves": lambda z: _by_halves(z, lambda part: part.clamp_(min=0)),
    "in a checkpoint that keeps its graph": lambda z: checkpoint(torch.relu, z, use_reentrant=False),
}


def _by_halves(z: Tensor, relu: Callable[[Tensor], Any] = torch.relu_) -> Tensor:
    relu(z[:, :4])
    relu(z[:, 4:])
    return z


class Stack(nn.Module):
    """Three matrix products with a ReLU after the first two; some sums are exactly 0."""

    def __init__(self, relu: ReLU) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.weights = nn.ParameterList(torch.randn(*shape, dtype=torch.float64) for shape in ((8, 6), (8, 8), (3, 8)))
        with torch.no_grad():
            self.weights[0][2] = 0
            self.weights[1][:, 5] = 0
        self.relu = relu

    def forward(self, x: Tensor) -> Tensor:
        first, second, third = self.weights
        hidden = self.relu(x.flatten(1) @ first.T)
        output: Tensor = self.relu(hidden @ second.T) @ third.T
        return output


def _ask(module: nn.Module, inputs: Tensor, rule: Rule) -> tuple[Tensor, tuple[str, ...]]:
    return find_ruled_gradient(Question(module, inputs, torch.tensor([0, 2, 1])), rule)


def _find_plain(x: Tensor) -> Tensor:
    leaf = x.clone().requires_grad_()
    return torch.autograd.grad(Stack(F.relu)(leaf)[0, 0], leaf)[0][0]


def _go_back_by_hand(net: Stack, sample: Tensor, target: int, rule: Rule) -> Tensor:
    first, second, third = (weight.detach() for weight in net.weights)
    low = first @ sample
    high = second @ torch.where(low > 0, low, 0)
    signal = third[target]
    for fed, weight in ((high, second), (low, first)):
        passed = [
            max(float(s), 0.0) * (1.0 if rule == "deconvnet" or f > 0 else 0.0)
            for s, f in zip(signal, fed, strict=True)
        ]
        signal = weight.T @ torch.tensor(passed, dtype=torch.float64)
    return torch.as_tensor(signal)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_write_a_relu_counts_alike(way: str, rule: Rule) -> None:
    net = Stack(WAYS[way])
    inputs = 0.3 * torch.randn(3, 2, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    kept = inputs.clone()
    found, notes = _ask(net, inputs, rule)
    assert notes == ()
    assert torch.equal(inputs, kept)
    for sample, target, values in zip(inputs, (0, 2, 1), found, strict=True):
        by_hand = _go_back_by_hand(net, sample.flatten(), target, rule).reshape(2, 3)
        assert float((values - by_hand).abs().max()) < 1e-12
    plain = _find_plain(kept[:1])
    assert float((plain - found[0]).abs().max()) > 1e-3, "the rule must matter here"


@pytest.mark.parametrize("rule", RULES)
def test_what_is_no_relu_is_left_as_it_is_and_noted(rule: Rule) -> None:
    smooth: dict[str, ReLU] = {
        "Gelu": F.gelu,
        "Silu": F.silu,
        "Sigmoid": lambda z: z * z.sigmoid(),
        "LeakyRelu": lambda z: F.leaky_relu(z, 0.1),
        "Clamp": lambda z: z.clamp(min=-0.5),
        "Hardtanh": F.hardtanh,
        "Where": lambda z: torch.where(z > 0, z, 0.0),
        "a product with a mask": lambda z: z * (z > 0),
    }
    x = torch.randn(4, 5, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(5, 5, dtype=torch.float64)
    for name, activation in smooth.items():
        hidden = activation(x)
        output = (hidden @ weight).relu()
        with rectified([output], rule) as notes:
            (found,) = torch.autograd.grad(output.sum(), x)
        gate = torch.ones_like(output) if rule == "deconvnet" else ((hidden @ weight) > 0).double()
        (plain,) = torch.autograd.grad(activation(x), x, gate.detach() @ weight.T)
        assert torch.allclose(found, plain, atol=1e-12), name
        assert notes == (f"no ReLU, so the plain gradient went through: {name}",)


def test_relu_of_a_part_and_in_other_types() -> None:
    x = torch.tensor([[2.0, -1.0, 3.0, -4.0]], dtype=torch.float64, requires_grad=True)
    low = (x * 1).to(torch.bfloat16)
    low[:, :2] = low[:, :2].relu()
    output = (low.float() * torch.tensor([1.0, 1.0, -2.0, -3.0])).half().relu()
    with rectified([output], "deconvnet"):
        (found,) = torch.autograd.grad(output.sum(), x)
    assert found.tolist() == [[1.0, 1.0, -2.0, -3.0]]


class _Own(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, z: Tensor) -> Tensor:
        return z.clamp(min=0)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        return grads[0]


@pytest.mark.parametrize(
    ("way", "word"),
    [
        (lambda z: _Own.apply(z), "_OwnBackward"),  # type: ignore[no-untyped-call]
        (lambda z: checkpoint(torch.relu, z, use_reentrant=True), "CheckpointFunctionBackward"),
        (lambda z: checkpoint(lambda y: y.clamp(min=0), z, use_reentrant=False), "checkpoint"),
        (F.gelu, "Gelu \\(2x\\) alone"),
        (lambda z: z.clamp(min=0.1), "Clamp \\(2x\\) alone"),
        (lambda z: torch.maximum(z, torch.full_like(z, 0.1)), "none"),
        (lambda z: z, "none"),
    ],
)
def test_what_cannot_be_seen_into_raises(way: ReLU, word: str) -> None:
    with pytest.raises(InputError, match=word):
        _ask(Stack(way), torch.ones(3, 2, 3, dtype=torch.float64), "guided")


def test_a_scripted_module_raises() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(6, 4), nn.ReLU())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scripted = torch.jit.script(net)
    with pytest.raises(InputError, match="scripted"):
        find_ruled_gradient(Question(scripted, torch.ones(1, 2, 3), torch.tensor([0])), "guided")


def test_a_scripted_function_raises() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scripted = torch.jit.script(lambda_source)
        net = Stack(scripted)
        for _ in range(3):
            net(torch.ones(3, 2, 3, dtype=torch.float64, requires_grad=True))
        with pytest.raises(InputError, match="DifferentiableGraph"):
            _ask(net, torch.ones(3, 2, 3, dtype=torch.float64), "guided")


def lambda_source(z: Tensor) -> Tensor:
    return (z * 2 + z).relu()


def test_nothing_is_left_and_no_graph_raises() -> None:
    x = torch.tensor([-1.0, 2.0], requires_grad=True)
    output = x.relu() * torch.tensor([1.0, -1.0])
    with rectified([output], "deconvnet"):
        pass
    assert torch.autograd.grad(output.sum(), x)[0].tolist() == [0.0, -1.0]
    with pytest.raises(InputError, match="no gradients"), rectified([torch.ones(3)], "guided"):
        pass
