"""Sums of products at one cell: convolutions of all kinds, matrix products, and everything else that is linear."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
import torch

from striate.explain.sums.asked import CELL, GAP, PADDING, Asked, Operand
from striate.explain.sums.playing import find_call
from striate.explain.sums.spelled import Places, Step, write_number
from striate.measure.operation import Value
from striate.measure.rules.convolution import ARGUMENTS, find_windows
from striate.measure.rules.matrix import PRODUCTS, find_product

LINEAR = frozenset((
    "avg_pool1d", "avg_pool2d", "avg_pool3d", "adaptive_avg_pool1d", "_adaptive_avg_pool2d", "_adaptive_avg_pool3d",
    "adaptive_avg_pool2d", "adaptive_avg_pool3d", "mean", "sum", "upsample_linear1d", "upsample_bilinear2d",
    "upsample_trilinear3d", "upsample_bicubic2d", "_upsample_bilinear2d_aa", "_upsample_bicubic2d_aa",
    "grid_sampler_2d", "grid_sampler_3d", "cumsum", "col2im",
))  # fmt: skip


def spell_convolution(asked: Asked) -> tuple[Step, list[Operand]]:
    """A convolution's cell: every channel of its group under every tap of the kernel, and the bias.

    Source:  Goodfellow, Bengio, Courville 2016, "Deep Learning", equation 9.7; transposed: Dumoulin & Visin 2016.
    """
    names = ARGUMENTS[asked.operation.name]
    read: Value = asked.operation.get(names.index("input"), "input")
    weight: Value = asked.operation.get(names.index("weight"), "weight")
    bias = asked.operation.get(names.index("bias"), "bias") if "bias" in names else None
    sample, channel, *cell = asked.cell
    windows = find_windows(asked.operation)
    transposed, taps = windows[0].transposed, weight.shape[2:]
    groups = (asked.made.shape[1] // weight.shape[1]) if transposed else read.shape[1] // weight.shape[1]
    group = channel * groups // asked.made.shape[1]
    width = read.shape[1] // groups
    axes = [_meet(window, index, extent) for window, index, extent in zip(windows, cell, read.shape[2:], strict=True)]
    channels = np.arange(group * width, (group + 1) * width)
    states = _combine_states([states for _, states in axes], len(channels))
    places = [np.where(state == CELL, index, 0) for index, state in axes]
    flat = _number([np.array([sample]), channels, *places], read.shape)
    inner = np.array([channel - group * weight.shape[1]]) if transposed else np.arange(width)
    outer = channels if transposed else np.array([channel])
    weight_flat = _number([outer, inner, *map(np.arange, taps)], weight.shape)
    weights = asked.tensor(weight).reshape(-1).numpy()[weight_flat]
    terms = asked.gather((width, *taps), read, flat, states, weights, weight, weight_flat)
    added = asked.read(bias, (channel,)) if isinstance(bias, Value) else None
    return _answer(asked, terms, added)


def _number(ranges: list[Places], shape: tuple[int, ...]) -> Places:
    """The row-major numbers of all combinations of indices."""
    grid: tuple[Places, ...] = tuple(each.reshape(-1) for each in np.meshgrid(*ranges, indexing="ij"))
    return np.asarray(np.ravel_multi_index(grid, shape), np.int64)


def _meet(window: Any, index: int, extent: int) -> tuple[Places, Places]:
    """For each tap of an axis the input's index, and whether it is a cell, padding or a gap."""
    taps = np.arange(window.size) * window.dilation
    if not window.transposed:
        places = index * window.stride - window.before + taps
        return places, np.where((places >= 0) & (places < extent), CELL, PADDING)
    ahead = index + window.before - taps
    places = ahead // window.stride
    inside = (ahead % window.stride == 0) & (places >= 0) & (places < extent)
    return places, np.where(inside, CELL, GAP)


def _combine_states(axes: list[Places], channels: int) -> Places:
    """A gap along any axis is a gap, else padding along any is padding."""
    worst = np.zeros((), np.int64)
    for states in axes:
        worst = np.maximum(worst[..., None], states)
    return np.tile(worst.reshape(-1), channels)


