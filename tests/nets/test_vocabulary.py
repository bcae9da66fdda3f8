from __future__ import annotations

import pytest

from striate.errors import NotationError
from striate.nets import parse, place
from striate.nets.vocabulary import ACTIVATIONS, BRACKETS, LAYERS, UNBUILT, WITHOUT_BIAS_BEFORE_BN, WORDS

DESIGNED = """
conv deconv local depthwise fc embed | maxpool avgpool gap gmp kmaxpool unpool maxout | relu relu6 gelu silu tanh
sigmoid softmax | bn gn ln lrn dropout | flatten upsample pixelshuffle channelshuffle crop scale | add cat mul | tap
taps | aux
"""


def test_the_vocabulary_is_the_design() -> None:
    assert set(DESIGNED.replace("|", "").split()) == WORDS


def test_a_word_is_built_or_not() -> None:
    assert not UNBUILT & LAYERS.keys()
    assert not BRACKETS.keys() & LAYERS.keys()
    assert LAYERS.keys() | BRACKETS.keys() == WORDS - UNBUILT
    assert LAYERS.keys() >= ACTIVATIONS
    assert WITHOUT_BIAS_BEFORE_BN <= WORDS


@pytest.mark.parametrize("word", sorted(UNBUILT))
def test_what_is_not_built_is_read_and_refused(word: str) -> None:
    net = parse(f"relu, {word}[relu]" if word in BRACKETS else f"relu, {word}")
    with pytest.raises(NotationError, match=f"found `{word}`, which is read but not built yet, needed") as caught:
        place(net, (3, 8, 8))
    assert caught.value.column == 7
