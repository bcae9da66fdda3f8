from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from tests.explain.relevance.twin import propagate, share_positive, share_signed, write_matrix
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.hooks import untouched
from striate.explain.methods.lrp import describe_kept, explain_lrp
from striate.explain.question import Answer, Question

CONVS = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
NORMS = {1: nn.BatchNorm1d, 2: nn.BatchNorm2d, 3: nn.BatchNorm3d}
MAXIMA = {1: nn.MaxPool1d, 2: nn.MaxPool2d, 3: nn.MaxPool3d}
MEANS = {1: nn.AvgPool1d, 2: nn.AvgPool2d, 3: nn.AvgPool3d}


def stir(module: nn.Module) -> nn.Module:
    """Random figures in the norms, of either sign, so that folding them is put to the test."""
    for part in module.modules():
        if isinstance(part, nn.modules.batchnorm._BatchNorm):
            for tensor in (part.weight, part.bias, part.running_mean):
                nn.init.normal_(tensor)  # type: ignore[arg-type]
            nn.init.uniform_(part.running_var, 0.5, 2.0)  # type: ignore[arg-type]
    return module.double().eval()


def make_row(axes: int, activation: type[nn.Module] = nn.ReLU) -> nn.Sequential:
    torch.manual_seed(axes)
    extent = {1: 12, 2: 7, 3: 6}[axes]
    row = nn.Sequential(
        *(CONVS[axes](2, 3, 3, padding=1), NORMS[axes](3), activation(), MAXIMA[axes](2)),
        *(CONVS[axes](3, 4, 2, groups=1, stride=1, bias=True), activation(), MEANS[axes](2, ceil_mode=True)),
        *(nn.Flatten(), nn.LazyLinear(5), nn.BatchNorm1d(5), nn.Tanh(), nn.Linear(5, 3)),
    )
    row.eval()(torch.zeros(1, 2, *[extent] * axes))
    row.inputs = torch.randn(3, 2, *[extent] * axes).double()
    stir(row)
    return row


def ask(module: nn.Module, inputs: Tensor, target: int = 1, **options: Any) -> Answer:
    question = Question(module, inputs, torch.full((len(inputs),), target), **options)
    with untouched(module):
        return explain_lrp(question)


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("activation", [nn.ReLU, nn.GELU])
def test_matrices_written_out_give_the_same(axes: int, activation: type[nn.Module]) -> None:
    row = make_row(axes, activation)
    inputs = row.inputs
    assert isinstance(inputs, Tensor)
    values = ask(row, inputs).values
    for x, found in zip(inputs, values, strict=True):
        last = propagate(row, x, 1)[-1].reshape(2, *x.shape[1:]).sum(0)
        assert np.abs(found.numpy() - last).max() <= 1e-10 * np.abs(last).max()


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_relevance_is_conserved_layer_by_layer(axes: int) -> None:
    row = make_row(axes)
    inputs = row.inputs
    assert isinstance(inputs, Tensor)
    scores = row(inputs)[:, 1].detach().numpy()
    for x, score in zip(inputs, scores, strict=True):
        for relevance in propagate(row, x, 1):
            assert relevance.sum() == pytest.approx(score, rel=1e-9)
    sums = ask(row, inputs).values.flatten(1).sum(1).numpy()
    np.testing.assert_allclose(sums, scores, rtol=1e-9)


