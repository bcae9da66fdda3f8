from __future__ import annotations

import pytest

from striate.errors import InputError
from striate.measure.advice import advise
from striate.nets.notation import parse
from striate.verbs.measuring import measure
from striate.verbs.mending import advise_text
from striate.verbs.sketching import sketch

TEXT = """input 3x32x32  # colour
def b(n) = conv3-n bias=yes, bn, relu
b(8)*2, relu  # idle
conv3-8, gap, flatten, fc-10
"""


def test_every_finding_is_told_once_with_its_place() -> None:
    found = advise_text(TEXT)
    told = [(each.name, layer) for each in found for layer in each.layers]
    assert sorted(told) == sorted({(finding.name, finding.layer) for finding in advise(measure(TEXT))})
    bias = next(each for each in found if each.name == "bias-before-bn")
    assert bias.layers == ("b1.conv1", "b2.conv1")
    assert bias.at == TEXT.index("conv3-n")


def test_a_fix_is_the_text_with_that_fix_and_comments_kept() -> None:
    for each in advise_text(TEXT):
        if each.text is None:
            assert not each.fix or each.left
            continue
        assert "# colour" in each.text
        assert "# idle" in each.text
        assert sketch(each.text).problem is None
        left = [(finding.name, finding.layer) for finding in advise(measure(parse(each.text)))]
        assert not {(each.name, layer) for layer in each.layers} & set(left)
    assert sum(each.text is not None for each in advise_text(TEXT)) >= 2


def test_a_text_that_is_wrong_is_not_advised_on() -> None:
    with pytest.raises(InputError):
        advise_text("input 3x8x8\nrellu")
