from __future__ import annotations

import time

import pytest

from striate.errors import NotationError
from striate.nets import parse
from striate.nets.nesting import MOST_DEPTH


def chain(length: int) -> list[str]:
    return ["def a0_ = relu", *(f"def a{i}_ = a{i - 1}_" for i in range(1, length))]


@pytest.mark.parametrize("upwards", [True, False])
def test_definitions_inside_definitions_have_a_bound(upwards: bool) -> None:
    """Whatever their order: `upwards` each stands below what it uses."""
    for length, fits in ((MOST_DEPTH, True), (MOST_DEPTH + 1, False), (1000, False)):
        lines = chain(length) if upwards else chain(length)[::-1]
        text = "\n".join([*lines, f"a{length - 1}_"])
        if fits:
            assert len(parse(text).definitions) == length
        else:
            with pytest.raises(NotationError, match=f"{MOST_DEPTH} deep"):
                parse(text)


def test_brackets_in_definitions_add_up() -> None:
    half = MOST_DEPTH // 2
    inner = f"def f = {'[' * half}relu{']' * half}\n"
    parse(inner + "[" * (half - 1) + "f" + "]" * (half - 1))
    with pytest.raises(NotationError, match="deep inside each other") as caught:
        parse(inner + "[" * half + "f" + "]" * half)
    assert (caught.value.line, caught.value.column) == (2, half + 1)


def test_repetitions_of_repetitions_have_a_bound() -> None:
    assert parse("relu" + "*1" * MOST_DEPTH)
    with pytest.raises(NotationError, match="deep inside each other"):
        parse("relu" + "*1" * 5000)


@pytest.mark.parametrize(
    ("text", "way", "line"),
    [
        ("def a = a\nrelu", "a -> a", 1),
        ("def a = relu\ndef b = [a, c]*2\ndef c = cat[ | relu, b]\nrelu", "b -> c -> b", 3),
        ("def z = a\ndef a = b\ndef b = a\nz", "a -> b -> a", 3),
    ],
)
def test_no_definition_holds_itself(text: str, way: str, line: int) -> None:
    with pytest.raises(NotationError, match="defined by itself") as caught:
        parse(text)
    assert f"({way})" in caught.value.problem
    assert caught.value.line == line


def test_doubling_takes_no_time() -> None:
    lines = ["def a0_ = relu", *(f"def a{i}_ = a{i - 1}_, a{i - 1}_" for i in range(1, MOST_DEPTH))]
    start = time.process_time()
    parse("\n".join([*lines, f"a{MOST_DEPTH - 1}_"]))
    assert time.process_time() - start < 1
