from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import ndimage, signal

from striate.errors import InputError
from striate.explain.convolving.classical import NAMES, check_kernel, make_kernel, read_kernel


def filter_by_scipy(name: str, image: NDArray[Any]) -> Any:
    axes = image.ndim
    line = np.array([1.0, 2.0, 1.0])
    if name == "blur":
        five = np.array([1.0, 4, 6, 4, 1]) / 16
        for axis in range(axes):
            image = ndimage.correlate1d(image, five, axis=axis, mode="constant")
        return image
    if name == "laplacian":
        return ndimage.laplace(image, mode="constant")
    if name == "sharpen":
        return image - ndimage.laplace(image, mode="constant")
    if name == "edge":
        if axes == 1:
            return np.diff(image, prepend=0)
        return 3**axes * image - ndimage.uniform_filter(image, 3, mode="constant") * 3**axes
    if name == "emboss":
        return image + sum(
            ndimage.correlate1d(full_sum(image, axis), [-1.0, 0, 1], axis, mode="constant") for axis in range(axes)
        )
    axis = axes - 1 - "xyz".index(name[-1])
    for other in range(axes):
        image = ndimage.correlate1d(image, [-1.0, 0, 1] if other == axis else line, other, mode="constant")
    return image


def full_sum(image: NDArray[Any], axis: int) -> NDArray[Any]:
    """The sum over the neighbours along every other axis: emboss adds offsets, which don't hang on the other axes."""
    for other in range(image.ndim):
        if other != axis:
            image = ndimage.correlate1d(image, [1.0, 1, 1], other, mode="constant")
    return image


@pytest.mark.parametrize(
    ("name", "axes"),
    [pair for pair in product(NAMES, (1, 2, 3)) if "xyz".find(pair[0][-1]) < pair[1] or "sobel" not in pair[0]],
)
def test_a_named_kernel_is_the_filter_of_that_name(name: str, axes: int) -> None:
    image = np.random.default_rng(0).normal(size=(9, 8, 7)[:axes])
    kernel = make_kernel(name, axes).values.numpy()
    assert np.allclose(ndimage.correlate(image, kernel, mode="constant"), filter_by_scipy(name, image), atol=1e-12)


@pytest.mark.parametrize("name", NAMES[:-2])
@pytest.mark.parametrize("size", [5, 7])
def test_a_larger_kernel_is_the_small_one_after_a_blur(name: str, size: int) -> None:
    small, large = make_kernel(name, 2, 3).values.numpy(), make_kernel(name, 2, size).values.numpy()
    identity = np.zeros((3, 3))
    identity[1, 1] = name in ("sharpen", "emboss")
    binomial = np.poly1d([0.5, 0.5]) ** (size - 3)
    smoother = np.outer(binomial.coeffs, binomial.coeffs)
    expected = signal.convolve2d(small - identity, smoother)
    expected[size // 2, size // 2] += identity[1, 1]
    assert np.allclose(large, expected, atol=1e-12)


def test_the_sums_say_what_becomes_of_an_even_input() -> None:
    sums = {name: make_kernel(name, 3).sum for name in NAMES}
    assert {name for name, total in sums.items() if total == 1} == {"blur", "sharpen", "emboss"}
    assert {name for name, total in sums.items() if total == 0} == set(NAMES) - {"blur", "sharpen", "emboss"}


def test_numbers_are_read() -> None:
    assert read_kernel("[1, -2.5, 1e1] / 2", 1).values.tolist() == [0.5, -1.25, 5]
    assert read_kernel("[[[1]],[[2]]]", 3).values.shape == (2, 1, 1)
    assert check_kernel([[0, 1], [1, 0]], 2).values.tolist() == [[0, 1], [1, 0]]
    assert check_kernel(torch.ones(3, dtype=torch.int8), 1).sum == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[1,2],[3]]", "different lengths"),
        ("[[1,2],3]", "different lengths"),
        ("[1,[2]]", "needed a number"),
        ("[[]]", "empty list"),
        ("[[NaN]]", "finite"),
        ("[[1e999]]", "finite"),
        ("[[1" + "0" * 400 + "]]", "too large"),
        ("[[true]]", "needed a number"),
        ('[["1"]]', "needed a number"),
        ("[[null]]", "needed a number"),
        ("[[1,2]", "can't be read"),
        ("[[__import__('os')]]", "can't be read"),
        ("[" * 60_000 + "]" * 30_000, "can't be read"),
        ("[" * 200_000, "needed lists"),
        ("[[1]]/0", "division by 0"),
        ("[[1]] * 2", "needed lists"),
        ("[1]", "found 1 axes, needed 2"),
        (f"[[{'1,' * 64}1]]", "needed 1 to 63"),
    ],
)
def test_what_is_no_kernel_is_refused_in_a_line(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        read_kernel(text, 2)
    assert len(str(caught.value)) < 250
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "axes", "size", "said"),
    [
        ("blurr", 2, None, "found `blurr`"),
        ("sobel-y", 1, None, "one axis"),
        ("sobel-z", 2, None, "2 axes"),
        ("blur", 2, 4, "odd number from 3 to 63"),
        ("blur", 2, 65, "odd number from 3 to 63"),
        ("blur", 2, 1, "odd number"),
        ("blur", 3, 63, "odd number from 3 to 39"),
    ],
)
def test_names_and_sizes_that_there_are_not(name: str, axes: int, size: int | None, said: str) -> None:
    with pytest.raises(InputError, match=said):
        make_kernel(name, axes, size)
