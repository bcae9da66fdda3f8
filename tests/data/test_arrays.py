from __future__ import annotations

import numpy as np
import pytest
import torch

from striate.data.arrays import pair_arrays
from striate.data.load import load_dataset
from striate.data.pool import Side
from striate.errors import DataError


def test_names_of_many_habits_pair_up() -> None:
    for inputs, labels, side in (
        ("x", "y", Side.UNSAID),
        ("X", "Y", Side.UNSAID),
        ("data", "targets", Side.UNSAID),
        ("images", "labels", Side.UNSAID),
        ("x_train", "y_train", Side.TRAIN),
        ("train_images", "train_labels", Side.TRAIN),
        ("val_images", "val_labels", Side.VAL),
        ("X-test", "y-test", Side.TEST),
    ):
        pairs = pair_arrays({inputs: [[1], [2]], labels: [3, 4], "other": [0]}, "set")
        assert list(pairs) == [side]
        assert [half.tolist() for half in pairs[side]] == [[[1], [2]], [3, 4]]


@pytest.mark.parametrize("keys", [(), ("x",), ("x_train", "y_train", "x_test"), ("a", "b"), ("x", "y_train")])
def test_a_missing_half_is_named(keys: tuple[str, ...]) -> None:
    with pytest.raises(DataError, match="needed both x"):
        pair_arrays({key: [1] for key in keys}, "set")


def test_a_pair_in_memory() -> None:
    inputs = np.random.default_rng(0).integers(0, 256, (40, 8, 9, 3), np.uint8)
    data = load_dataset((inputs, np.tile([5, 3], 20)))
    assert (data.facts.kind, data.facts.extents, data.classes, data.official) == ("arrays", (8, 9), ("3", "5"), False)
    assert data.train.names[0].startswith("sample[")
    number = int(data.train.names[4][7:-1])
    assert (data.train.inputs[4] == np.moveaxis(inputs[number], 2, 0)).all()
    assert data.classes[data.train.labels[4]] == str([5, 3][number % 2])


def test_a_dict_keeps_its_test() -> None:
    inputs = np.random.default_rng(0).random((40, 16))
    data = load_dataset(
        {"x_train": inputs[:30], "y_train": np.arange(30) % 2, "x_test": inputs[30:], "y_test": [0, 1] * 5}
    )
    assert data.official
    assert data.test is not None
    assert data.test.inputs.shape == (10, 1, 16)
    assert data.facts.value_range == (0.0, 1.0)


def test_torch_tensors() -> None:
    numbers = torch.arange(20 * 1 * 4 * 5).reshape(20, 1, 4, 5) % 256
    inputs = numbers.to(torch.float32) / 255
    data = load_dataset((inputs, torch.arange(20) % 2), split=False)
    assert data.test is not None
    assert (data.test.inputs == numbers.numpy()).all()
    with pytest.raises(DataError, match="can't be read as an array"):
        load_dataset((inputs.requires_grad_(), torch.arange(20) % 2))


def test_volumes() -> None:
    data = load_dataset((np.zeros((10, 1, 4, 5, 6), np.uint8), [0, 1] * 5))
    assert data.facts.extents == (4, 5, 6)


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ((np.zeros((4, 8)), [0, 1, 0]), "4 inputs but 3 labels"),
        ((np.zeros((4, 8)), 1), "4 inputs but a single number"),
        ((np.zeros((0, 8)), []), "no samples"),
        ((3.0, [1]), "no samples"),
        ((np.zeros((4, 8)), [1, 1, 1, 1]), "one class only"),
        ((np.full((4, 8), np.nan), [0, 1, 0, 1]), "NaN"),
        (([[1, 2], [3]], [0, 1]), "can't be read as an array"),
        ((np.zeros((4, 8)), [0.5, np.inf, 0, 1]), "NaN or infinity in the labels, first in number 1"),
        ((1, 2, 3), "found no pair"),
    ],
)
def test_mistakes_give_one_line(pair: tuple[object, object], message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        load_dataset(pair)
    assert "\n" not in str(caught.value)


def test_parts_of_two_shapes() -> None:
    arrays = {"x_train": np.zeros((4, 8)), "y_train": [0, 1] * 2, "x_test": np.zeros((2, 9)), "y_test": [0, 1]}
    with pytest.raises(DataError, match="1x8 and 1x9"):
        load_dataset(arrays)
