"""The chosen networks keep the rules they name, for every size of input."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.arithmetic import Window, chain_fields
from striate.auto.network import count_halvings, design_network
from striate.nets import Placed, list_layers, parse, place

shapes = st.one_of(
    st.tuples(st.integers(1, 4), st.integers(1, 9000)),
    st.tuples(st.integers(1, 4), st.integers(1, 300), st.integers(1, 300)),
    st.tuples(st.integers(1, 4), st.integers(1, 40), st.integers(1, 64), st.integers(1, 64)),
)


def _walk(placed: tuple[Placed, ...]) -> list[Window]:
    """The windows along the longest way through the network: of branches, always the first."""
    windows: list[Window] = []
    for part in placed:
        if part.rows:
            windows += _walk(part.rows[0])
        elif part.word in ("conv", "maxpool"):
            size = part.part.size[0]  # type: ignore[union-attr]
            stride = (part.part.stride or ((1,) if part.word == "conv" else part.part.size))[0]  # type: ignore[union-attr]
            windows.append(Window(size, stride, before=(size - 1) // 2 if part.word == "conv" else 0))
    return windows


@given(shapes, st.integers(2, 1000))
def test_builds_for_every_input_and_ends_in_one_score_per_class(shape: tuple[int, ...], classes: int) -> None:
    design = design_network(shape[0], shape[1:])
    assert place(parse(design.text), None, classes)[-1].output == (classes,)


@given(st.integers(1, 400))
def test_the_field_covers_the_input(side: int) -> None:
    placed = place(parse(design_network(1, (side, side)).text), None, 10)
    assert chain_fields(_walk(placed)).size >= side


@given(st.integers(4, 1000))
def test_the_last_maps_are_small_but_not_single_cells(side: int) -> None:
    last = side / 2 ** count_halvings((side,))
    assert Fraction(2) <= last <= 11


def test_pools_halve_and_channels_double() -> None:
    placed = place(parse(design_network(3, (64, 64)).text), None, 10)
    convolutions = [part for _, part in list_layers(placed) if part.word == "conv"]
    for before, after in pairwise(convolutions):
        halved = after.input[1] < before.input[1]
        assert after.output[0] == before.output[0] * (2 if halved else 1)


@pytest.mark.parametrize("extents", [(1,), (2, 2), (3, 50), (1, 1, 1)])
def test_tiny_inputs_are_not_halved_away(extents: tuple[int, ...]) -> None:
    assert place(parse(design_network(1, extents).text), None, 3)[-1].output == (3,)


def test_every_choice_has_its_reason() -> None:
    reasons = " ".join(design_network(3, (224, 224)).reasons)
    for said in ("halvings", "channels", "filters", "residual", "halves at once"):
        assert said in reasons
