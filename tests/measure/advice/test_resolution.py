from __future__ import annotations

import pytest
import torch
from tests.measure.advice.support import Shape, find, make
from torch import Tensor

from striate.measure.wording import write_bytes
from striate.nets import parse
from striate.nets.repair import repair

EARLY = "conv3-8, relu, conv3-8, relu, maxpool2, conv3-8, relu, gap, flatten, fc-classes"


def count_saved(text: str, shape: Shape) -> dict[tuple[int, ...], int]:
    """The bytes that a real step keeps for its backward pass, by the extents of the tensors; those made by it alone."""
    module = make(text, shape)
    known = {tensor.untyped_storage().data_ptr() for tensor in (*module.parameters(), *module.buffers())}
    image = torch.rand(2, *shape)
    known.add(image.untyped_storage().data_ptr())
    kept: dict[int, tuple[tuple[int, ...], int]] = {}

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in known:
            kept[storage.data_ptr()] = (tuple(tensor.shape[2:]), storage.nbytes())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        output = module(image)
    assert output.requires_grad
    found: dict[tuple[int, ...], int] = {}
    for extents, size in kept.values():
        found[extents] = found.get(extents, 0) + size
    return found


def test_what_a_real_step_keeps() -> None:
    shape = (3, 64, 64)
    (finding,) = find("early-memory", EARLY, shape)
    saved = count_saved(EARLY, shape)
    early, total = saved[64, 64], sum(saved.values())
    assert finding.figure == f"{write_bytes(early)} of {write_bytes(total)}"
    assert 2 * early > total
    assert finding.layer == "conv1"


def test_the_repair_strides_first() -> None:
    (finding,) = find("early-memory", EARLY, (3, 64, 64))
    done = repair(parse(EARLY), [finding], (3, 64, 64), 10)
    assert done.net.text == EARLY.replace("conv3-8", "conv3-8/2", 1)
    assert not find("early-memory", done.net.text, (3, 64, 64))
    assert not find("early-memory", EARLY, (3, 32, 32))


@pytest.mark.parametrize(
    "text",
    [
        EARLY.replace("conv3-8", "conv3-8/2", 1),
        "conv3-8, relu, conv3-3",  # its output is a map as large
        "conv3-2, relu, maxpool2, [conv3-16, relu]*4, gap, flatten, fc-classes",
        "cat[ | maxpool2, conv3-8, relu, deconv2-8/2], conv3-2",
    ],
)
def test_memory_where_it_belongs(text: str) -> None:
    assert not find("early-memory", text, (3, 64, 64))
