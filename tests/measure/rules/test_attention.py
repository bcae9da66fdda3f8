from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from tests.measure.rules.attending import attend, mix
from tests.measure.rules.counting import Scaled, Tally, count, list_names, run
from tests.measure.rules.support import Call, check_reach
from torch import Tensor

from striate.measure.rules.attention import FUSED, KERNELS, RULES

aten = torch.ops.aten
# What each kernel is called with; those of CUDA run without memory alone.
CALLS: dict[str, Callable[..., Any]] = {
    "_scaled_dot_product_flash_attention_for_cpu": lambda q, k, v: F.scaled_dot_product_attention(q, k, v),
    "_scaled_dot_product_flash_attention": lambda q, k, v: aten._scaled_dot_product_flash_attention(q, k, v)[0],
    "_scaled_dot_product_efficient_attention": lambda q, k, v: aten._scaled_dot_product_efficient_attention(
        q, k, v, None, True
    )[0],
    "_scaled_dot_product_cudnn_attention": lambda q, k, v: aten._scaled_dot_product_cudnn_attention(
        q, k, v, None, True
    )[0],
    "_scaled_dot_product_fused_attention_overrideable": (
        lambda q, k, v: aten._scaled_dot_product_fused_attention_overrideable(q, k, v)[0]
    ),
}
CAUSAL: dict[str, Callable[..., Any]] = {
    "_scaled_dot_product_flash_attention_for_cpu": lambda q, k, v: F.scaled_dot_product_attention(
        q, k, v, is_causal=True
    ),
    "_scaled_dot_product_flash_attention": lambda q, k, v: aten._scaled_dot_product_flash_attention(q, k, v, 0.0, True)[
        0
    ],
    "_scaled_dot_product_efficient_attention": lambda q, k, v: aten._scaled_dot_product_efficient_attention(
        q, k, v, None, True, 0.0, True
    )[0],
    "_scaled_dot_product_cudnn_attention": lambda q, k, v: aten._scaled_dot_product_cudnn_attention(
        q, k, v, None, True, 0.0, True
    )[0],
    "_scaled_dot_product_fused_attention_overrideable": lambda q, k, v: (
        aten._scaled_dot_product_fused_attention_overrideable(q, k, v, None, 0.0, True)[0]
    ),
}


