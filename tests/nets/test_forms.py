from __future__ import annotations

import itertools

import pytest

from striate.errors import NotationError
from striate.nets import parse
from striate.nets.forms import write_example
from striate.nets.vocabulary import LAYERS

PARTS = {"size": "3", "channels": "-8", "stride": "/2"}


# `relu` with a size may be `relu6`; a backbone's parts are its name's letters.
@pytest.mark.parametrize("name", [name for name in LAYERS if name != "relu" and LAYERS[name].name == "none"])
def test_each_word_takes_just_its_parts(name: str) -> None:
    needs = {part: getattr(LAYERS[name], part) for part in PARTS}
    for chosen in itertools.product([False, True], repeat=3):
        given = dict(zip(PARTS, chosen, strict=True))
        text = name + "".join(written for part, written in PARTS.items() if given[part])
        wrong = [part for part, need in needs.items() if need == ("none" if given[part] else "required")]
        if not wrong:
            assert parse(text)
        else:
            with pytest.raises(NotationError, match=f"{wrong[0]}.*needed.*`{write_example(name)}`"):
                parse(text)


@pytest.mark.parametrize("name", LAYERS)
def test_examples_can_be_read(name: str) -> None:
    assert str(parse(write_example(name))).strip() == write_example(name)


@pytest.mark.parametrize("name", LAYERS)
def test_each_option_is_known_by_its_word_alone(name: str) -> None:
    every = {key for word in LAYERS.values() for key in word.options}
    for key in every:
        text = f"{write_example(name)} {key}=1"
        if key in LAYERS[name].options:
            assert parse(text)
        else:
            with pytest.raises(NotationError, match=rf"`{key}=`.*needed") as caught:
                parse(text)
            assert caught.value.column == len(write_example(name)) + 2
