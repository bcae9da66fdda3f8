import re
from collections.abc import Callable, Iterator
from itertools import islice
from random import Random
from typing import Any

import pytest
import torch
from tests.measure.scratch.support import aten, draw_convolution, list_kernels, make_machine, needs_vectors, record

from striate.measure.scratch.kernels import COLUMNS, LAST, Kernel, choose_source, choose_target, choose_weight
from striate.measure.scratch.sizes import Convolution, read_convolution

CHOICES: dict[str, Callable[[Convolution], Kernel]] = {
    "forward_training": choose_target,
    "backward_data": choose_source,
    "backward_weights": choose_weight,
}


def draw(random: Random) -> tuple[Any, ...]:
    """The arguments of a convolution of any kind, the odd ones too: kernels wider than the image, much padding."""
    dims = random.choice((1, 2, 2, 2, 3))
    groups = random.choice((1, 1, 1, 2, 8))
    inner, outer = (groups * random.choice((1, 3, 8, 20, 32)) for _ in range(2))
    if random.random() < 0.15:
        groups = outer = inner
    kernel = random.choice((1, 3, 3, 5, 9, 11) if dims < 3 else (1, 2, 3))
    dilation = random.choice((1, 1, 1, 2)) if kernel > 1 else 1
    return draw_convolution(
        (random.choice((2, 16)), inner, outer, kernel),
        extent=random.choice((4, 7, 16) if dims == 3 else (4, 7, 16, 33)),
        stride=random.choice((1, 1, 2, 3)),
        padding=random.choice((0, dilation * (kernel // 2))),
        dilation=dilation,
        groups=groups,
        dims=dims,
    )


def run_each(random: Random) -> Iterator[tuple[Convolution, Callable[[], None]]]:
    while True:
        images, weight, bias, *rest = arguments = draw(random)
        try:
            output = aten.convolution.default(*arguments)
        except RuntimeError:  # the kernel is larger than the padded image
            continue
        size, *_ = read_convolution(record(aten.convolution.default, arguments, output), make_machine())
        gradient = (torch.randn_like(output), images, weight, [len(bias)], *rest, [True] * 3)

        def run(arguments: tuple[Any, ...] = arguments, gradient: tuple[Any, ...] = gradient) -> None:
            aten.convolution.default(*arguments)
            aten.convolution_backward.default(*gradient)

        yield size, run


def read_kernel(name: str, layouts: str) -> Kernel:
    if "gemm" in name or name.startswith("ref"):
        return COLUMNS
    if "brg" in name:
        return LAST
    blocks = re.findall(r"B[a-e]*(\d+)b", layouts)
    return Kernel(int(blocks[-1]) if blocks else -1)


@needs_vectors
def test_the_library_says_that_it_ran_the_kernels_expected(capfd: pytest.CaptureFixture[str]) -> None:
    right = wrong = 0
    for size, run in islice(run_each(Random(2)), 120):
        for product, (name, layouts) in list_kernels(run, capfd).items():
            same = CHOICES[product](size) == read_kernel(name, layouts)
            right, wrong = right + same, wrong + (not same)
    assert right > 250
    assert wrong <= 0.02 * right
