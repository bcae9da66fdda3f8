from __future__ import annotations

import numpy as np
import pytest

from striate.data.cellclasses import CellClasses, number_arrays, read_names, settle_classes
from striate.errors import DataError


def count(**cells: int) -> list[int]:
    counts = [0] * 256
    for value, number in cells.items():
        counts[int(value[1:])] = number
    return counts


@pytest.mark.parametrize(
    ("cells", "values", "names"),
    [
        (count(n0=9, n255=3), (0, 255), ("background", "object")),
        (count(n0=9, n1=3), (0, 1), ("background", "object")),
        (count(n0=9, n1=3, n255=2), (0, 1), ("background", "object")),
        (count(n0=9, n1=3, n2=1, n255=2), (0, 1, 2), ("class 0", "class 1", "class 2")),
        (count(n1=9, n2=3, n3=1), (1, 2, 3), ("class 1", "class 2", "class 3")),
    ],
)
def test_the_numbers_that_occur_are_the_classes(
    cells: list[int], values: tuple[int, ...], names: tuple[str, ...]
) -> None:
    found = settle_classes(cells, None, "masks")
    assert (found.values, found.names) == (values, names)


def test_names_settle_the_classes_whether_they_occur_or_not() -> None:
    found = settle_classes(count(n0=9, n1=1, n255=3), ("sky", "tree", "road"), "masks")
    assert (found.values, found.names) == ((0, 1, 2), ("sky", "tree", "road"))
    assert found.find_strange([0, 2, 255]) is None
    assert found.find_strange([0, 7]) == 7
    assert settle_classes(count(n0=9, n255=3), ("sky", "tree"), "masks").values == (0, 255)


@pytest.mark.parametrize("cells", [count(n0=9), count(n255=9), count(n3=1, n255=9), count()])
def test_a_single_class_is_refused(cells: list[int]) -> None:
    with pytest.raises(DataError, match="needed at least two classes"):
        settle_classes(cells, None, "masks")


def test_smoothed_edges_are_no_classes() -> None:
    blurred = [4000, *[2] * 254, 3000]
    with pytest.raises(DataError, match="needed sharp edges"):
        settle_classes(blurred, None, "masks")
    # As many numbers that fill the picture are classes, and so they are where a file names them.
    assert len(settle_classes([4000, *[200] * 254, 3000], None, "masks").values) == 255
    assert len(settle_classes(blurred, [str(each) for each in range(255)], "masks").values) == 255


@pytest.mark.parametrize("values", [(0, 255), (0, 1, 2), (4, 9, 200)])
def test_masks_are_numbered_and_written_back(values: tuple[int, ...]) -> None:
    """Against loops; -1, and 255 where it is no class, aren't judged."""
    classes = CellClasses(values, tuple(map(str, values)))
    masks = np.random.default_rng(1).choice([*values, -1, 255], (3, 4, 5)).astype(np.int16)
    found = classes.number(masks)
    assert found.dtype == np.uint8
    for place in np.ndindex(masks.shape):
        assert found[place] == (values.index(masks[place]) if masks[place] in values else 255)
    judged = found != 255
    assert (classes.write(found[judged]) == masks[judged]).all()


def test_names_are_read_a_line_each() -> None:
    assert read_names("\ufeffsky\r\n tree \nroad\n\n", "classes.txt") == ("sky", "tree", "road")
    for text, found in (("a\n\nb", "an empty line"), ("a\nb\na", "`a` twice"), ("a", "1 names"), ("", "0 names")):
        with pytest.raises(DataError, match=found):
            read_names(text, "classes.txt")


def test_arrays_of_masks_are_numbered() -> None:
    names, masks = number_arrays([np.array([[[0, 3]]]), np.array([[[3, 255]]])], "arrays")
    assert names == ("class 0", "class 3")
    assert masks.tolist() == [[[0, 1]], [[1, 255]]]
    assert number_arrays([np.array([[True, False]])], "x")[1].tolist() == [[1, 0]]
    for wrong, found in (
        ([np.zeros(3)], "found masks of 3"),
        ([np.zeros((1, 2)), np.zeros((1, 3))], "of one size"),
        ([np.array([[0.5, 1]])], "other values than whole"),
        ([np.array([[0, 400]])], "from 0 to 400"),
    ):
        with pytest.raises(DataError, match=found):
            number_arrays(wrong, "arrays")
