"""Batch norm over several ranks against one process with the whole batch, and against loops over the definition."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.train.together import run_threads
from torch import Tensor, nn

from striate.layers import BatchNormNd
from striate.train.ranks import Ranks
from striate.train.shared_norm import merge, shared_norms

SHAPES = ((7, 3, 4, 5), (5, 2, 6), (9, 4), (4, 2, 2, 3, 2))
KINDS: dict[int, Callable[..., nn.Module]] = {
    2: nn.BatchNorm1d,
    3: nn.BatchNorm1d,
    4: nn.BatchNorm2d,
    5: nn.BatchNorm3d,
}


def draw(shape: tuple[int, ...], seed: int, kind: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).mul(3).add(5).to(kind)


def make_norm(shape: tuple[int, ...], **options: object) -> nn.Module:
    norm = KINDS[len(shape)](shape[1], **options).double()
    for seed, parameter in enumerate(norm.parameters()):
        parameter.data = draw((shape[1],), seed + 10)
    return norm


def weigh(output: Tensor, shape: tuple[int, ...], part: slice) -> Tensor:
    """A loss in which each output counts differently and not linearly."""
    return (output.sin() * draw(shape, 3)[part]).sum()


def learn_together(norm: nn.Module, inputs: Tensor, count: int, passes: int = 1) -> list[tuple[Tensor, ...]]:
    """For each rank: outputs, the inputs' gradients, those of the parameters, the buffers."""

    def work(ranks: Ranks) -> tuple[Tensor, ...]:
        own, part = copy.deepcopy(norm), ranks.take(len(inputs))
        mine = inputs[part].clone().requires_grad_()
        with shared_norms(own, ranks):
            for _ in range(passes):
                own.zero_grad()
                mine.grad = None
                output = own(mine)
                weigh(output, tuple(inputs.shape), part).backward()  # type: ignore[no-untyped-call]
        ranks.add_up_gradients(own.parameters())
        assert mine.grad is not None
        gradients = [value.grad for value in own.parameters() if value.grad is not None]
        return (output.detach(), mine.grad, *gradients, *own.buffers())

    return run_threads(work, count)