class Residual(nn.Module):
    """All of it by functions, in place where that may be, with a skip, a gate and a module that is used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv1d(2, 3, 3, padding=1)
        self.again = nn.Conv1d(3, 3, 3, padding=1)
        self.last = nn.Linear(6, 4)

    def forward(self, input: Tensor) -> Tensor:
        x = F.relu(self.first(input), inplace=True)
        y = self.again(x)
        y += x
        y.relu_()
        z = self.again(y).clamp_(min=0)
        z = z * torch.sigmoid(z.mean(2, keepdim=True))
        both: Tensor = self.last(torch.cat([z.amax(2), y[:, :, 1]], 1))
        return both


def test_branches_written_out_give_the_same() -> None:
    torch.manual_seed(0)
    net = Residual().double()
    x = torch.randn(1, 2, 6).double()
    found = ask(net, x, 2).values[0]

    def flat(tensor: Tensor) -> np.ndarray[Any, np.dtype[np.float64]]:
        return tensor.detach().flatten().numpy()

    first = write_matrix(lambda one: F.conv1d(one, net.first.weight, padding=1), (2, 6))
    again = write_matrix(lambda one: F.conv1d(one, net.again.weight, padding=1), (3, 6))
    a = net.first(x).relu()
    b = (net.again(a) + a).relu()
    c = net.again(b).relu()
    gated = c * c.mean(2, keepdim=True).sigmoid()
    joined = torch.cat([gated.amax(2), b[:, :, 1]], 1)
    score = net.last(joined)[0, 2].detach()
    weights = net.last.weight[2:3].detach().numpy()
    at_joined = share_signed(weights, flat(joined), flat(score), flat(score))
    at_c, at_b = np.zeros((3, 6)), np.zeros((3, 6))
    at_c[range(3), gated[0].argmax(1)] = at_joined[:3]
    at_b[:, 1] = at_joined[3:]
    at_b = at_b.ravel() + share_positive(again, flat(b), at_c.ravel())
    meeting = np.concatenate([np.eye(18), np.eye(18)], 1)
    parts = np.concatenate([flat(net.again(a)), flat(a)])
    at_parts = share_signed(meeting, parts, at_b, meeting @ parts)
    at_a = at_parts[18:] + share_positive(again, flat(a), at_parts[:18])
    expected = share_positive(first, flat(x), at_a).reshape(2, 6).sum(0)
    assert np.abs(found.numpy() - expected).max() <= 1e-10 * np.abs(expected).max()


def test_a_batch_gives_what_its_samples_give() -> None:
    row = make_row(2).float()
    inputs = torch.randn(5, 2, 7, 7)
    together = ask(row, inputs, rows=2).values
    alone = torch.cat([ask(row, one[None]).values for one in inputs])
    torch.testing.assert_close(together, alone, rtol=1e-5, atol=1e-6 * float(alone.abs().max()))
    assert together.dtype == torch.float32


class Written(nn.Module):
    def __init__(self, act: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.conv, self.head, self.act = nn.Conv1d(2, 4, 3), nn.Linear(24, 3), act

    def forward(self, input: Tensor) -> Tensor:
        scores: Tensor = self.head(self.act(self.conv(input)).flatten(1))
        return scores


WAYS: list[Callable[[Tensor], Tensor]] = [
    nn.ReLU(),
    nn.ReLU(True),
    F.relu,
    torch.relu,
    torch.relu_,
    lambda x: F.relu(x, True),
    lambda x: x.relu(),
    lambda x: x.clamp(min=0),
    lambda x: x.clamp_(0),
    lambda x: torch.clamp_min(x, 0),
    lambda x: torch.maximum(x, torch.zeros_like(x)),
    lambda x: torch.where(x > 0, x, 0.0),
    lambda x: F.threshold(x, 0.0, 0.0),
]


@pytest.mark.parametrize("way", WAYS)
def test_a_relu_is_one_however_it_is_written(way: Callable[[Tensor], Tensor]) -> None:
    x = torch.randn(2, 2, 8, generator=torch.Generator().manual_seed(0))
    expected = ask(Written(nn.ReLU()), x).values
    assert torch.allclose(ask(Written(way), x).values, expected, rtol=1e-5, atol=1e-7)
    assert float(expected.abs().max()) > 1e-3


def test_a_softmax_at_the_end_is_left_out_and_told() -> None:
    row = make_row(1)
    inputs = row.inputs
    assert isinstance(inputs, Tensor)
    found = ask(nn.Sequential(*row, nn.Softmax(1)), inputs)
    torch.testing.assert_close(found.values, ask(row, inputs).values)
    assert any("softmax" in note for note in found.notes)


def test_what_constants_keep_is_told() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv1d(1, 4, 3), nn.Sigmoid(), nn.Flatten(), nn.Linear(16, 2)).double()
    x = torch.randn(1, 1, 6).double()
    found = ask(net, x)
    kept = 1 - float(found.values.sum()) / float(net(x).detach()[0, 1])
    assert abs(kept) > 0.01
    assert found.notes == (describe_kept(torch.tensor([kept])),)


class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, input: Tensor) -> Tensor:
        return 2 * input

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return 2 * gradient


def run_blind(x: Tensor) -> Tensor:
    with torch.no_grad():
        return F.relu(x)


class Same(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, input: Tensor) -> Tensor:
        return input.view_as(input)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return gradient


class Numeric(torch.autograd.Function):
    """By way of numpy, which torch doesn't see."""

    @staticmethod
    def forward(ctx: Any, input: Tensor) -> Tensor:
        with torch._C.DisableTorchFunction():
            return torch.from_numpy(np.sinh(input.numpy()))

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return gradient


