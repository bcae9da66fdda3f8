"""Layers of a transformer that arrive as one operation, as torch's own do in eval mode where no gradient is asked."""

from __future__ import annotations

from math import prod

from striate.arithmetic import count_attention_multiplies, count_linear_multiplies
from striate.measure.operation import Operation, Value
from striate.measure.reach import Axis, Same, Sources, Whole
from striate.measure.rules.rule import Rule


def count_layer_multiplies(operation: Operation) -> int:
    """The maps of queries, keys and values, both products, the map after them.

    Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2.
    """
    query, key, value, width, heads = operation.arguments[:5]
    tokens = 2 * prod(query.shape[:-1]) + prod(key.shape[:-1]) + prod(value.shape[:-1])
    return count_linear_multiplies(width, width, tokens) + _count_heads(query, key, width // heads, heads)


def _count_heads(query: Value, key: Value, width: int, heads: int) -> int:
    return count_attention_multiplies(query.shape[0], heads, query.shape[1], key.shape[1], width, width)


def count_encoder_multiplies(operation: Operation) -> int:
    """Attention of the tokens to themselves, with its four maps, and the two maps of the feed-forward part.

    Source: Vaswani et al. 2017, arXiv:1706.03762, sections 3.1 to 3.3.
    """
    tokens, width, heads = operation.arguments[:3]
    rows, matrices = prod(tokens.shape[:-1]), [operation.arguments[place] for place in (3, 5, 14, 16)]
    maps = sum(count_linear_multiplies(matrix.shape[1], matrix.shape[0], rows) for matrix in matrices)
    return maps + _count_heads(tokens, tokens, width // heads, heads)


def read_layer(operation: Operation, output: int = 0) -> Sources:
    """A token reads its own query, and all keys and values of its sample; the scores read no values."""
    query, key, value = operation.arguments[:3]
    place = len(operation.outputs[output].shape) - 2
    sources: Sources = [(query, (Same(0), Same(place), Whole())), (key, (Same(0), Whole(), Whole()))]
    if output == 0:
        sources.append((value, (Same(0), Whole(), Whole())))
    weights = [weight for weight in operation.arguments[5 : 9 if output == 0 else 7] if isinstance(weight, Value)]
    sources.extend((weight, tuple(Whole() for _ in weight.shape)) for weight in weights)
    return sources + _read_layer_mask(operation.get(9, "mask"), operation.get(12, "mask_type"), place)


def read_encoder(operation: Operation, output: int = 0) -> Sources:
    """A token reads all tokens of its sample."""
    tokens = operation.arguments[0]
    sources: Sources = [(tokens, (Same(0), Whole(), Whole()))]
    weights = [weight for weight in operation.arguments[1:18] if isinstance(weight, Value)]
    sources.extend((weight, tuple(Whole() for _ in weight.shape)) for weight in weights)
    return sources + _read_layer_mask(operation.get(18, "mask"), operation.get(19, "mask_type"), 1)


def _read_layer_mask(mask: Value | None, kind: int | None, place: int) -> Sources:
    """A mask of pairs (kind 0), of keys (1), or of samples, heads and pairs (2)."""
    if mask is None:
        return []
    pairs: tuple[Axis, Axis] = (Same(place), Whole())
    return [(mask, pairs if kind == 0 else (Same(0), Whole()) if kind == 1 else (Same(0), Whole(), *pairs))]


RULES = {
    "_native_multi_head_attention": Rule("attention", read_layer, count_layer_multiplies),
    "_transformer_encoder_layer_fwd": Rule("encoder", read_encoder, count_encoder_multiplies),
}
