from __future__ import annotations

import pytest

from striate.errors import NotationError
from striate.nets import find_net, list_zoo, parse, place
from striate.nets.smallest import find_smallest_input


def fits(text: str, shape: tuple[int, ...]) -> bool:
    try:
        return bool(place(parse(text), shape, 3))
    except NotationError:
        return False


TEXTS = [
    ("input 3x32x32\nconv3-4 pad=valid, maxpool2, conv5-4 pad=valid, flatten, fc-classes", 2 * 5 + 2),
    ("input 1x64x64\ncat[ | maxpool2, cat[ | maxpool2, relu, deconv2-1/2], deconv2-1/2]", 4),
    ("input 2x9x9\nrelu", 1),
]


@pytest.mark.parametrize(("text", "cells"), TEXTS)
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_it_fits_and_nothing_smaller_does(text: str, cells: int, axes: int) -> None:
    net = parse(text)
    assert net.input is not None
    shape = (net.input[0], *[cells] * axes)
    assert find_smallest_input(net, 3, axes) == shape
    assert fits(text, shape)
    assert not any(fits(text, (net.input[0], *[fewer] * axes)) for fewer in range(1, cells))


def test_least_skips_what_is_smaller_and_what_does_not_fit() -> None:
    net = parse(TEXTS[1][0])
    assert find_smallest_input(net, least=5) == (1, 8, 8)
    assert find_smallest_input(net, least=8) == (1, 8, 8)
    assert find_smallest_input(parse("input 5x1x1\nrelu"), least=8) == (5, 1, 1)


def test_no_axis_is_longer_than_the_texts_own() -> None:
    text = "input 3x4x64\nmaxpool1x2, maxpool1x2, conv4x4-8 pad=valid"
    assert find_smallest_input(parse(text)) == (3, 4, 16)
    assert find_smallest_input(parse(text), input=(2, 16, 16)) == (2, 16, 16)
    assert find_smallest_input(parse(text), input=(2, 16, 15)) is None


def test_a_text_that_names_its_axes_fits_no_other() -> None:
    assert find_smallest_input(parse("input 3x8x8\nconv3x3-4"), axes=3) is None


@pytest.mark.parametrize(
    ("text", "said"), [("conv3-4", "found no input"), ("input 1x4x4\nflatten, fc-classes", "classes=10")]
)
def test_what_is_wrong_at_every_size_is_said(text: str, said: str) -> None:
    with pytest.raises(NotationError, match=said):
        find_smallest_input(parse(text))


@pytest.mark.parametrize("name", list_zoo())
def test_every_network_of_the_zoo_has_one(name: str) -> None:
    net = find_net(name)
    shape = find_smallest_input(net, 2)
    assert shape is not None
    assert net.input is not None
    assert all(1 <= cells <= most for cells, most in zip(shape, net.input, strict=True))
    assert place(net, shape, 2)
