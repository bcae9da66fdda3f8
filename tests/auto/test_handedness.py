"""Which classes a mirror would change."""

import pytest

from striate.auto.handedness import has_handedness


@pytest.mark.parametrize(
    "classes",
    [
        tuple("0123456789"),
        tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        ("zero", "one", "two"),
        ("10", "20", "30"),
        ("turn_left", "turn_right", "straight"),
        ("Left-Eye", "Mouth"),
        ("text", "photo"),
        ("northeast", "up"),
        ("N", "NE", "SW"),
        ("background", "3", "7"),
    ],
)
def test_a_mirrored_sign_is_another_sign(classes: tuple[str, ...]) -> None:
    assert has_handedness(classes)


@pytest.mark.parametrize(
    "classes",
    [
        ("cat", "dog"),
        ("T-shirt/top", "bag"),
        ("a", "bird"),
        ("bright", "dark"),
        ("background", "object"),
        ("background",),
    ],
)
def test_a_mirrored_thing_is_the_same_thing(classes: tuple[str, ...]) -> None:
    assert not has_handedness(classes)
