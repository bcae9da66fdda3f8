from __future__ import annotations

import pytest
from tests.nets.backbones.libraries import NOTES, put_in

from striate.errors import NotationError
from striate.nets import find_input_demands, inspect_backbones, parse, place


@pytest.fixture(autouse=True)
def _libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    put_in(monkeypatch)


@pytest.mark.parametrize(
    "text",
    [
        "timm:tiny.b_in1k, fc-2",
        "[[timm:tiny.b_in1k]*2]*3, fc-2",
        "def f(n) = timm:tiny.b_in1k, fc-n\nf(2)",
        "cat[timm:tiny.b_in1k | timm:plain]",
        "cat[ | timm:plain | timm:tiny.b_in1k, relu | timm:tiny]",
        "timm:tiny.b_in1k weights=yes",
    ],
)
def test_the_backbone_that_the_input_meets_first(text: str) -> None:
    demands = find_input_demands(parse(text))
    assert demands is not None
    assert demands.trained is not None
    assert demands.trained.mean == NOTES["tiny.b_in1k"].mean


@pytest.mark.parametrize("text", ["relu, timm:tiny", "cat[relu | conv3-8, timm:tiny]", "def f = timm:tiny\nrelu, f"])
def test_a_network_that_begins_otherwise_asks_for_nothing(text: str) -> None:
    assert find_input_demands(parse(text)) is None


def test_random_weights_ask_for_channels_alone() -> None:
    demands = find_input_demands(parse("torchvision:resnet2 weights=no"))
    assert demands is not None
    assert (demands.input[0], demands.trained) == (3, None)


def test_errors_have_their_place() -> None:
    with pytest.raises(NotationError, match="no such network") as caught:
        find_input_demands(parse("[timm:tinny]"))
    assert caught.value.column == 2
    with pytest.raises(NotationError, match="needed yes or no") as caught:
        find_input_demands(parse("timm:tiny weights=1"))
    assert caught.value.column == 11


def test_every_backbone_is_looked_into() -> None:
    placed = place(parse("cat[timm:tiny | timm:plain], fc-2"), (3, 12, 12))
    assert [found.normalised for found in inspect_backbones(placed)] == [True, False]