def spell_product(asked: Asked) -> tuple[Step, list[Operand]]:
    """A row of one factor times a column of the other; what is added is the bias."""
    product = find_product(asked.operation)
    (left, letters), (right, others) = product.find_factors(asked.operation)
    known = dict(zip(product.output, asked.cell, strict=True))
    summed = [letter for letter in letters if letter not in product.output]
    extents = dict(zip(letters, left.shape, strict=True))
    runs = {letter: np.arange(extents[letter]) for letter in summed}
    data, weight = (left, right) if _hangs_on_data(asked, left) else (right, left)
    names = {id(left): letters, id(right): others}
    flat, weight_flat = (_pick(value, names[id(value)], known, runs) for value in (data, weight))
    weights = asked.tensor(weight).reshape(-1).numpy()[weight_flat]
    scale = float(asked.operation.keywords.get("alpha", 1))
    parameter = (weight, weight_flat) if scale == 1 and not _hangs_on_data(asked, weight) else (None, None)
    count = prod(extents[letter] for letter in summed)
    terms = asked.gather((count, 1), data, flat, np.zeros(count, np.int64), weights * scale, *parameter)
    bias = None
    if product.place and asked.operation.keywords.get("beta", 1) != 0:
        added = asked.operation.arguments[0]
        bias = asked.read(added, asked.spread(added)) * float(asked.operation.keywords.get("beta", 1))
    return _answer(asked, terms, bias)


def _pick(value: Value, letters: str, known: dict[str, int], runs: dict[str, Any]) -> Places:
    ranges = [runs[letter] if letter in runs else np.array([known[letter]]) for letter in letters]
    return _number(ranges, value.shape)


def _hangs_on_data(asked: Asked, value: Value) -> bool:
    """Whether a value comes, by moving alone, from anything else than parameters."""
    return any(root.origin not in ("parameter", "buffer") for _, root in asked.origin(value).roots)


def spell_linear(asked: Asked) -> tuple[Step, list[Operand]]:
    """Any other linear operation: its weights are the derivatives of the cell, which hang on no content."""
    read: Value = next(iter(asked.operation.inputs))
    values = asked.tensor(read).clone().requires_grad_()
    others = [asked.playing.read(each) if isinstance(each, Value) else each for each in asked.operation.arguments[1:]]
    keywords = {name: each for name, each in asked.operation.keywords.items() if name != "dtype"}
    with torch.enable_grad():
        made = find_call(asked.operation.target)(values, *others, **keywords)
        (slopes,) = torch.autograd.grad(made[asked.cell], values)
    weights = slopes.reshape(-1).numpy()
    flat = np.flatnonzero(weights)
    terms = asked.gather((len(flat), 1), read, flat, np.zeros(len(flat), np.int64), weights[flat])
    step, operands = _answer(asked, terms, None)
    if len(flat) and np.allclose(weights[flat], weights[flat][0]) and asked.operation.name not in ("sum", "cumsum"):
        divisor = 1 / weights[flat][0]
        told = f"sum of {len(flat)} cells / {write_number(divisor)}"
        formula = f"{told} = {write_number(terms.inputs.sum())} / {write_number(divisor)} = {write_number(terms.total)}"
        step = asked.answer(formula, terms.total, terms=terms, facts={"divisor": float(divisor)})
    operands = [(read, tuple(int(i) for i in np.unravel_index(number, read.shape))) for number in flat[:16]]
    return step, operands if len(flat) <= 16 else []


def _answer(asked: Asked, terms: Any, bias: float | None) -> tuple[Step, list[Operand]]:
    total = terms.total + (bias or 0.0)
    counted = int((terms.states == CELL).sum())
    formula = f"sum of {counted} products"
    if missing := int((terms.states == PADDING).sum()):
        formula += f", {missing} of padding"
    formula += f" = {write_number(terms.total)}"
    facts = {}
    if bias is not None:
        formula, facts = (
            f"{formula}; {write_number(terms.total)} + bias {write_number(bias)} = {write_number(total)}",
            {"bias": bias},
        )
    return asked.answer(formula, total, terms=terms, facts=facts), []


RULES = (
    dict.fromkeys([*ARGUMENTS], spell_convolution)
    | dict.fromkeys(PRODUCTS, spell_product)
    | dict.fromkeys(LINEAR, spell_linear)
)