@pytest.mark.parametrize(
    "shapes",
    [
        ((2, 3, 4, 5), (2, 3, 4, 5), (2, 3, 4, 5)),
        ((2, 3, 4, 5), (2, 3, 7, 5), (2, 3, 7, 5)),
        ((2, 4, 3, 5), (2, 2, 6, 5), (2, 2, 6, 5)),
        ((1, 2, 3, 5), (1, 2, 4, 5), (1, 2, 4, 6)),
    ],
    ids=["self", "cross", "grouped", "wide values"],
)
def test_both_products_of_every_query_head_are_counted(shapes: tuple[tuple[int, ...], ...]) -> None:
    query, key, value = inputs = [torch.rand(shape) for shape in shapes]
    tally = Tally()
    made = attend(query, key, value, tally)

    def function(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        return F.scaled_dot_product_attention(query, key, value, enable_gqa=True)

    assert torch.allclose(made, function(*inputs), atol=1e-5)
    assert count(run(function, *shapes)) == tally.count


@pytest.mark.parametrize(
    "options", [{"is_causal": True}, {"dropout_p": 0.5}, {"attn_mask": torch.zeros(4, 4)}], ids=str
)
@pytest.mark.parametrize("backward", [True, False])
def test_whichever_way_attention_is_done_it_multiplies_as_much(options: dict[str, Any], backward: bool) -> None:
    """Masked pairs count; dropout and a mask that takes gradients make torch choose single operations."""
    shapes = [(2, 3, 4, 8)] * 3
    plain = count(run(F.scaled_dot_product_attention, *shapes))
    function = Scaled(lambda q, k, v: F.scaled_dot_product_attention(q, k, v, **options))
    assert count(run(function, *shapes, backward=backward, mode="train")) == plain


def attend_backward(inputs: list[Tensor], gradient: Tensor, tally: Tally) -> list[Tensor]:
    """The gradients as a kernel that kept no scores finds them: five products for each head."""
    query, key, value = inputs
    made = [torch.zeros_like(each) for each in inputs]
    scale = query.shape[-1] ** -0.5
    for sample in range(query.shape[0]):
        for head in range(query.shape[1]):
            q, k, v, d = (each[sample, head] for each in (query, key, value, gradient))
            weights = (tally.multiply(q, k.T) * scale).softmax(-1)
            passed = tally.multiply(d, v.T)
            scores = weights * (passed - (weights * passed).sum(-1, keepdim=True)) * scale
            made[0][sample, head] = tally.multiply(scores, k)
            made[1][sample, head] = tally.multiply(scores.T, q)
            made[2][sample, head] = tally.multiply(weights.T, d)
    return made


def test_backward_of_fused_attention_is_five_products() -> None:
    shapes = ((2, 3, 4, 5), (2, 3, 7, 5), (2, 3, 7, 5))
    inputs = [torch.rand(shape, requires_grad=True) for shape in shapes]
    gradient, tally = torch.rand(2, 3, 4, 5), Tally()
    made = attend_backward([value.detach() for value in inputs], gradient, tally)
    wanted = torch.autograd.grad(F.scaled_dot_product_attention(inputs[0], inputs[1], inputs[2]), inputs, gradient)
    assert all(torch.allclose(mine, torchs, atol=1e-5) for mine, torchs in zip(made, wanted, strict=True))
    traced = run(F.scaled_dot_product_attention, *shapes, backward=True)
    assert count(traced, "backward") == tally.count
    assert 2 * count(traced) < count(traced, "backward") < 3 * count(traced)


def test_backward_of_attention_from_single_operations_is_twice_the_forward() -> None:
    def attend_plainly(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        return (query @ key.transpose(-1, -2)).softmax(-1) @ value

    shapes = ((2, 3, 4, 5), (2, 3, 7, 5), (2, 3, 7, 6))
    traced = run(attend_plainly, *shapes, backward=True)
    assert count(traced, "backward") == 2 * count(traced)
    assert count(traced) == count(run(F.scaled_dot_product_attention, *shapes))


@pytest.mark.parametrize("name", CALLS)
def test_kernels_count_alike(name: str) -> None:
    shapes = ((2, 3, 4, 8), (2, 3, 4, 8), (2, 3, 4, 8))
    traced = [run(kernel, *shapes, backward=True) for kernel in (CALLS[name], F.scaled_dot_product_attention)]
    assert name in list_names(traced[0])
    assert f"{name}_backward" in list_names(traced[0], "backward")
    assert count(traced[0]) == count(traced[1])
    assert count(traced[0], "backward") == count(traced[1], "backward")


def test_every_kernel_is_tried() -> None:
    assert set(FUSED) == set(CALLS) == set(CAUSAL)
    assert {f"{name}_backward" for name in FUSED} < set(RULES)


def test_every_layout_is_torchs_own() -> None:
    for name, kernel in KERNELS.items():
        arguments = [argument.name for argument in getattr(aten, name).default._schema.arguments]
        assert arguments[:3] == ["query", "key", "value"]
        assert arguments[kernel.causal] == "is_causal"
        assert kernel.mask is None or arguments[kernel.mask] in ("attn_mask", "attn_bias")


@pytest.mark.parametrize("name", CALLS)
def test_a_query_reads_itself_and_all_keys_of_its_head(name: str) -> None:
    check_reach(CALLS[name], (2, 2, 3, 8), (2, 2, 4, 8), (2, 2, 4, 8), twin=mix)


@pytest.mark.parametrize("name", CAUSAL)
@pytest.mark.parametrize("lengths", [(3, 3), (2, 4), (4, 2)], ids=str)
def test_causal_attention_reads_no_later_key(name: str, lengths: tuple[int, int]) -> None:
    queries, keys = lengths
    twin = Call(lambda q, k, v: mix(q, k, v, causal=True))
    check_reach(CAUSAL[name], (1, 2, queries, 8), (1, 2, keys, 8), (1, 2, keys, 8), twin=twin)


def test_grouped_queries_read_their_own_group() -> None:
    def attend_grouped(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        return F.scaled_dot_product_attention(query, key, value, enable_gqa=True)

    check_reach(attend_grouped, (1, 4, 2, 4), (1, 2, 3, 4), (1, 2, 3, 4), twin=mix)


@pytest.mark.parametrize("shape", [(3, 4), (2, 1, 3, 4), (1, 2, 1, 4), (3, 1)], ids=str)
def test_a_mask_is_read_row_by_row(shape: tuple[int, ...]) -> None:
    def attend_masked(query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> Any:
        return aten._scaled_dot_product_efficient_attention(query, key, value, mask, True)[0]

    check_reach(attend_masked, (2, 2, 3, 4), (2, 2, 4, 4), (2, 2, 4, 4), shape, twin=mix)
