from __future__ import annotations

import random
import re

import pytest

from striate.errors import InputError
from striate.nets.lookup import find_net, list_zoo
from striate.nets.notation import parse
from striate.verbs.changing import change, find_input, list_controls, set_input, switch_axes
from striate.verbs.sketching import sketch

TEXT = """# a net
input 3x16x16
def f(n) = conv3-n pad=1, relu  # keep me
f(8)*2, conv3x5-(4*2)/2 pad=valid,
maxpool2   # and me
"""


@pytest.mark.parametrize(
    ("find", "option", "value", "expected"),
    [
        ("conv3-n", "size", "5", "conv5-n pad=1"),
        ("conv3-n", "pad", "same", "conv3-n"),
        ("conv3-n", "dilation", "2", "conv3-n pad=1 dilation=2"),
        ("conv3x5", "stride", "1", "conv3x5-(4*2) pad=valid"),
        ("conv3x5", "channels", "12", "conv3x5-12/2 pad=valid"),
        ("maxpool2", "stride", "1", "maxpool2/1"),
        ("maxpool2", "pad", "1", "maxpool2 pad=1"),
    ],
)
def test_one_number_changes_and_all_else_stays(find: str, option: str, value: str, expected: str) -> None:
    at = TEXT.index(find)
    old = next(match[0] for match in re.finditer(r"[^,#\n]+", TEXT) if match.start() <= at < match.end())
    changed = change(TEXT, at, option, value)
    stem = old[: at - TEXT.index(old)] if old in TEXT else ""
    assert changed == TEXT[:at] + expected + TEXT[at + len(old.rstrip()) - len(stem) :]
    assert next(each for each in list_controls(changed, at) if each.option == option).value == value


@pytest.mark.parametrize("name", list_zoo())
def test_setting_what_is_set_changes_nothing_but_the_writing(name: str) -> None:
    text = find_net(name).text
    places = sorted(sketch(text, None, 10).ends or {})
    for at in random.Random(1).sample(places, min(3, len(places))):
        for control in list_controls(text, at):
            if control.value and not control.settled:
                again = change(text, at, control.option, control.value)
                assert sketch(again, None, 10).nodes[-1].output == sketch(text, None, 10).nodes[-1].output
                assert sketch(again, None, 10).parameters == sketch(text, None, 10).parameters
                assert parse(again) == parse(text) or control.option in ("pad", "stride", "dilation")


@pytest.mark.parametrize(("option", "value"), [("size", "0"), ("stride", "-1"), ("pad", "x;"), ("seed", "1")])
def test_what_a_layer_can_not_be_is_refused(option: str, value: str) -> None:
    with pytest.raises(InputError, match=option):
        change(TEXT, TEXT.index("conv3x5"), option, value)


def test_where_no_layer_begins_nothing_can_be_set() -> None:
    assert list_controls(TEXT, 0) == ()
    with pytest.raises(InputError, match="no layer"):
        change(TEXT, 1, "size", "3")


def test_what_an_argument_gives_is_said() -> None:
    channels = list_controls(TEXT, TEXT.index("conv3-n"))[1]
    assert (channels.option, channels.value, channels.settled) == ("channels", "n", "n comes from an argument")


def test_a_slider_reaches_past_the_value_that_stands_there() -> None:
    (size, channels, *_) = list_controls("conv31-4096", 0)
    assert size.most >= 31
    assert channels.most >= 4096


@pytest.mark.parametrize(
    "text",
    [
        "conv3-8",
        "# one\n\n# two\nconv3-8\nrelu",
        "input 3x8x8\nconv3-8",
        "  # a\n input  3x8 # b\nconv3-8",
        "# only",
        "",
    ],
)
def test_the_input_is_written_where_it_belongs(text: str) -> None:
    written = set_input(text, (1, 64))
    assert find_input(written) == (1, 64)
    assert written.count("input") == 1
    assert all(line in written for line in text.split("\n") if "input" not in line)
    if "conv" in text:
        assert parse(written).input == (1, 64)


def test_axes_are_taken_from_the_last_one() -> None:
    assert switch_axes((3, 8, 9, 10), 2) == (3, 8, 9)
    assert switch_axes((3, 8, 9), 3) == (3, 8, 9, 9)
    assert switch_axes((7,), 1) == (7, 32)
