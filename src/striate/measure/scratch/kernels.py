"""Which of oneDNN's kernels runs each product of a contiguous convolution: the library's own conditions.

A kernel works on blocks of channels, on channels-last copies, or on columns (a matrix product). The library takes the
first of its list whose conditions hold; those of the blocked kernels bound the padding by the kernel's reach and by
the registers that one run of output cells fills.

Source: oneDNN 3.12, src/cpu/cpu_convolution_list.cpp, and the init_conf of jit_avx512_common_conv_kernel.cpp,
jit_avx2_conv_kernel_f32.cpp and jit_uni_dw_conv_kernel_utils.cpp.
"""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

from striate.measure.scratch.sizes import Convolution

CODE = 256 * 1024 // 15  # instructions that the generator of AVX512 kernels takes
REGISTERS = 28


class Kernel(NamedTuple):
    """Channels per block; 0: no blocks. Without blocks the copies are channels-last, or columns."""

    lane: int
    is_last: bool = False


class _Row(NamedTuple):
    """A convolution along its last axis: extents of source and target, the kernel's span, and padding on both ends."""

    source: int
    target: int
    kernel: int
    span: int
    stride: int
    start: int
    end: int


COLUMNS = Kernel(0)
LAST = Kernel(0, is_last=True)


def choose_target(size: Convolution) -> Kernel:
    """The kernel of the target side: a convolution's forward."""
    row, outside = _read_rows(size)[-1], _reaches_outside(size)
    if size.is_depthwise and len(size.kernel) == 3:
        return COLUMNS if size.is_dilated else LAST
    if size.item_bytes == 2 and not size.is_pointwise:
        return COLUMNS if outside or row.start > row.target else Kernel(size.lane)
    if size.is_depthwise:
        run = min(6 if size.block == 16 else 4, row.target)
        return COLUMNS if outside or row.start > run or _leave(row, run) > run else Kernel(size.block)
    if size.is_pointwise:
        return Kernel(size.block)
    if outside:
        return COLUMNS
    if size.block == 16 and size.lane and _fits_wide_target(size, row):
        return Kernel(size.lane)
    return Kernel(8) if _fits_narrow_target(size, row) else COLUMNS


def choose_source(size: Convolution) -> Kernel:
    """The kernel of the source side: a convolution's input gradient. Strided ones run channels-last."""
    narrow = size.groups > 1 and size.channels[1] // size.groups <= size.block and size.item_bytes > 2
    if size.is_strided and not narrow and not size.is_dilated:
        return LAST
    row, outside = _read_rows(size)[-1], _reaches_outside(size)
    if size.is_depthwise:
        return COLUMNS if len(size.kernel) == 3 or size.is_dilated else Kernel(size.block)
    if size.is_pointwise and not size.is_strided:
        return Kernel(size.block)
    if outside or (size.is_dilated and size.is_strided):
        return COLUMNS
    if size.item_bytes == 2:
        return Kernel(size.lane)
    if size.block == 16 and size.lane and _fits_wide_source(size, row):
        return Kernel(size.lane)
    if size.is_strided and size.channels[1] // size.groups > 8:
        return LAST
    return Kernel(8) if _fits_narrow_source(size, row) else COLUMNS


def choose_weight(size: Convolution) -> Kernel:
    """The kernel of the weight's gradient."""
    if size.is_depthwise:
        return Kernel(size.block) if _fits_depthwise_weight(size) else COLUMNS
    if size.is_pointwise:
        return Kernel(size.block)
    if size.item_bytes == 2:
        return Kernel(size.lane) if _fits_half_weight(size) else COLUMNS
    if size.block == 16 and _fits_wide_weight(size):
        return Kernel(16)
    return Kernel(8) if _fits_narrow_weight(size) else COLUMNS


def _read_rows(size: Convolution) -> list[_Row]:
    rows = []
    for axis, kernel in enumerate(size.kernel):
        source, target, stride, start = size.source[axis], size.target[axis], size.stride[axis], size.padding[axis]
        span = (kernel - 1) * size.dilation[axis] + 1
        end = (target - 1) * stride + span - source - start
        rows.append(_Row(source, target, kernel, span, stride, start, end))
    return rows


def _reaches_outside(size: Convolution) -> bool:
    """Some window lies wholly in the padding."""
    return any(row.span <= max(row.start, row.end) for row in _read_rows(size))


def _leave(row: _Row, run: int) -> int:
    """Padding at the end if the cells that don't fill a run were left out."""
    return max(0, (row.target - row.target % run - 1) * row.stride + row.span - row.source - row.start)


