from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import Tensor

from striate.errors import InputError
from striate.explain.convolving.classical import Kernel, make_kernel
from striate.explain.convolving.filters import PADS, apply_kernel, filter_channels

SCIPY = {"zero": "constant", "reflect": "mirror", "replicate": "nearest", "circular": "wrap"}


def draw(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def slide(image: Tensor, kernel: Tensor) -> Tensor:
    """Cell by cell, tap by tap; zeros beyond the border, an even size's extra cell behind."""
    output = torch.zeros_like(image)
    for cell in product(*map(range, image.shape)):
        for tap in product(*map(range, kernel.shape)):
            place = tuple(c + t - (size - 1) // 2 for c, t, size in zip(cell, tap, kernel.shape, strict=True))
            if all(0 <= p < extent for p, extent in zip(place, image.shape, strict=True)):
                output[cell] += kernel[tap] * image[place]
    return output


@pytest.mark.parametrize(
    ("extents", "size"), [((11,), (4,)), ((6, 5), (3, 2)), ((4, 3, 5), (3, 1, 2)), ((3, 3, 3, 3), (2, 3, 1, 2))]
)
def test_every_cell_is_the_sum_of_products(extents: tuple[int, ...], size: tuple[int, ...]) -> None:
    inputs, kernel = draw(2, 3, *extents), Kernel("k", draw(*size))
    output = apply_kernel(inputs, kernel)
    for sample, channel in product(range(2), range(3)):
        assert torch.allclose(output[sample, channel], slide(inputs[sample, channel], kernel.values), atol=1e-12)


@pytest.mark.parametrize("pad", SCIPY)
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_borders_are_scipys(pad: str, axes: int) -> None:
    inputs, kernel = draw(1, 2, *(9, 8, 7)[:axes]), Kernel("k", draw(*(5, 3, 3)[:axes]))
    output = apply_kernel(inputs, kernel, pad)
    for channel in range(2):
        expected = ndimage.correlate(inputs[0, channel].numpy(), kernel.values.numpy(), mode=SCIPY[pad])
        assert np.allclose(output[0, channel].numpy(), expected, atol=1e-12)


def test_valid_keeps_the_cells_that_need_no_border() -> None:
    inputs, kernel = draw(1, 1, 8, 9), Kernel("k", draw(3, 4))
    output = apply_kernel(inputs, kernel, "valid")
    assert torch.allclose(output, apply_kernel(inputs, kernel)[..., 1:-1, 1:-2], atol=1e-12)


def test_it_is_what_a_layer_of_torch_does_with_the_same_weights() -> None:
    layer = torch.nn.Conv2d(3, 3, 5, padding=2, groups=3, bias=False, dtype=torch.float64)
    kernel, inputs = make_kernel("blur", 2), draw(2, 3, 7, 9)
    layer.weight.data[:] = kernel.values
    assert torch.allclose(apply_kernel(inputs, kernel), layer(inputs), atol=1e-12)


@pytest.mark.parametrize(
    ("extents", "pad", "said"),
    [
        ((2, 9), "reflect", "needed 3"),
        ((1, 9), "circular", "needed 2"),
        ((4, 9), "valid", "needed 5"),
        ((9, 9), "same", "found `same`"),
    ],
)
def test_an_input_too_small_for_its_border_is_refused(extents: tuple[int, int], pad: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        apply_kernel(draw(1, 1, *extents), make_kernel("blur", 2), pad)


def test_another_number_of_axes_is_refused() -> None:
    with pytest.raises(InputError, match="2 axes, the input 1"):
        apply_kernel(draw(1, 1, 9), make_kernel("blur", 2))


def test_several_kernels_are_applied_to_the_same_input() -> None:
    before = draw(3, 6, 6).float()
    names = ("blur", "edge")
    found = filter_channels("x", before, [make_kernel(name, 2) for name in names], PADS[1])
    assert [applied.kernel.name for applied in found.applied] == list(names)
    for applied in found.applied:
        assert torch.equal(applied.after, apply_kernel(before[None], applied.kernel, "reflect")[0])
        assert applied.after.dtype == torch.float32
    with pytest.raises(InputError, match="found none"):
        filter_channels("x", before, [])
