"""Scaled dot-product attention in one operation, whichever kernel does it."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from striate.arithmetic import Window, count_attention_multiplies, count_matrix_multiplies
from striate.measure.operation import Operation, Value
from striate.measure.reach import Axis, Digit, Only, Reach, Same, Slide, Sources, Whole
from striate.measure.rules.rule import Rule, read_everything, spread


@dataclass(frozen=True)
class Kernel:
    """Where a kernel takes its arguments; query, key and value come first in all of them."""

    causal: int
    mask: int | None


KERNELS = {
    "_scaled_dot_product_flash_attention_for_cpu": Kernel(4, None),
    "_scaled_dot_product_flash_attention": Kernel(4, None),
    "_scaled_dot_product_efficient_attention": Kernel(6, 3),
    "_scaled_dot_product_cudnn_attention": Kernel(6, 3),
    "_scaled_dot_product_fused_attention_overrideable": Kernel(5, 3),
    "_scaled_dot_product_attention_math_for_mps": Kernel(5, 3),
}
FUSED = tuple(name for name in KERNELS if "math" not in name)


def _count(query: Value, key: Value, value: Value) -> int:
    queries, keys = query.shape[-2], key.shape[-2]
    heads = prod(query.shape[:-2])
    return count_attention_multiplies(1, heads, queries, keys, query.shape[-1], value.shape[-1])


def count_multiplies(operation: Operation) -> int:
    """Both products, for every query head; masked pairs count, as do heads that share keys and values.

    Source: Vaswani et al. 2017, arXiv:1706.03762, equation 1.
    """
    query, key, value = operation.arguments[:3]
    return _count(query, key, value)


def count_backward_multiplies(operation: Operation) -> int:
    """Five products: the scores anew, and two for each product of the forward pass; all gradients are always made.

    With equal widths that is 2.5 times the forward pass; attention from single operations keeps its scores and takes 2.

    Source: Dao et al. 2022, arXiv:2205.14135, algorithm 4.
    """
    query, key, value = operation.arguments[1:4]
    scores = count_matrix_multiplies(query.shape[-2], query.shape[-1], key.shape[-2], prod(query.shape[:-2]))
    return scores + 2 * _count(query, key, value)


def read(operation: Operation, output: int = 0) -> Sources:
    """A query reads itself, and all keys and values of its head; those up to its own place if it is causal.

    The second output, the scores' sums or the scores, reads no values; what comes after it reads nothing.
    """
    query, key, value = operation.arguments[:3]
    if output > 1:
        return []
    kernel = KERNELS[operation.name]
    shape = (*query.shape[:-1], value.shape[-1])
    last, keys = len(shape) - 1, _read_keys(operation, kernel, query, key)
    sources: Sources = [
        (query, (*_read_heads(query, shape), Same(last - 1), Whole())),
        (key, (*_read_heads(key, shape), keys, Whole())),
    ]
    if output == 0:
        sources.append((value, (*_read_heads(value, shape), keys, Same(last))))
    mask = operation.keywords.get("attn_mask") if kernel.mask is None else operation.get(kernel.mask, "attn_mask")
    if isinstance(mask, Value):
        sources.append((mask, _read_mask(mask, shape, key.shape[-2])))
    return sources


def _read_keys(operation: Operation, kernel: Kernel, query: Value, key: Value) -> Axis:
    """Causal: query i reads keys 0 to i, which is a window as long as the longer of both, padded in front."""
    if not operation.get(kernel.causal, "is_causal", False):
        return Whole()
    longest = max(query.shape[-2], key.shape[-2])
    return Slide(len(query.shape) - 2, Window(longest, before=longest - 1, after=0))


def _read_heads(value: Value, shape: tuple[int, ...]) -> Reach:
    """All axes but the last two; where there are fewer heads than queries have, consecutive ones share."""
    shift = len(shape) - len(value.shape)
    return tuple(
        Same(axis + shift)
        if extent == shape[axis + shift]
        else Digit(axis + shift, shape[axis + shift] // extent, extent)
        for axis, extent in enumerate(value.shape[:-2])
    )


def _read_mask(mask: Value, shape: tuple[int, ...], keys: int) -> Reach:
    reach = spread(mask, (*shape[:-1], keys))
    return (*reach[:-1], Only(range(1)) if mask.shape[-1] == 1 else Whole())


RULES = {
    **{name: Rule("attention", read, count_multiplies) for name in KERNELS},
    **{f"{name}_backward": Rule("gradient", read_everything, count_backward_multiplies) for name in FUSED},
}