REFUSED: list[tuple[Callable[[Tensor], Tensor], str]] = [
    (Twice.apply, "mul.*autograd function"),
    (Same.apply, "Same"),
    (Numeric.apply, "Numeric"),
    (lambda x: Numeric.apply(x).flatten(1), "Numeric"),  # type: ignore[no-untyped-call]
    (lambda x: x.index_put((torch.tensor([0]),), x[0], accumulate=True), "index_put"),
    (lambda x: torch.where(x > 0, x, x * x.softmax(1)), "softmax"),
    (lambda x: x - torch.logsumexp(x, 2, keepdim=True), "logsumexp"),
    (lambda x: torch.fft.rfft(x, 10).real, "fft"),
    (lambda x: x @ x.transpose(1, 2) @ x, "attention"),
    (lambda x: x.softmax(2) * x, "softmax"),
    (lambda x: x + x.detach(), "detach"),
    (lambda x: x + x.data, "data"),
    (run_blind, "gradients are switched off"),
    (lambda x: x.log(), "log"),
    (lambda x: F.interpolate(x[..., None], (6, 1), mode="bicubic")[..., 0], "bicubic"),
]


@pytest.mark.parametrize(("act", "named"), REFUSED)
def test_what_has_no_rule_is_refused_by_name_and_layer(act: Callable[[Tensor], Tensor], named: str) -> None:
    class Part(nn.Module):
        def forward(self, input: Tensor) -> Tensor:
            return act(input)

    net = Written(Part())
    with pytest.raises(InputError, match=named) as caught:
        ask(net, torch.rand(1, 2, 8))
    assert "layer act:" in str(caught.value)


@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")
def test_scripted_code_is_refused() -> None:
    with pytest.raises(InputError, match="layer act: found scripted"):
        ask(Written(torch.jit.script(nn.ReLU())), torch.rand(1, 2, 8))


@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")
def test_a_scripted_function_is_refused() -> None:
    traced = torch.jit.trace(F.gelu, torch.rand(1))  # type: ignore[no-untyped-call]
    with pytest.raises(InputError, match="no rule"):
        ask(Written(traced), torch.rand(1, 2, 8))


class Holding(nn.Module):
    def __init__(self, held: nn.Module) -> None:
        super().__init__()
        self._orig_mod = held

    def forward(self, input: Tensor) -> Tensor:
        return torch.add(self._orig_mod(input), 0)


def test_compiled_and_parallel_code_is_refused() -> None:
    for net, named in ((Holding(Written(F.relu)), "compiled"), (nn.DataParallel(Written(F.relu)), "parallel")):
        with pytest.raises(InputError, match=named):
            ask(net, torch.rand(1, 2, 8))


def test_a_score_that_hangs_on_the_input_by_a_choice_alone_is_refused() -> None:
    class Switch(nn.Module):
        def forward(self, input: Tensor) -> Tensor:
            return torch.where(input.flatten(1)[:, :1] > 0, torch.tensor([[1.0, 2.0]]), torch.tensor([[2.0, 1.0]]))

    with pytest.raises(InputError, match="occlusion"):
        ask(Switch(), torch.rand(1, 2, 8))


def test_scores_that_are_not_finite_are_refused() -> None:
    with pytest.raises(InputError, match="finite"):
        ask(Written(F.relu), torch.full((1, 2, 8), float("nan")))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_rounding_is_not_told_as_a_bias(dtype: torch.dtype) -> None:
    found = ask(Written(F.relu).to(dtype), torch.rand(2, 2, 8).to(dtype))
    assert found.notes == ("each map's sum is its score",)
    assert found.values.dtype == dtype


def test_a_network_that_cuts_the_way_to_its_input_is_refused() -> None:
    class Cut(nn.Module):
        def forward(self, input: Tensor) -> Tensor:
            return torch.tensor([[1.0, 2.0]]) + 0 * len(input)

    with pytest.raises(InputError, match="occlusion"):
        ask(Cut(), torch.rand(1, 2, 8))


def test_a_network_that_never_answers_alike_is_refused() -> None:
    class Random(Written):
        def forward(self, input: Tensor) -> Tensor:
            return super().forward(input) * torch.rand(1)

    with pytest.raises(InputError, match="random"):
        ask(Random(F.relu), torch.rand(1, 2, 8))


def test_whole_numbers_are_refused() -> None:
    with pytest.raises(InputError, match=r"torch.int64"):
        ask(nn.Embedding(3, 2), torch.zeros(1, 4, dtype=torch.int64))


def test_an_overwritten_input_is_refused() -> None:
    class Overwriting(Written):
        def forward(self, input: Tensor) -> Tensor:
            x = self.conv(input)
            y: Tensor = self.head(x.flatten(1))
            x.mul_(2)
            return torch.add(y, x.mean())

    with pytest.raises(InputError, match="in place"):
        ask(Overwriting(F.relu), torch.rand(1, 2, 8))
