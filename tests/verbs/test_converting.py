"""The public conversions: what they take, and that they are those of `striate.nets.convert`."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import sparse
from torch import nn

import striate
from striate.errors import InputError


def test_a_network_slides() -> None:
    module = striate.build("conv5-6 pad=valid, relu, maxpool2, flatten, fc-classes", (1, 28, 28), classes=10).eval()
    sliding = striate.fully_convolutional(module, input=(1, 28, 28))
    image = torch.randn(1, 1, 40, 33)
    found = sliding(image)
    assert (sliding.step, sliding.window, sliding.exact, sliding.why) == ((2, 2), (28, 28), True, "")
    assert found.shape == (1, 10, 7, 3)
    torch.testing.assert_close(found[:, :, 3, 2], module(image[:, :, 6:34, 4:32]), rtol=1e-4, atol=1e-5)


def test_shapes_may_be_lists() -> None:
    conv = nn.Conv2d(1, 1, 3)
    assert striate.matrix(conv, input=[1, 4, 4]).shape == (4, 16)  # type: ignore[arg-type]
    assert striate.fully_connected(conv, input=[1, 4, 4]).in_features == 16  # type: ignore[arg-type]
    assert striate.invert(conv, torch.zeros(1, 1, 2, 2), input=[1, 4, 4]).shape == (1, 1, 4, 4)  # type: ignore[arg-type]


def test_matrix_layer_and_inverse_agree() -> None:
    conv = nn.Conv2d(2, 3, 3, padding=1).double()
    matrix, linear = striate.matrix(conv, input=(2, 4, 4)), striate.fully_connected(conv, input=(2, 4, 4))
    assert isinstance(matrix, sparse.csr_array)
    np.testing.assert_array_equal(matrix.toarray(), linear.weight.detach().numpy())
    x = torch.randn(1, 2, 4, 4, dtype=torch.float64)
    torch.testing.assert_close(striate.invert(conv, conv(x), input=(2, 4, 4)), x)


def test_what_is_no_convolution() -> None:
    for convert in (striate.matrix, striate.fully_connected):
        with pytest.raises(InputError, match="found Linear, needed one convolution"):
            convert(nn.Linear(2, 2), input=(1, 4))
