from __future__ import annotations

from striate.nets.vocabulary import ACTIVATIONS, BRACKETS, LAYERS, SIDES, WITHOUT_BIAS_BEFORE_BN, WORDS

DESIGNED = """
conv deconv local depthwise fc embed | maxpool avgpool gap gmp kmaxpool unpool maxout | relu relu6 gelu silu tanh
sigmoid softmax | bn gn ln lrn dropout | flatten upsample pixelshuffle channelshuffle crop scale | add cat mul | tap
taps | aux
timm torchvision
"""


def test_the_vocabulary_is_the_design() -> None:
    assert set(DESIGNED.replace("|", "").split()) == WORDS


def test_the_catalogues_agree() -> None:
    assert not BRACKETS.keys() & LAYERS.keys()
    assert LAYERS.keys() >= ACTIVATIONS
    assert BRACKETS.keys() >= SIDES
    assert WITHOUT_BIAS_BEFORE_BN <= WORDS
