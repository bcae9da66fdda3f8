from __future__ import annotations

from pathlib import Path

import pytest

from striate.errors import InputError
from striate.nets.export.catalogue import FORMATS, find_format


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_suffix_in_any_case_names_its_format(suffix: str) -> None:
    assert find_format(Path(f"a.b{suffix.upper()}")) is FORMATS[suffix]


@pytest.mark.parametrize("name", ["a", "a.tflite", ".onnx", "a.onnx.gz"])
def test_another_suffix_is_one_line_with_the_known_ones(name: str) -> None:
    with pytest.raises(InputError) as caught:
        find_format(Path(name))
    assert all(suffix in str(caught.value) for suffix in FORMATS)
    assert "\n" not in str(caught.value)
