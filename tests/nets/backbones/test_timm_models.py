from __future__ import annotations

import pytest
from tests.nets.backbones.libraries import NOTES, make_timm

from striate.errors import ShapeError
from striate.nets.backbones.timm_models import USUAL, describe_timm


def test_what_timm_notes_of_a_network() -> None:
    found = describe_timm(make_timm(), "tinyvit_16", True)
    assert (found.input, found.fixed) == ((3, 16, 16), True)
    assert found.trained is not None
    assert (found.trained.mean, found.trained.std) == (NOTES["tinyvit_16"].mean, NOTES["tinyvit_16"].std)


def test_a_tag_chooses_the_weights() -> None:
    tags = [describe_timm(make_timm(), name, True).trained for name in ("tiny", "tiny.a_in1k", "tiny.b_in1k")]
    assert tags[0] == tags[1] != tags[2]
    assert tags[2] is not None
    assert tags[2].label == "timm's tiny.b_in1k"


@pytest.mark.parametrize(("name", "weights"), [("tiny", False), ("plain", True), ("mapped", True)])
def test_no_trained_weights(name: str, weights: bool) -> None:
    assert describe_timm(make_timm(), name, weights).trained is None


def test_a_network_without_notes_takes_the_usual_input() -> None:
    assert describe_timm(make_timm(), "mapped", True).input == USUAL


def test_an_unknown_name_or_tag() -> None:
    with pytest.raises(ShapeError, match=r"no such network.*Did you mean `timm:tiny`\?"):
        describe_timm(make_timm(), "tinny", True)
    with pytest.raises(ShapeError, match=r"no weights `c_in1k` of tiny.*\(`a_in1k`, `b_in1k`\)"):
        describe_timm(make_timm(), "tiny.c_in1k", True)
