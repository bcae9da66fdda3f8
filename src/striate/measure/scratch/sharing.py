"""How threads share the gradient of a convolution's weight, and the partial sums that they keep for it."""

from __future__ import annotations

from math import ceil, prod
from typing import NamedTuple

from striate.measure.scratch.buffers import PAGE, SLACK
from striate.measure.scratch.sizes import Convolution, round_up

MOST = 1 << 21  # elements that partial sums may take


def count_partial(size: Convolution, lane: int, few: bool, weight: int) -> int:
    """Partial gradients of weight and bias, of threads that share a block, and pages for their barriers."""
    blocks = [ceil(count / size.groups / lane) for count in size.channels]
    if size.is_depthwise:
        batches = min(size.batch, max(1, size.threads // min(blocks[1] * ceil(size.groups / lane), size.threads)))
        return (batches - 1) * (weight + round_up(size.groups, lane) * 4) + 2 * SLACK * (batches > 1)
    bias = round_up(size.channels[1], lane) * 4
    sums = 0
    if size.bias and not size.transposed:
        sums = _count_sums(_balance(size.threads, blocks[1] * size.groups, lane, size.batch, MOST), lane)
    if lane == 8:
        return sums + _count_narrow(size, blocks, few)
    shares = _count_batch_threads(size, lane, (1 if few else blocks[0], blocks[1]), size.channels[0] if few else lane)
    return sums + ((shares - 1) * (weight + bias * (not size.is_pointwise)) + 8320 if shares > 1 else 0)


def count_half_partial(size: Convolution, lane: int, few: bool, weight: int) -> int:
    """With bf16: sums in fp32, of each thread that shares a block, and both sides of its images transposed."""
    bias = round_up(size.channels[1], lane) * 4 * size.bias
    if size.is_depthwise:
        return 2 * weight + bias + 2 * SLACK
    blocks = [ceil(count / size.groups / lane) for count in size.channels]
    shares = _count_batch_threads(size, lane, (1 if few else blocks[0], blocks[1]), size.channels[0] if few else lane)
    sums = shares * (2 * weight + bias) + 8320
    if size.is_pointwise:
        return sums if shares > 1 else sums - 8320 + SLACK
    width = size.source[-1] // size.stride[-1] + 2
    source = 0 if few else size.count_side(0, lane) * width * size.stride[-1] // size.source[-1]
    barriers = 8192 * (shares == 1 and size.threads > 1) + 256
    return sums + shares * (source + size.count_side(1, lane)) // size.batch + barriers


class _Balance(NamedTuple):
    """Groups of threads, threads in each, and the most jobs that a group has."""

    groups: int
    threads: int
    jobs: int


def _balance(threads: int, jobs: int, job: int, work: int, most: int) -> _Balance:
    """Split jobs among groups of threads, and each job's work within its group, for the least time.

    Source: oneDNN 3.12, reduce_balancer_t in src/cpu/x64/cpu_reducer.cpp; `job` and `most` count elements.
    """
    least = max(1, jobs // threads)
    groups = min(jobs // least, threads)
    best, time = _Balance(groups, min(threads // groups, work), ceil(jobs / groups)), jobs * job * work
    for each in sorted({min(jobs // count, jobs - 1) for count in range(1, threads + 1)}):
        if each < least:
            continue
        groups = min(jobs // each, threads)
        split = _Balance(groups, min(threads // groups, work), ceil(jobs / groups))
        if split.threads > 1 and split.jobs > max(1, most // (threads * job)):
            continue
        taken = job * split.jobs * (ceil(work / split.threads) + (split.threads != 1))
        if taken < time:
            best, time = split, taken
    return best


def _count_sums(split: _Balance, job: int) -> int:
    """Sums of all but one thread of each group, and a page per group for their barriers; two pages to align them."""
    if split.threads == 1:
        return 0
    return split.groups * ((split.threads - 1) * split.jobs * job * 4 + PAGE) + 2 * PAGE


def _count_narrow(size: Convolution, blocks: list[int], few: bool) -> int:
    """AVX2: jobs are blocks of the weight; those of a 1x1 are up to 32 by 9 blocks, and every thread has its sums."""
    inner = 1 if few else blocks[0]
    if not size.is_pointwise:
        job = prod(size.kernel) * 8 * (size.channels[0] if few else 8)
        depth = size.target[0] if len(size.target) == 3 else 1
        jobs = size.groups * inner * blocks[1]
        return _count_sums(_balance(size.threads, jobs, job, size.batch * depth, MOST), job)
    wide, high = _shrink(blocks[1], 32), _shrink(inner, 9)
    job, jobs = 64 * wide * high, ceil(blocks[1] / wide) * ceil(inner / high)
    work = size.batch * prod(size.target)
    split = _balance(size.threads, jobs, job, work, size.threads * job * 8)
    return split.groups * (split.threads * split.jobs * job * 4 + PAGE) + PAGE + SLACK if split.threads > 1 else 0


def _shrink(count: int, most: int) -> int:
    """Halve, or take thirds, until no more than so many are left."""
    while count > most and (count % 2 == 0 or count % 3 == 0):
        count //= 2 if count % 2 == 0 else 3
    return count


def _count_batch_threads(size: Convolution, lane: int, blocks: tuple[int, int], first: int) -> int:
    """How many threads split the batch (and height) of a weight gradient: the split with least memory traffic.

    Source: oneDNN 3.12, the balance of jit_avx512_common_conv_bwd_weights and of its 1x1 kin.
    """
    if size.threads < size.groups:
        return 1
    threads, stride = size.threads // size.groups, prod(size.stride)
    planar = not size.is_pointwise and len(size.kernel) == 2 and size.target[0] > 9 and not size.channels_last
    heights = (size.source[0], size.target[0]) if planar and not size.is_dilated else (1, 1)
    if size.is_pointwise:
        heights = (ceil(prod(size.target) / 32),) * 2
    depth = size.target[0] if len(size.kernel) == 3 else max(1, heights[1] // 9)
    depth = heights[1] if size.is_pointwise else depth
    limit = min(threads, size.batch * depth)

    def traffic(split: tuple[int, int, int]) -> int:
        batch, target, source = split
        parts = [
            -(-size.batch * height // batch) * prod(extent) // height
            for height, extent in zip(heights, (size.source, size.target), strict=True)
        ]
        kept = ceil(blocks[1] / target) * lane, ceil(blocks[0] / source) * first
        weight = 12 if size.is_pointwise else 8
        return parts[0] * kept[1] // stride + parts[1] * kept[0] + weight * kept[0] * kept[1] * prod(size.kernel)

    def work(split: tuple[int, int, int]) -> int:
        return -(-size.batch * heights[1] // split[0]) * ceil(blocks[1] / split[1]) * ceil(blocks[0] / split[2])

    splits = [
        (batch, target, min(threads // batch // target, blocks[0]))
        for batch in range(1, limit + 1)
        for target in range(1, min(threads // batch, blocks[1]) + 1)
    ]
    best = (1, 1, 1)
    for split in splits:
        if traffic(split) <= traffic(best):
            best = split
    least, chosen = traffic(best), best
    for split in splits if not size.is_pointwise else []:
        close = work(split) <= work(chosen) and traffic(split) < 1.1 * least
        if close or 4 * work(split) <= 3 * work(chosen):
            chosen = split
    batch = chosen[0]
    depth = 1 if size.is_pointwise else depth
    return min(size.batch * depth, size.threads) if size.threads / 2 < batch < size.threads else batch
