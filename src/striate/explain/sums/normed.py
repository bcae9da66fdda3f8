"""Cells that are normalised: by a mean and a variance, or by the sum of what exponentials give."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from striate.explain.sums.asked import Asked, Operand
from striate.explain.sums.spelled import Step, write_number
from striate.measure.operation import Value
from striate.measure.rules.arguments import find_argument

BATCH = (
    "native_batch_norm", "_native_batch_norm_legit", "_native_batch_norm_legit_no_training", "cudnn_batch_norm",
    "_batch_norm_with_update", "_batch_norm_no_update", "miopen_batch_norm",
)  # fmt: skip


def spell_batch(asked: Asked) -> tuple[Step, list[Operand]]:
    """(x - mean) / sqrt(var + eps) * scale + shift, by the running figures, or by those of the channel itself.

    Source:  Ioffe & Szegedy 2015, arXiv:1502.03167, algorithm 1.
    """
    read = _take(asked, "input")
    channel = asked.cell[1]
    mean, var = (find_argument(asked.operation, name) for name in ("running_mean", "running_var"))
    training = bool(find_argument(asked.operation, "training"))
    if training or not isinstance(mean, Value):
        own = asked.tensor(read)[:, channel]
        figures = float(own.mean()), float(own.var(unbiased=False))
    else:
        figures = asked.read(mean, (channel,)), asked.read(var, (channel,))
    return _finish(asked, read, *figures, (channel,))


def spell_layer(asked: Asked) -> tuple[Step, list[Operand]]:
    """The same by the mean and variance of the last axes.

    Source:  Ba et al. 2016, arXiv:1607.06450, equation 3.
    """
    read, axes = _take(asked, "input"), len(find_argument(asked.operation, "normalized_shape"))
    own = asked.tensor(read)[asked.cell[:-axes]]
    return _finish(asked, read, float(own.mean()), float(own.var(unbiased=False)), asked.cell[-axes:])


def spell_group(asked: Asked) -> tuple[Step, list[Operand]]:
    """The same by the mean and variance of a group of channels.

    Source:  Wu & He 2018, arXiv:1803.08494, equation 7.
    """
    read, groups = _take(asked, "input"), int(find_argument(asked.operation, "group"))
    width = read.shape[1] // groups
    first = asked.cell[1] // width * width
    own = asked.tensor(read)[asked.cell[0], first : first + width]
    return _finish(asked, read, float(own.mean()), float(own.var(unbiased=False)), (asked.cell[1],))


def _take(asked: Asked, name: str) -> Value:
    found: Value = find_argument(asked.operation, name)
    return found


def _finish(asked: Asked, read: Value, mean: float, var: float, place: tuple[int, ...]) -> tuple[Step, list[Operand]]:
    eps = find_argument(asked.operation, "eps")
    eps = float(find_argument(asked.operation, "epsilon") if eps is None else eps)
    scale, shift = (_read_each(asked, name, place) for name in ("weight", "bias"))
    x = asked.read(read, asked.cell)
    total = (x - mean) / math.sqrt(var + eps) * scale + shift
    parts = [write_number(each) for each in (x, mean, var, eps, scale, shift)]
    formula = "({} - {}) / sqrt({} + {}) * {} + {} = ".format(*parts) + write_number(total)
    facts = {"x": x, "mean": mean, "var": var, "eps": eps, "scale": scale, "shift": shift}
    return asked.answer(formula, total, facts=facts, scale=_measure(x, mean, var + eps, scale)), [(read, asked.cell)]


def _measure(x: float, mean: float, var: float, scale: float) -> float:
    """The size of the numbers that the difference is made of, once divided."""
    return (abs(x) + abs(mean)) / math.sqrt(var) * abs(scale) if var > 0 else 0.0


def _read_each(asked: Asked, name: str, place: tuple[int, ...]) -> float:
    found = find_argument(asked.operation, name)
    return asked.read(found, place) if isinstance(found, Value) else (1.0 if name == "weight" else 0.0)


def spell_softmax(asked: Asked) -> tuple[Step, list[Operand]]:
    """exp(x) over the sum of all exp along the axis; each less the largest first, which changes nothing."""
    read, dim = _take(asked, "self"), int(find_argument(asked.operation, "dim"))
    row: Tensor = asked.tensor(read)[
        tuple(slice(None) if axis == dim % len(read.shape) else each for axis, each in enumerate(asked.cell))
    ]
    x, largest = asked.read(read, asked.cell), float(row.max())
    summed = float(torch.exp(row - largest).sum())
    share = math.exp(x - largest) / summed
    is_log = "log" in asked.operation.name
    total = x - largest - math.log(summed) if is_log else share
    shown = [write_number(each) for each in (x, largest, summed, total)]
    if is_log:
        formula = "{} - {} - log({}) = {}".format(*shown)
    else:
        formula = (
            "exp({0} - {1}) / {2} = {3}; {2} is the sum of exp(x - {1}) over ".format(*shown) + f"{len(row)} cells"
        )
    return asked.answer(formula, total, facts={"x": x, "largest": largest, "sum": summed}), [(read, asked.cell)]


RULES = (
    dict.fromkeys(BATCH, spell_batch)
    | {"native_layer_norm": spell_layer, "native_group_norm": spell_group}
    | dict.fromkeys(("_softmax", "_log_softmax", "_safe_softmax"), spell_softmax)
)
