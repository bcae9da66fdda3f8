from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from striate.errors import NotationError
from striate.measure.advice import advise
from striate.measure.finding import Finding, Fix
from striate.measure.measurement import measure
from striate.nets import Net, parse, place
from striate.nets.build import make_module
from striate.nets.repair import Repair, repair

SHAPE = (3, 17, 16)


def find(net: Net, shape: tuple[int, ...] = SHAPE) -> tuple[Finding, ...]:
    return advise(measure(make_module(net, shape, 10), shape, 2))


def mend(text: str, shape: tuple[int, ...] = SHAPE) -> Repair:
    net = parse(text)
    return repair(net, find(net, shape), shape, 10)


def wish(path: str, *changes: tuple[str, str]) -> Finding:
    return Finding("wish", path, "so it is wished", "1", "Do it", tuple(Fix(path, *change) for change in changes))


@pytest.mark.parametrize(
    ("text", "changes", "wanted"),
    [
        ("conv3-8 bias=yes", [("bias", "no")], "conv3-8 bias=no"),
        ("conv3-8", [("bias", "no")], "conv3-8 bias=no"),
        ("conv3-8 dilation=2 pad=1", [("bias", "no"), ("pad", "0:1")], "conv3-8 dilation=2 pad=0:1 bias=no"),
        ("conv3-8/2", [("stride", "1")], "conv3-8"),
        ("conv3-8/2", [("stride", "1x2")], "conv3-8/1x2"),
        ("conv3-8", [("size", "3x5"), ("channels", "16")], "conv3x5-16"),
        ("conv3-8", [("pad", "same")], "conv3-8"),
        ("conv3-8 pad=1", [("pad", "same")], "conv3-8 pad=same"),
        ("conv3-8 pad=causal", [("pad", "same"), ("size", "5")], "conv5-8 pad=causal"),
        ("conv3-8 dilation=2", [("dilation", "1")], "conv3-8 dilation=1"),
        ("conv3-8", [("before", "avgpool2"), ("after", "relu, bn")], "avgpool2, conv3-8, relu, bn"),
        ("conv3-8 pad=1x0:1", [("pad", "2:1x3")], "conv3-8 pad=2:1x3"),
    ],
)
def test_each_part_of_a_layer(text: str, changes: list[tuple[str, str]], wanted: str) -> None:
    done = repair(parse(text), [wish("conv1", *changes)])
    assert done.net.text == wanted
    assert not done.left


@pytest.mark.parametrize(
    ("text", "changes", "wanted"),
    [
        ("maxpool2", [("ceil", "yes")], "maxpool2 ceil=yes"),
        ("maxpool2/3", [("size", "3"), ("ceil", "no")], "maxpool3/3"),
        ("maxpool2", [("stride", "1")], "maxpool2/1"),  # left out, it would be the size
        ("maxpool2", [("pad", "same")], "maxpool2 pad=same"),
    ],
)
def test_what_a_pool_leaves_out_means_something_else(text: str, changes: list[tuple[str, str]], wanted: str) -> None:
    assert repair(parse(text), [wish("maxpool1", *changes)]).net.text == wanted


def test_the_layout_stays() -> None:
    text = """# a network  (its comment)
input 3x17x16
def unit(n) =    # a piece
    conv3-n bias=yes,   # the bias goes
    bn, relu

unit(8) , [ conv3-8, relu ,relu ]*2   # twice
unit(16)
gap,flatten
fc-classes
"""
    done = mend(text)
    assert [(finding.name, finding.layer) for finding in done.applied] == [
        ("bias-before-bn", "unit1.conv1"),
        ("bias-before-bn", "unit2.conv1"),
        ("idle-activation", "relu2"),
        ("idle-activation", "relu4"),
    ]
    assert done.net.text == text.replace("bias=yes", "bias=no").replace("relu ,relu ]", "relu ]")


def test_a_place_that_stands_for_several_layers() -> None:
    """The second use alone has a norm behind it: what is right there is wrong for the first."""
    text = "def piece(n) = conv3-n bias=yes\npiece(8), relu, piece(8), bn"
    done = mend(text)
    assert done.net.text == text
    reasons = [reason for finding, reason in done.left if finding.name == "bias-before-bn"]
    assert reasons == ["its place in the text stands for 2 layers, and piece1.conv1 doesn't ask for this"]
    assert mend("def piece(n) = conv3-n bias=yes, bn\npiece(8), relu, piece(8)").net.text == (
        "def piece(n) = conv3-n bias=no, bn\npiece(8), relu, piece(8)"
    )


def test_a_fix_of_several_layers_goes_in_whole_or_not_at_all() -> None:
    both = Finding("wish", "", "", "", "", (Fix("relu1", "remove"), Fix("bn1", "after", "relu")))
    assert repair(parse("conv3-8, relu, bn"), [both]).net.text == "conv3-8, bn, relu"
    half = Finding("wish", "", "", "", "", (Fix("relu1", "remove"), Fix("bn2", "after", "relu")))
    done = repair(parse("conv3-8, relu, bn"), [half])
    assert (done.net.text, done.left) == ("conv3-8, relu, bn", ((half, "the text has no layer `bn2`"),))


