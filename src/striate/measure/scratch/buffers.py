"""oneDNN's scratchpads inside a convolution: padded biases, lists of small products, gathered rows, columns."""

from __future__ import annotations

from math import prod

from striate.measure.scratch.sizes import Convolution, round_up

PAGE = 4096  # oneDNN keeps threads' buffers on pages of their own
SLACK = 128  # what aligning one small buffer in a scratchpad costs


def count_padded_bias(size: Convolution, lane: int) -> int:
    """A bias whose channels don't fill whole blocks is copied to a padded one."""
    channels = size.channels[1]
    if not size.bias or size.transposed or channels % lane == 0 or lane < 8:
        return 0
    return round_up(channels, lane) * size.item_bytes + SLACK


def count_batches(size: Convolution) -> int:
    """Lists of small products: a page per thread, one to align them."""
    return (size.threads + 1) * PAGE + 48


def count_rows(size: Convolution) -> int:
    """One channel, channels-last, AVX512: each thread copies rows once per kernel tap; their number is fitted."""
    if size.block < 16 or size.channels[0] > 1 or prod(size.kernel) == 1 or len(size.kernel) > 2:
        return 0
    taps, stride = prod(size.kernel), size.stride[0]
    rows = stride * (size.kernel[0] - 1 + 2 * (stride - 1)) + size.kernel[0]
    buffer = round_up(taps * rows * (size.source[-1] + size.kernel[-1] - 1), PAGE) * size.item_bytes
    weight = round_up(round_up(size.channels[1], size.block) * taps, 1024) * size.item_bytes
    return size.threads * (buffer + PAGE) + weight + 3 * PAGE


def count_gathered(size: Convolution, lane: int) -> int:
    """A strided 1x1 first gathers, per thread, the positions of one image that it uses."""
    image = round_up(size.channels[0], lane) * prod(size.target) * size.item_bytes
    return size.threads * image + SLACK if size.is_strided else 0


def count_padded_target(size: Convolution) -> int:
    """Strided source product: per thread one image of the target side, padded by what the kernel reaches over."""
    extent = 1
    sizes = zip(size.source, size.target, size.kernel, size.stride, size.padding, strict=True)
    for source, target, kernel, stride, padding in sizes:
        after = (target - 1) * stride + kernel - source - padding
        extent *= target + max(0, kernel - 1 - padding) // stride + max(0, kernel - 1 - after) // stride
    image = round_up(extent * size.channels[1], PAGE) * size.item_bytes
    uneven = size.source[-1] % size.stride[-1]
    sums = PAGE + size.threads * size.target[-1] * 256 if size.item_bytes == 2 else 0
    width = round_up(size.source[-1], size.stride[-1]) * size.stride[-1]
    row = round_up(width * size.channels[0], PAGE) * size.item_bytes
    return size.threads * (image + PAGE + row * bool(uneven)) + 2 * PAGE + PAGE * bool(uneven) + sums
