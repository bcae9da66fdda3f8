"""Multiplies of thirteen small modules, by Striate and by the other tools that are installed, against hand formulas.

Claim: Striate counts all thirteen exactly; none of FlopCounterMode (torch's own), torchinfo, fvcore, ptflops, calflops
and thop does. A tool's count of FLOPs is halved. The layers have
no biases, which the tools count by different rules. Each cell says `exact`, how many times the true count was found, or
that the tool failed. Install what you want to compare: `pip install torchinfo fvcore ptflops calflops thop`.

    python benchmarks/counts.py
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import json
import logging
import warnings
from collections.abc import Callable
from inspect import signature
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from striate.measure import measure


class Call(nn.Module):
    """A module whose forward is the function given, over the parts given."""

    def __init__(self, function: Callable[..., Tensor], **parts: nn.Module | nn.Parameter) -> None:
        super().__init__()
        self.function = function
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x: Tensor) -> Tensor:
        return self.function(self, x)


def list_cases() -> dict[str, tuple[nn.Module, Tensor, int]]:
    """By name: a module, its input, and the true count by hand: outputs x what each of them multiplies."""
    weight = nn.Parameter(torch.randn(16, 8, 3, 3))
    matrix = nn.Parameter(torch.randn(32, 48))
    picture, sequence = torch.randn(2, 8, 12, 12), torch.randn(2, 10, 32)
    attend = nn.MultiheadAttention(32, 4, batch_first=True)  # with biases, for then it is fused
    return {
        "conv": (nn.Conv2d(8, 16, 3, padding=1, bias=False), picture, 2 * 16 * 12 * 12 * 8 * 9),
        "conv, padding='same'": (nn.Conv2d(8, 16, 5, padding="same", bias=False), picture, 2 * 16 * 12 * 12 * 8 * 25),
        "depthwise": (nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False), picture, 2 * 8 * 12 * 12 * 9),
        "transposed, stride 2": (nn.ConvTranspose2d(8, 16, 4, 2, 1, bias=False), picture, 2 * 8 * 12 * 12 * 16 * 16),
        "transposed, groups 4": (nn.ConvTranspose2d(8, 16, 3, groups=4, bias=False), picture, 2 * 8 * 12 * 12 * 4 * 9),
        "functional conv": (Call(lambda m, x: F.conv2d(x, m.w), w=weight), picture, 2 * 16 * 10 * 10 * 8 * 9),
        "used twice": (
            Call(lambda m, x: m.f(m.f(x)), f=nn.Conv2d(8, 8, 1, bias=False)),
            picture,
            2 * (2 * 8 * 12 * 12 * 8),
        ),
        ".forward()": (
            Call(lambda m, x: m.f.forward(x), f=nn.Conv2d(8, 8, 1, bias=False)),
            picture,
            2 * 8 * 12 * 12 * 8,
        ),
        "matmul": (Call(lambda m, x: x @ m.w, w=matrix), sequence, 2 * 10 * 48 * 32),
        "einsum": (Call(lambda m, x: torch.einsum("nlc,cd->nld", x, m.w), w=matrix), sequence, 2 * 10 * 48 * 32),
        "attention": (Call(lambda m, x: F.scaled_dot_product_attention(x, x, x)), sequence, 2 * 2 * 10 * 10 * 32),
        "MultiheadAttention": (
            Call(lambda m, x: m.f(x, x, x)[0], f=attend),
            sequence,
            2 * (4 * 10 * 32 * 32 + 2 * 10 * 10 * 32),
        ),
        "LSTM": (
            Call(lambda m, x: m.f(x)[0], f=nn.LSTM(32, 24, bias=False, batch_first=True)),
            sequence,
            2 * 10 * 4 * 24 * (32 + 24),
        ),
    }


def count_striate(module: nn.Module, x: Tensor) -> float:
    return measure(module, x).inference_multiplies


def count_torch(module: nn.Module, x: Tensor) -> float:
    with FlopCounterMode(display=False) as counter:
        module(x)
    return float(counter.get_total_flops()) / 2


def count_torchinfo(module: nn.Module, x: Tensor) -> float:
    return float(load("torchinfo").summary(module, input_data=x, verbose=0).total_mult_adds)


def count_fvcore(module: nn.Module, x: Tensor) -> float:
    return float(load("fvcore.nn").FlopCountAnalysis(module, x).total())


def count_ptflops(module: nn.Module, x: Tensor) -> float:
    name = next(iter(signature(module.forward).parameters))
    found = load("ptflops").get_model_complexity_info(
        module,
        (1,),
        input_constructor=lambda _: {name: x},
        as_strings=False,
        print_per_layer_stat=False,
        backend="aten",
    )
    return float(found[0])


def count_calflops(module: nn.Module, x: Tensor) -> float:
    found = load("calflops").calculate_flops(
        module, args=[x], print_results=False, print_detailed=False, output_as_string=False
    )
    return float(found[1])


def count_thop(module: nn.Module, x: Tensor) -> float:
    return float(load("thop").profile(module, inputs=(x,), verbose=False)[0])


def load(package: str) -> Any:
    """Import a tool only when it is asked, for none of them is a part of Striate."""
    return importlib.import_module(package)


TOOLS: dict[str, tuple[str, Callable[[nn.Module, Tensor], float]]] = {
    "Striate": ("striate", count_striate),
    "FlopCounterMode": ("torch", count_torch),
    "torchinfo": ("torchinfo", count_torchinfo),
    "fvcore": ("fvcore", count_fvcore),
    "ptflops (aten)": ("ptflops", count_ptflops),
    "calflops": ("calflops", count_calflops),
    "thop": ("thop", count_thop),
}


def is_installed(package: str) -> bool:
    """Whether a package can be imported; some of the tools speak while they are."""
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            importlib.import_module(package)
    except ImportError:
        return False
    return True


def count(tool: str, case: str) -> float | None:
    """One tool on one case, on a module of its own, in eval mode, without gradients; None where it fails."""
    torch.manual_seed(0)
    module, x, _ = list_cases()[case]
    quiet = contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO())
    try:
        with quiet[0], quiet[1], warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            return TOOLS[tool][1](module.eval(), x)
    except Exception:  # another tool's fault, of whatever kind, is a figure of the table
        return None


def write_cell(found: float | None, true: int) -> str:
    if found is None:
        return "fails"
    return "exact" if found == true else f"{found / true:.3g}x"


def main() -> None:
    """Print a table: a row a case, a column a tool."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the counts instead of the table")
    as_json = parser.parse_args().json
    logging.disable(logging.CRITICAL)
    tools = [tool for tool, (package, _) in TOOLS.items() if is_installed(package)]
    true = {case: row[2] for case, row in list_cases().items()}
    found = {case: {tool: count(tool, case) for tool in tools} for case in true}
    if as_json:
        print(json.dumps({case: {"true": true[case], **row} for case, row in found.items()}, indent=2))
        return
    print(f"| multiplies of | by hand | {' | '.join(tools)} |")
    print("| --- " * (len(tools) + 2) + "|")
    for case, row in found.items():
        print(f"| {case} | {true[case]:,} | {' | '.join(write_cell(row[tool], true[case]) for tool in tools)} |")
    exact = (sum(found[case][tool] == true[case] for case in true) for tool in tools)
    print(f"| exact, of {len(true)} | | {' | '.join(map(str, exact))} |")


if __name__ == "__main__":
    main()