def test_what_does_not_fit_is_left() -> None:
    """One change breaks the sum of the branches; the other one is made all the same."""
    text = "add[conv3-3 | conv3-3 bias=yes, bn]"
    broken, fine = wish("add1.branch1.conv1", ("channels", "5")), wish("add1.branch2.conv1", ("bias", "no"))
    done = repair(parse(text), [broken, fine], (3, 8, 8))
    assert done.net.text == text.replace("yes", "no")
    assert done.applied == (fine,)
    assert [(finding, "needed equal shapes" in reason) for finding, reason in done.left] == [(broken, True)]


def test_two_wishes_for_one_layer() -> None:
    more, less = wish("conv1", ("size", "5")), wish("conv1", ("size", "1"))
    done = repair(parse("conv3-8"), [more, less])
    assert done.net.text == "conv5-8"
    assert [finding for finding, _ in done.left] == [less]
    gone = wish("conv1", ("remove", ""))
    done = repair(parse("conv3-8, relu"), [more, gone])
    assert (done.net.text, [finding for finding, _ in done.left]) == ("conv5-8, relu", [gone])


def test_a_finding_without_a_fix_is_left() -> None:
    done = repair(parse("conv3-8"), [Finding("wish", "conv1", "", "", "")])
    assert done.left[0][1] == "it has no fix of its own"


def test_classes_are_needed_where_the_text_says_so() -> None:
    with pytest.raises(NotationError, match="classes=10"):
        repair(parse("conv3-classes"), [])
    assert repair(parse("conv3-classes"), [], classes=3).net.text == "conv3-classes"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("conv3-8, gap, flatten, fc-10, softmax", "conv3-8, gap, flatten, fc-10"),
        ("conv3-8, relu\nflatten, fc-10", "conv3-8, relu\ngap, flatten, fc-10"),
        ("conv1-8/2, relu", "avgpool2 ceil=yes, conv1-8, relu"),
        ("conv3-8, dropout p=0.2, bn", "conv3-8, bn, dropout p=0.2"),
    ],
)
def test_the_rest_of_what_has_a_fix(text: str, wanted: str) -> None:
    assert mend(text).net.text == wanted


FAULTS = {
    "bias-before-bn": ["conv3-8 bias=yes, bn", "depthwise3 bias=yes, bn, relu", "deconv4-6/2 bias=yes, bn"],
    "bn-after-bn": ["bn, bn", "conv3-8, bn, bn, bn"],
    "dropout-before-bn": ["dropout, bn, relu", "conv1-4, dropout p=0.2, bn"],
    "idle-activation": ["relu, relu", "relu6, relu", "relu, maxpool2, relu", "sigmoid, relu, conv1-8"],
    "linear-after-linear": ["conv3-8, conv3-8, relu", "conv1-8, conv3-4, relu"],
    "dropped-border": ["maxpool2", "avgpool3", "conv3-4/2 pad=valid, relu", "conv2-4/3 pad=1 bias=no, bn"],
    "skipped-cells": ["conv3-8/4, relu", "maxpool2/3", "conv2-8/3 pad=valid, relu", "conv3-4/5 pad=1, bn"],
    "pointwise-stride": ["conv1-8/2, relu", "conv1-8/3, bn", "depthwise1/2"],
    "checkerboard": ["deconv3-4/2, relu", "deconv3-4/2 pad=1, relu", "deconv5-4/3, bn"],
    "large-kernel": ["conv1-8, relu, conv5-8, relu", "conv1-8, relu, conv7-8, bn, relu"],
}
KEEPING_SHAPE = frozenset(FAULTS) - {"dropped-border"}
ENDS = ["", "gap, flatten, fc-10", "gap, flatten, fc-10, softmax", "conv1-4, relu, flatten, fc-10"]


def draw_text(random: Random, name: str) -> str:
    """A network with at least one fault of this kind, in a definition, a repetition, a branch, or plain."""
    fault = random.choice(FAULTS[name])
    inner = random.choice(["relu", "conv3-8, relu", "bn, relu", "tanh", "gelu"])
    form = random.choice(["plain", "definition", "repeat", "branch"])
    if form == "definition":
        row = f"def piece = {inner}, {fault}  # a piece\npiece"
    elif form == "repeat":
        row = f"[{inner},\n  {fault}  # again\n]*2"
    elif form == "branch":
        row = f"mul[{inner}, {fault} | gap]"
    else:
        row = f"{inner}, {fault}"
    end = random.choice(ENDS)
    return "\n".join(part for part in (row, end) if part)


@pytest.mark.parametrize("name", sorted(FAULTS))
@settings(max_examples=12)
@given(seed=st.integers(0, 2**32))
def test_once_repaired_it_is_found_no_more(name: str, seed: int) -> None:
    text = draw_text(Random(seed), name)
    try:
        place(parse(text), SHAPE, 10)
    except NotationError:  # too small for what stands there
        return
    net = parse(text)
    before = [finding for finding in find(net) if finding.name == name]
    done = repair(net, before, SHAPE, 10)
    after = Counter(finding.name for finding in find(done.net))
    assert before or name == "dropped-border"  # whether a border is left hangs on the extents
    assert after[name] <= len(done.left)
    if name in KEEPING_SHAPE:
        assert place(done.net, SHAPE, 10)[-1].output == place(net, SHAPE, 10)[-1].output
    assert done.net.text.count("#") == text.count("#")
    assert parse(str(done.net)) == done.net
