from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.cli.options import read_bytes, read_cell, read_inputs
from striate.errors import InputError

POWERS = {
    "": 1,
    "B": 1,
    "k": 1000,
    "KB": 1000,
    "KiB": 1024,
    "MB": 1000**2,
    "mib": 1024**2,
    "Gi": 1024**3,
    "TB": 1000**4,
}


@given(st.integers(1, 10**6), st.sampled_from(sorted(POWERS)), st.sampled_from(["", " "]))
def test_bytes_are_number_times_unit(number: int, unit: str, space: str) -> None:
    assert read_bytes(f"{number}{space}{unit}") == number * POWERS[unit]
    assert read_bytes(f"{number}.5{unit}") == int((number + 0.5) * POWERS[unit])


@pytest.mark.parametrize(
    "text", ["", "x", "8 GiBs", "-1", "0", "0.4B", "1e9", "8Gi B", "٣GiB", "8xB", "1.GiB", "9" * 40]
)
def test_other_numbers_of_bytes_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="--fits"):
        read_bytes(text)


@given(st.from_regex(r"[a-z][a-z0-9.]{0,9}", fullmatch=True), st.lists(st.integers(0, 10**6), min_size=1, max_size=4))
def test_cells_are_read(name: str, cell: list[int]) -> None:
    assert read_cell(f"{name}:{','.join(map(str, cell))}") == (name, tuple(cell))


@pytest.mark.parametrize("text", ["", "conv1", "conv1:", ":1,2", "conv1:1,", "conv1:-1", "conv1:1x2", "a:b:1"])
def test_other_cells_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="--field"):
        read_cell(text)


@pytest.mark.parametrize(
    ("texts", "inputs"),
    [
        ([], None),
        (["3x8x8"], (3, 8, 8)),
        (["3x8x8", "10"], {0: (3, 8, 8), 1: (10,)}),
        (["x=3x8x8"], {"x": (3, 8, 8)}),
        (["3x8x8", "mask=1x8x8"], {0: (3, 8, 8), "mask": (1, 8, 8)}),
        (["mask=1x8x8", "3x8x8"], {"mask": (1, 8, 8), 0: (3, 8, 8)}),
    ],
)
def test_inputs_are_read(texts: list[str], inputs: object) -> None:
    assert read_inputs(texts) == inputs


@pytest.mark.parametrize("texts", [["x="], ["3by3"], ["=3x8"], ["x=3x8", "x=3x8"], ["a b=3"], ["3x8\n"]])
def test_other_inputs_are_refused(texts: list[str]) -> None:
    with pytest.raises(InputError, match="--input"):
        read_inputs(texts)
