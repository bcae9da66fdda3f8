"""How oneDNN runs each of a convolution's three products, and which copies in its own layout it makes for that."""

from __future__ import annotations

from math import ceil, prod
from typing import NamedTuple

from striate.measure.scratch.buffers import (
    SLACK,
    count_batches,
    count_gathered,
    count_padded_bias,
    count_padded_target,
    count_rows,
)
from striate.measure.scratch.columns import count_source_columns, count_target_columns, count_weight_columns
from striate.measure.scratch.kernels import choose_source, choose_target, choose_weight
from striate.measure.scratch.sharing import count_half_partial, count_partial
from striate.measure.scratch.sizes import Convolution, round_up


class Plan(NamedTuple):
    """How oneDNN runs one of a convolution's three products: bytes of its copies, 0 where it uses the tensor itself.

    `source` is the wide side (a convolution's input), `target` the other; `scratchpad` is freed with the copies.
    `dense` counts the copies made on the way from the library's layout back to torch's.
    """

    source: int
    weight: int
    target: int
    scratchpad: int = 0
    dense: int = 1


def plan_target(size: Convolution) -> Plan:
    """The product that makes the target side: a convolution's forward, a transposed one's input gradient."""
    if size.channels_last:
        batches = 0 if size.groups > 1 else count_batches(size) + count_rows(size)
        return Plan(0, _count_last_weight(size, 1), 0, batches)
    lane, is_last = choose_target(size)
    if is_last:
        return Plan(size.count_side(0), size.count_weight(1, size.block), size.count_side(1), 0, 2)
    if not lane:
        return Plan(0, 0, size.count_side(1), count_target_columns(size))
    weight, source, target = size.count_weight(lane, lane), size.count_side(0, lane), size.count_side(1, lane)
    bias = count_padded_bias(size, lane)
    if size.is_pointwise:
        sums = size.threads * 2 * target // size.batch + SLACK if size.item_bytes == 2 else 0
        return Plan(source, weight, target, bias + count_gathered(size, lane) + sums)
    if not size.is_depthwise and size.channels[0] < (8 if lane == 8 else 16 if size.groups == 1 else 0):
        return Plan(0, size.count_weight(1, lane), target, bias)
    return Plan(source, weight, target, bias)


def plan_source(size: Convolution) -> Plan:
    """The product that makes the source side: a convolution's input gradient, a transposed one's forward.

    With a stride it runs channels-last, whatever torch's layout; two copies are then made on the way back.
    """
    scratchpad = count_batches(size) + (count_padded_target(size) if size.is_strided else 0) + SLACK * size.transposed
    if size.channels_last:
        gradient = SLACK * (not size.is_strided and not size.transposed)
        return Plan(0, _count_last_weight(size, 0), 0, 0 if size.groups > 1 else scratchpad + gradient)
    lane, is_last = choose_source(size)
    source = size.count_side(0, lane or 1)
    biased = source + SLACK if size.transposed and size.bias else 0
    if is_last:
        same = size.channels[0] == 1 or prod(size.source) == 1
        scratchpad += biased * (size.source[-1] % size.stride[-1] > 0)
        return Plan(source, _count_last_weight(size, 0), size.count_side(1), scratchpad, 1 if same else 2)
    if not lane:
        return Plan(source, 0, 0, count_source_columns(size) + biased)
    if size.is_pointwise and size.item_bytes == 2:
        biased += size.threads * 2 * source // size.batch + SLACK
    return Plan(source, size.count_weight(lane, lane), size.count_side(1, lane), biased)


def plan_weight(size: Convolution) -> Plan:
    """The product that makes the weight's gradient; threads that share a block of it each have a copy to be summed."""
    half = size.item_bytes == 2
    lane = choose_weight(size).lane
    if size.channels_last and size.groups > 1 and not (size.is_depthwise and lane):
        blocks = [ceil(count / size.groups / size.block) * size.block for count in size.channels]
        weight = size.groups * prod(blocks) * prod(size.kernel) * size.item_bytes
        images = size.groups * (blocks[0] * prod(size.source) + blocks[1] * prod(size.target)) * size.item_bytes
        return Plan(0, weight, 0, (2 * weight + images) if half else 0)
    if not lane:
        return Plan(0, size.count_weight(), 0, count_weight_columns(size))
    few = size.groups == 1 and not size.is_pointwise and size.channels[0] <= (15 if half else 3)
    few = few and (lane == 16 or size.channels[0] == 3)
    weight = size.count_weight(1 if few else lane, lane)
    gathered = count_gathered(size, lane) if size.is_pointwise else 0
    partial = (count_half_partial if half else count_partial)(size, lane, few, weight)
    bias = count_padded_bias(size, lane)
    return Plan(size.count_side(0, lane) * (not few), weight, size.count_side(1, lane), bias + gathered + partial)


def _count_last_weight(size: Convolution, side: int) -> int:
    """Channels-last kernels block one side's channels, by up to four vectors, and leave the other.

    They take the widest block that pads little; forward, AVX2 takes up to three vectors, padded or not.
    """
    lane, channels = size.block, size.channels[side]
    if size.is_depthwise:
        return size.count_weight(1, lane)
    if size.groups > 1:
        per_group = [count // size.groups for count in size.channels]
        if max(per_group) < lane:
            lane = next((n for n in (8, 4) if n < lane and not any(count % n for count in per_group)), lane)
        return size.count_weight(lane, lane)
    if side and lane == 8:
        return size.count_weight(1, min(round_up(channels, lane), 3 * lane))
    least = max(round_up(channels, lane), 13 * channels // 10)
    wide = next(lane * count for count in (4, 3, 2, 1) if round_up(channels, lane * count) <= least)
    return size.count_weight(1, wide) if side else size.count_weight(wide, 1)
