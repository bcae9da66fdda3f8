"""Cells that are a formula of the cells at their place: activations, sums and products of branches, and the rest."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch

from striate.explain.sums.asked import Asked, Operand
from striate.explain.sums.playing import find_call
from striate.explain.sums.spelled import Step, write_number
from striate.measure.operation import Value
from striate.measure.rules.arguments import find_argument

Formula = Callable[[float], tuple[str, float]]


def _gelu(x: float) -> tuple[str, float]:
    share = 0.5 * (1 + math.erf(x / math.sqrt(2)))
    return f"{{x}} * Phi({{x}}) = {{x}} * {write_number(share)}", x * share


def _softplus(x: float) -> tuple[str, float]:
    return "log(1 + exp({x}))", max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


ACTIVATIONS: dict[str, Formula] = {
    "relu": lambda x: ("max(0, {x})", max(0.0, x)),
    "gelu": _gelu,
    "silu": lambda x: (f"{{x}} * sigmoid({{x}}) = {{x}} * {write_number(_sigmoid(x))}", x * _sigmoid(x)),
    "sigmoid": lambda x: ("1 / (1 + exp(-({x})))", _sigmoid(x)),
    "tanh": lambda x: ("tanh({x})", math.tanh(x)),
    "softplus": _softplus,
    "exp": lambda x: ("exp({x})", math.exp(x)),
    "sqrt": lambda x: ("sqrt({x})", math.sqrt(x) if x >= 0 else math.nan),
    "rsqrt": lambda x: ("1 / sqrt({x})", 1 / math.sqrt(x) if x > 0 else math.nan),
    "neg": lambda x: ("-({x})", -x),
    "abs": lambda x: ("|{x}|", abs(x)),
    "reciprocal": lambda x: ("1 / {x}", 1 / x if x else math.inf),
}
PLAIN = {"gelu": ("approximate", "none"), "softplus": ("beta", 1), "silu": None}
SIGNS: dict[str, tuple[str, Callable[[float, float], float]]] = {
    "add": ("+", lambda a, b: a + b),
    "sub": ("-", lambda a, b: a - b),
    "mul": ("*", lambda a, b: a * b),
    "div": ("/", lambda a, b: a / b if b else math.nan),
    "pow": ("^", lambda a, b: math.pow(a, b) if a >= 0 or b == int(b) else math.nan),
}


def spell_pointwise(asked: Asked) -> tuple[Step, list[Operand]]:
    """A formula with the numbers in it, and what it comes to.

    An operation that has no formula of its own here is asked for that one cell, in float64.
    """
    name = asked.operation.name.removesuffix("_")
    values = [value for value in asked.operation.arguments if isinstance(value, Value)]
    operands = [(value, asked.spread(value)) for value in values]
    numbers = [asked.read(*operand) for operand in operands]
    if name in ACTIVATIONS and len(numbers) == 1 and _is_plain(asked, name):
        formula, total = ACTIVATIONS[name](numbers[0])
        shown = formula.replace("{x}", write_number(numbers[0]))
        return asked.answer(f"{shown} = {write_number(total)}", total, scale=abs(numbers[0])), operands
    if name in ("hardtanh", "clamp") and len(numbers) == 1:
        return _clamp(asked, numbers[0]), operands
    if name in SIGNS and len(asked.operation.arguments) == 2 and not asked.operation.keywords:
        return _join(asked, name), operands
    total = _ask(asked)
    shown = ", ".join(write_number(each) if isinstance(each, float) else str(each) for each in _fill(asked))
    return asked.answer(
        f"{name}({shown}) = {write_number(total)}", total, scale=max(map(abs, numbers), default=0.0)
    ), operands


def _is_plain(asked: Asked, name: str) -> bool:
    """Whether nothing was asked for that the formula doesn't know."""
    option = PLAIN.get(name)
    return option is None or find_argument(asked.operation, option[0]) == option[1]


def _clamp(asked: Asked, x: float) -> Step:
    names = ("min_val", "max_val") if asked.operation.name.startswith("hardtanh") else ("min", "max")
    low, high = (find_argument(asked.operation, name) for name in names)
    low, high = -math.inf if low is None else float(low), math.inf if high is None else float(high)
    total = min(max(x, low), high)
    return asked.answer(f"min(max({write_number(x)}, {low:g}), {high:g}) = {write_number(total)}", total)


def _join(asked: Asked, name: str) -> Step:
    sign, compute = SIGNS[name]
    one, other = (float(each) if not isinstance(each, complex) else math.nan for each in _fill(asked))
    total = compute(one, other)
    formula = f"{write_number(one)} {sign} {write_number(other)} = {write_number(total)}"
    return asked.answer(formula, total, scale=max(abs(one), abs(other)) if sign in "+-" else 0.0)


def _fill(asked: Asked) -> list[Any]:
    return [
        asked.read(each, asked.spread(each)) if isinstance(each, Value) else each for each in asked.operation.arguments
    ]


def _ask(asked: Asked) -> float:
    """The operation's own answer for one cell."""
    arguments = [_one(asked, each) if isinstance(each, Value) else each for each in asked.operation.arguments]
    keywords = {
        name: _one(asked, each) if isinstance(each, Value) else each
        for name, each in asked.operation.keywords.items()
        if name not in ("dtype", "device")
    }
    call = find_call(asked.operation.target)
    return float(call(*arguments, **keywords))


def _one(asked: Asked, value: Value) -> torch.Tensor:
    cell = asked.playing.read(value)[asked.spread(value)].clone()
    return cell.double() if cell.is_floating_point() else cell


def spell_parametric(asked: Asked) -> tuple[Step, list[Operand]]:
    """x, or x times the channel's own slope where it is below 0."""
    read, slopes = asked.operation.arguments[:2]
    x, slope = asked.read(read, asked.cell), asked.read(slopes, asked.spread(slopes))
    total = x if x >= 0 else slope * x
    return asked.answer(
        f"{write_number(x)} if above 0, else times {write_number(slope)} = {write_number(total)}", total
    ), [(read, asked.cell)]


RULES = {"_prelu_kernel": spell_parametric}