def _fits_groups(size: Convolution, lane: int) -> bool:
    return size.groups == 1 or not any(count // size.groups % lane for count in size.channels)


def _fits_wide_target(size: Convolution, row: _Row) -> bool:
    """AVX512: the padding must fit into one run of cells, the kernel's code into the generator."""
    run, blocks = min(row.target, REGISTERS), 1
    whole = row.target // run
    after = max(0, (run * whole - 1) * row.stride + row.span - row.source - row.start)
    if row.kernel <= 3 and (row.target > REGISTERS or size.is_strided):
        targets = ceil(size.channels[1] / size.groups / size.lane)
        blocks = next(count for count in range(min(targets, 5), 0, -1) if targets % count == 0)
        run = min(row.target, 31 // (blocks + 1))
    inner = size.channels[0] if size.channels[0] < 16 and size.groups == 1 else size.lane
    code = row.kernel * inner * blocks * run * (1 + (row.start > 0) + (after > 0))
    return max(row.start, _leave(row, run)) <= run and code <= CODE


def _fits_narrow_target(size: Convolution, row: _Row) -> bool:
    """AVX2: runs of three cells."""
    run, leave = min(3, row.target), _leave(row, min(3, row.target))
    fine = row.kernel <= 7 or not any(size.padding[-2:]) or not any(stride > 1 for stride in size.stride[-2:])
    flat = size.channels[0] < 8 and (size.groups == 1 or size.channels[1] // size.groups % 8 == 0)
    if row.start > run or not fine or not (flat or _fits_groups(size, 8)):
        return False
    if leave > run * row.stride and row.target // run > 1:
        run = min(leave // row.stride + row.target % run, row.target, 7)
        return run >= max(row.start, _leave(row, run))
    return True


def _fits_wide_source(size: Convolution, row: _Row) -> bool:
    """AVX512: what the kernel reaches over must fit into one run of cells, its code into the generator."""
    before = max(0, (row.span - 1 - row.start) // row.stride)
    run, blocks = min(row.source, REGISTERS), 1
    sources = ceil(size.channels[0] / size.groups / size.lane)
    if (
        row.kernel == 1
        or (row.kernel == 5 and row.source < 8)
        or (row.kernel < 5 and (row.source <= 5 or 8 < row.source <= 13))
    ):
        blocks = next(count for count in range(min(sources, 4), 0, -1) if sources % count == 0)
        run = min(row.source, 31 // (blocks + 1))
    after = max(0, (row.span - 1 - max(0, row.end + row.source % run)) // row.stride)
    uneven = row.source > run and (run % row.stride > 0 or row.end + row.source % run < 0)
    code = row.kernel * size.lane * blocks * run * (1 + (before > 0) + (after > 0))
    return max(before, after) * row.stride <= run and not uneven and code <= CODE


def _fits_narrow_source(size: Convolution, row: _Row) -> bool:
    """AVX2: as many cells and blocks as 15 registers hold."""
    if size.channels[0] // size.groups < 8 and row.kernel > 3 and row.stride > 1:
        return False
    even = size.stride[-1] == size.stride[-2] or size.source[-2] == 1
    if not _fits_groups(size, 8) or not even or (len(size.stride) == 3 and size.stride[0] > 1):
        return False
    run, most = 0, 0
    before = max(0, (row.span - 1 - row.start) // row.stride)
    sources = ceil(size.channels[0] / size.groups / 8)
    for blocks in (count for count in range(1, 5) if sources % count == 0):
        for cells in range(row.stride, row.source + row.stride, row.stride):
            if cells * blocks + cells // row.stride > 15:
                break
            filled = min(cells, row.source)
            work = ceil(filled / row.stride) * blocks
            if before * row.stride > filled != row.source:
                continue
            if work > most or (work == most and run < filled):
                run, most = filled, work
    if not most:
        return False
    rest = row.source % run
    after = max(0, (row.span - 1 - row.end - rest) // row.stride)
    uneven = row.source > run and (run % row.stride > 0 or row.end + rest < 0)
    return after * row.stride <= run and not uneven


def _fits_depthwise_weight(size: Convolution) -> bool:
    rows = _read_rows(size)
    row = rows[-1]
    if len(rows) == 3 or size.is_dilated or row.kernel > 3 or row.stride > row.kernel:
        return False
    padded = all(max(each.start, each.end) <= each.kernel // 2 for each in rows)
    high = rows[-2]
    even = all(padding <= 1 or padding % high.stride == 0 for padding in (high.start, high.end))
    return padded and even and high.source >= high.kernel + -high.start % high.stride


def _fits_wide_weight(size: Convolution) -> bool:
    *others, row = _read_rows(size)
    if not _fits_groups(size, 16) or (size.groups == 1 and 3 < size.channels[0] < 16):
        return False
    if any(each.span > each.kernel and each.stride > 1 for each in others) or row.kernel > 14:
        return False
    high = others[-1]
    if len(others) == 2:
        deep = others[0]
        if deep.span > deep.kernel or max(deep.start, deep.end) >= deep.span:
            return False
        if deep.start and deep.kernel >= deep.source + deep.start:
            return False
    reach = high.span <= high.source or high.span == high.kernel
    low = max(row.start, row.end) < row.span and max(row.start, row.end) <= REGISTERS
    return reach and low and max(high.start, high.end) <= high.span // 2


def _fits_half_weight(size: Convolution) -> bool:
    few = size.groups == 1 and size.channels[0] < 16
    padded = all(max(row.start, row.end) <= row.span // 2 for row in _read_rows(size))
    simple = not (size.is_dilated and (size.is_strided or len(size.kernel) == 3))
    return size.lane >= 8 and padded and simple and not (few and size.channels[1] % size.lane)


def _fits_narrow_weight(size: Convolution) -> bool:
    *others, row = _read_rows(size)
    high = others[-1]
    if not _fits_groups(size, 8) or size.is_dilated or row.kernel >= 14:
        return False
    if len(others) == 2 and (others[0].start or others[0].end > 0 or others[0].kernel > others[0].source):
        return False
    padded = all(max(each.start, each.end) < each.span for each in (high, row))
    return padded and high.kernel <= high.source