def learn_alone(norm: nn.Module, inputs: Tensor, passes: int = 1) -> tuple[Tensor, ...]:
    own, whole = copy.deepcopy(norm), inputs.clone().requires_grad_()
    for _ in range(passes):
        own.zero_grad()
        whole.grad = None
        output = own(whole)
        weigh(output, tuple(inputs.shape), slice(None)).backward()  # type: ignore[no-untyped-call]
    assert whole.grad is not None
    gradients = [value.grad for value in own.parameters() if value.grad is not None]
    return (output.detach(), whole.grad, *gradients, *own.buffers())


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("options", [{}, {"affine": False}, {"momentum": None}, {"track_running_stats": False}])
def test_against_one_process_with_the_whole_batch(
    shape: tuple[int, ...], count: int, options: dict[str, object]
) -> None:
    norm, inputs = make_norm(shape, **options), draw(shape, 0)
    found, needed = learn_together(norm, inputs, count, passes=2), learn_alone(norm, inputs, passes=2)
    for index, value in enumerate(needed):
        for rank, values in enumerate(found):
            part = slice(rank * len(inputs) // count, (rank + 1) * len(inputs) // count) if index < 2 else slice(None)
            assert len(values) == len(needed)
            torch.testing.assert_close(values[index], value[part] if index < 2 else value, rtol=1e-10, atol=1e-10)


def test_against_loops_over_the_definition() -> None:
    shape = (5, 2, 3)
    norm, inputs = make_norm(shape, momentum=0.3), draw(shape, 1)
    found = learn_together(norm, inputs, 2)
    outputs = torch.cat([values[0] for values in found])
    for channel in range(2):
        values = [float(inputs[i, channel, j]) for i in range(5) for j in range(3)]
        mean = sum(values) / 15
        variance = sum((value - mean) ** 2 for value in values) / 15
        weight, bias = (float(each.detach()[channel]) for each in norm.parameters())
        for i in range(5):
            for j in range(3):
                expected = (float(inputs[i, channel, j]) - mean) / (variance + 1e-5) ** 0.5 * weight + bias
                assert float(outputs[i, channel, j]) == pytest.approx(expected, rel=1e-9)
        for *_, running_mean, running_variance, batches in found:
            assert float(running_mean[channel]) == pytest.approx(0.3 * mean)
            assert float(running_variance[channel]) == pytest.approx(0.7 + 0.3 * variance * 15 / 14)
            assert int(batches) == 1


def test_the_gradient_is_the_slope() -> None:
    """Central differences of the loss of all ranks together, by inputs on either rank."""
    shape, step = (4, 2, 2), 1e-5
    norm, inputs = make_norm(shape), draw(shape, 2)
    gradients = torch.cat([values[1] for values in learn_together(norm, inputs, 2)])

    def lose(inputs: Tensor) -> float:
        outputs = torch.cat([values[0] for values in learn_together(norm, inputs, 2)])
        return float(weigh(outputs, shape, slice(None)))

    for place in ((0, 0, 1), (1, 1, 0), (3, 0, 0)):
        above, below = inputs.clone(), inputs.clone()
        above[place] += step
        below[place] -= step
        assert float(gradients[place]) == pytest.approx((lose(above) - lose(below)) / (2 * step), rel=1e-5)


@given(st.lists(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=6), min_size=1, max_size=4))
@settings(max_examples=50)
def test_merging_parts_is_describing_the_whole(parts: list[list[float]]) -> None:
    tensors = [torch.tensor(part, dtype=torch.float64) for part in parts]
    counts = torch.tensor([[float(len(part))] for part in parts], dtype=torch.float64)
    means = torch.stack([part.mean() for part in tensors])[:, None]
    variances = torch.stack([part.var(correction=0) for part in tensors])[:, None]
    count, mean, variance = merge(counts, means, variances)
    whole = [value for part in parts for value in part]
    centre = sum(whole) / len(whole)
    spread = sum((value - centre) ** 2 for value in whole) / len(whole)
    assert int(count) == len(whole)
    assert float(mean) == pytest.approx(centre, abs=1e-9)
    assert float(variance) == pytest.approx(spread, rel=1e-9, abs=1e-6)


def test_values_far_from_zero_keep_their_digits() -> None:
    """Sums of squares would lose all of them in fp32."""
    inputs = (draw((8, 2, 4, 4), 5) * 1e-3 + 1000).float()
    norm = nn.BatchNorm2d(2, eps=1e-12)
    outputs = torch.cat([values[0] for values in learn_together(norm, inputs, 2)])
    exact = copy.deepcopy(norm).double()(inputs.double())
    assert float((outputs - exact).detach().abs().max()) < 0.05


def test_bf16_goes_in_and_comes_out() -> None:
    norm, inputs = nn.BatchNorm2d(3), draw((6, 3, 4, 4), 6).bfloat16()
    found = learn_together(norm, inputs, 2)
    exact = learn_alone(norm, inputs.float())
    assert found[0][0].dtype == found[0][1].dtype == torch.bfloat16
    assert found[0][2].dtype == torch.float32
    torch.testing.assert_close(torch.cat([values[0] for values in found]).float(), exact[0], rtol=0.02, atol=0.02)
    torch.testing.assert_close(found[0][-3], exact[-3], rtol=1e-5, atol=1e-5)


def test_many_axes() -> None:
    inputs = draw((4, 2, 2, 3, 2, 2), 7)
    norm = BatchNormNd(2).double()
    outputs = torch.cat([values[0] for values in learn_together(norm, inputs, 2)])
    torch.testing.assert_close(outputs, copy.deepcopy(norm)(inputs))


def test_eval_and_one_rank_stay_as_they_are() -> None:
    norm, inputs = make_norm((4, 2, 3)), draw((4, 2, 3), 8)
    with shared_norms(norm, Ranks()):
        assert "forward" not in vars(norm)
    norm.eval()
    expected = norm(inputs)

    def work(ranks: Ranks) -> Tensor:
        own = copy.deepcopy(norm)
        with shared_norms(own, ranks):
            result: Tensor = own(inputs[ranks.take(4)])
        assert "forward" not in vars(own)
        return result

    assert torch.equal(torch.cat(run_threads(work, 2)), expected)
