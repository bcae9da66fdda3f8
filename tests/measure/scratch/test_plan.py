import re
from collections.abc import Callable
from math import prod

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.measure.scratch.support import (
    aten,
    draw_convolution,
    list_kernels,
    make_convolution,
    make_machine,
    needs_vectors,
    record,
)

from striate.measure.scratch.machine import Machine
from striate.measure.scratch.plan import Plan, plan_source, plan_target, plan_weight
from striate.measure.scratch.sizes import Convolution, read_convolution

counts = st.integers(1, 100)


@given(
    counts, counts, st.sampled_from([1, 3, 5]), st.integers(5, 40), st.sampled_from([1, 2]), st.sampled_from([8, 16])
)
def test_a_copy_is_none_or_as_large_as_the_tensor(
    inner: int, outer: int, kernel: int, extent: int, stride: int, block: int
) -> None:
    size = make_convolution((inner, outer), extent, kernel, stride, Machine(2, block))
    for plan in (plan_target(size), plan_source(size), plan_weight(size)):
        assert plan.source == 0 or plan.source >= size.count_side(0)
        assert plan.target == 0 or plan.target >= size.count_side(1)
        assert plan.weight == 0 or plan.weight >= size.count_weight()
        assert plan.scratchpad >= 0


def count_layout(tensor: torch.Tensor, layout: str) -> int:
    """Bytes that a tensor takes in oneDNN's own words: `aBcd16b` is the second axis in blocks of 16."""
    extents = list(tensor.shape)
    for lane, axis in re.findall(r"(\d+)([a-e])", layout):
        place = ord(axis) - ord("a")
        extents[place] = -(-extents[place] // int(lane)) * int(lane)
    return prod(extents) * tensor.element_size()


@needs_vectors
@pytest.mark.parametrize("sizes", [(2, 20, 36, 3), (2, 3, 24, 3), (2, 1, 6, 5), (16, 16, 30, 1), (2, 7, 9, 3)], ids=str)
def test_copies_are_as_large_as_the_library_says(
    sizes: tuple[int, int, int, int], capfd: pytest.CaptureFixture[str]
) -> None:
    images, weight, _, *rest = arguments = draw_convolution(sizes, bias=False)
    output = aten.convolution.default(*arguments)
    size, *_ = read_convolution(record(aten.convolution.default, arguments, output), make_machine())
    gradient = torch.randn_like(output)

    def run() -> None:
        aten.convolution.default(*arguments)
        aten.convolution_backward.default(gradient, images, weight, None, *rest, [True, True, False])

    plans: dict[str, Callable[[Convolution], Plan]] = {
        "forward_training": plan_target,
        "backward_data": plan_source,
        "backward_weights": plan_weight,
    }
    kernels = list_kernels(run, capfd)
    assert kernels.keys() == plans.keys()
    for product, (_, layouts) in kernels.items():
        words = dict(part.split(":", 1) for part in layouts.split())
        plan = plans[product](size)
        for name, tensor, planned in (
            ("src", images, plan.source),
            ("wei", weight, plan.weight),
            ("dst", output, plan.target),
        ):
            layout = words[name].split("blocked:")[1].split(":")[0]
            plain = layout == "abcdefgh"[: tensor.dim()]
            assert planned == (0 if plain else count_layout(tensor, layout)), (product, name)
