"""Columns that oneDNN lays a convolution's windows out in, where no blocked kernel fits, and how it cuts them.

Source: oneDNN 3.12, src/cpu/gemm_convolution_utils.cpp.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, prod
from typing import NamedTuple

from striate.measure.scratch.buffers import SLACK
from striate.measure.scratch.sizes import Convolution, round_up

WORTH = 64 * 1024  # multiplies per thread below which threads don't share one image


class _Job(NamedTuple):
    """A forward product as the search for its blocks sees it: per group, `cells` of one image, `all_cells` of all."""

    inner: int
    outer: int
    taps: int
    cells: int
    all_cells: int
    jump: int
    threads: int
    lane: int
    cache: int
    is_strided: bool


class _Cut(NamedTuple):
    """Channels out, cells, and channels in of one block."""

    outer: int
    cells: int
    inner: int


def count_target_columns(size: Convolution) -> int:
    """Columns of a forward product: one block of channels and cells per thread."""
    if _is_plain(size):
        return 0
    cells, images = prod(size.target[-2:]), size.batch * size.groups * prod(size.target[:-2])
    taps, (inner, outer) = prod(size.kernel), [count // size.groups for count in size.channels]
    spread = cells * images >= size.threads * size.block or cells < images
    thin = size.stride[-1] == 1 and inner * taps <= 0.05 * outer
    if len(size.kernel) < 3 and (spread or thin):
        jump = size.stride[-1] * size.stride[-2]
        cache = size.machine.cache // size.item_bytes
        job = _Job(
            inner, outer, taps, cells, cells * images, jump, size.threads, size.block, cache, size.stride[-1] > 1
        )
        cut = _find_cut(job)
        return size.threads * cut.inner * taps * cut.cells * size.item_bytes + SLACK
    many = cells // size.threads < 512 and (len(size.kernel) == 3 or size.batch > 1 or size.groups > 2)
    threads = size.threads if many and _splits_evenly(size, images, cells, outer) else 1
    return threads * _count_image(size) + SLACK


def count_source_columns(size: Convolution) -> int:
    """Columns of an input's gradient: those of one image per thread."""
    if _is_plain(size):
        return 0
    many = prod(size.target[-2:]) // size.threads < 512 or prod(size.kernel) < 64
    even = _splits_evenly(size, size.batch * size.groups, prod(size.source[-2:]), size.channels[0] // size.groups)
    threads = size.threads if many and even and (size.batch > 1 or size.groups > 2) else 1
    return threads * _count_image(size) + SLACK


def count_weight_columns(size: Convolution) -> int:
    """Columns of a weight's gradient, and a sum per thread, of which the library books four times the bytes.

    Where that would pass 15 times the tensors' bytes per thread, one thread works; columns that would, go in strips.
    """
    cells, columns, weight = prod(size.target[-2:]), _count_image(size), size.count_weight()
    limit = min(1 << 30, 15 * size.threads * (size.count_side(0) + size.count_side(1) + weight))
    sums = (6 if size.item_bytes == 2 else 4) * weight
    many = size.threads * (sums + columns // cells * size.block) < limit and cells // size.threads < 256
    threads = size.threads if many and (size.batch > 1 or size.groups > 2) else 1
    spare = limit - threads * sums
    if spare < threads * columns:
        most = spare // max(1, threads * columns // cells)
        columns = columns // cells * max(size.block, most // 20)
    return threads * (sums + columns * (not _is_plain(size))) + SLACK


def _is_plain(size: Convolution) -> bool:
    """An image is its own columns."""
    return prod(size.kernel) == 1 and not size.is_strided and not any(size.padding)


def _count_image(size: Convolution) -> int:
    return size.channels[0] // size.groups * prod(size.kernel) * prod(size.target[-2:]) * size.item_bytes


def _splits_evenly(size: Convolution, images: int, cells: int, channels: int) -> bool:
    """Whether threads do better with images of their own than sharing each image."""
    blocks = ceil(cells / size.block) * ceil(channels / size.block)
    outer, inner = (count / round_up(count, size.threads) for count in (images, blocks))
    work = cells * prod(size.channels) // size.groups**2
    return outer >= inner or work // size.threads < WORTH


def _find_cut(job: _Job) -> _Cut:
    """The best of the cuts that the library tries."""
    best, most = _Cut(1, 1, job.inner), 0.0

    def weigh(threads: int, outer: int, cells: int) -> None:
        nonlocal best, most
        cut, worth = _rate(job, threads, outer, cells)
        if worth > most:
            best, most = cut, worth

    for threads in range(1, job.threads + 1):
        outer, cells = ceil(job.outer / threads), ceil(job.all_cells / (job.threads // threads))
        weigh(threads, outer, cells)
        if best == (outer, cells, job.inner):
            continue
        for start in _list_starts(job, outer, cells):
            weigh(threads, *start)
            for high in (start[0] // 8 * 8, round_up(start[0], 8)):
                weigh(threads, high, start[1] // 48 * 48)
            weigh(threads, round_up(start[0], 8), round_up(start[1], job.lane))
            weigh(threads, round_up(start[0], 8), round_up(start[1], 48))
    return best


def _list_starts(job: _Job, outer: int, cells: int) -> Iterator[tuple[int, int]]:
    """Channels out and cells that fill the cache: with all channels in, with fewer, with all channels out."""
    a, b, cache = job.jump + job.taps, job.taps * outer, job.cache
    high = _clip(8, outer, (cache - (a * job.lane + b) * job.inner) // job.lane)
    yield high, _clip(job.lane, cells, (cache - b * job.inner) // (a * job.inner + high))
    fit = max(1, cache // (16 * a + 2 * b))
    if fit < job.inner:
        inner = job.inner // max(1, job.inner // fit)
        wide = max(1, (cache - 2 * b * inner) // (2 * inner * a))
        high = cache // 2 // wide
        if high > outer:
            high, wide = outer, _clip(job.lane, cells, (cache - b * inner) // (a * inner + outer))
        elif wide > cells:
            wide, high = cells, _clip(8, outer, (cache - (a * cells + b) * inner) // cells)
        yield high, wide
    wide = (cache - b * job.inner) // (a * job.inner + outer)
    yield outer, max(job.lane, wide // job.lane * job.lane)


def _clip(least: int, most: int, value: int) -> int:
    return max(least, min(most, value))


def _rate(job: _Job, threads: int, outer: int, cells: int) -> tuple[_Cut, float]:
    """One cut and its worth: even work for the threads, few passes over memory, full registers."""
    all_outer, all_cells = ceil(job.outer / threads), ceil(job.all_cells / (job.threads // threads))
    outer = min(all_outer, _clip(8, all_outer, outer))
    image = min(job.cells, all_cells)
    cells = min(image, _clip(job.lane, all_cells, cells))
    fit = _fit_inner(job, outer, cells, all_outer, all_cells)
    cost, fit = (20 if fit < 1 else 1), max(1, fit)
    inner = max(1, job.inner // ceil(job.inner / fit))
    passes = 2 * ceil(job.inner / inner) - 1
    depth, all_depth, lane = inner * job.taps, job.inner * job.taps, job.lane
    read = job.taps * job.inner * round_up(all_cells * job.jump, lane)
    laid = int(2 * read * round_up(cells, lane) / cells) * cost * (8 if job.is_strided else 1)
    written = cost * all_outer * round_up(all_cells, lane) * passes
    moved = cost * read + laid + cost * all_outer * round_up(all_depth, lane) + written
    wide = round_up(cells, lane)
    worth = (
        _even_work(job, threads) ** 8
        * (all_outer / round_up(all_outer, outer))
        * (image / round_up(image, cells))
        * (job.inner / round_up(job.inner, inner))
        * (cells / round_up(cells, 3 * lane))
        * (all_cells / lane * all_outer * all_depth / moved)
        * (cells * outer * depth / (all_outer * all_cells * all_depth)) ** 0.5
        * (cells / lane * outer * depth / (wide * depth + outer * round_up(depth, lane) + outer * wide))
    )
    return _Cut(outer, cells, inner), worth


def _fit_inner(job: _Job, outer: int, cells: int, all_outer: int, all_cells: int) -> int:
    """Channels in whose image, columns and weights fill the cache."""
    room = job.cache - outer * cells
    rows = cells * (job.jump + job.taps)
    whole = room // (rows + job.taps * all_outer)
    if cells < all_cells:
        return whole
    fit = job.cache // rows
    if outer < all_outer:
        fit = min(fit, room // (job.taps * (cells + outer)))
    return fit if fit >= job.inner else whole


def _even_work(job: _Job, threads: int) -> float:
    """The least work of a thread as a share of the most."""
    most_outer, least_outer = ceil(job.outer / threads), max(1, job.outer // threads)
    few, many = ceil(job.threads / threads), job.threads // threads
    most_cells = ceil(job.all_cells / many)
    if job.outer % threads > job.threads % threads:
        most = most_outer * most_cells
    else:
        most = max(most_outer * ceil(job.all_cells / few), least_outer * most_cells)
    if job.threads % threads > job.outer % threads:
        return least_outer * max(1, job.all_cells // few) / most
    return min(most_outer * max(1, job.all_cells // few), least_outer * (job.all_cells // many)) / most
