from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits
from tests.data.draw import write_idx

from striate.data.load import load_dataset
from striate.data.names import NAMED, find_named, suggest_name
from striate.errors import DataError


def test_digits_are_scaled_exactly() -> None:
    data = load_dataset("digits", split=False)
    bunch = load_digits()
    assert data.test is not None
    assert data.test.inputs.shape == (1797, 1, 8, 8)
    assert (data.test.labels == bunch.target).all()
    scaled = {int(value): round(int(value) * 255 / 16) for value in range(17)}
    for sample, slow in zip(data.test.inputs[::97, 0], bunch.images[::97], strict=True):
        assert sample.tolist() == [[scaled[int(value)] for value in row] for row in slow]
    assert data.test.names[5] == "digits[5]"
    assert (data.source, data.name) == ("digits", "digits")


def test_digits_at_another_size() -> None:
    assert load_dataset("digits", extents=(28, 28), channels=3).train.inputs.shape[1:] == (3, 28, 28)


def test_a_set_below_the_data_folder_has_its_class_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fashion-mnist").mkdir()
    write_idx(tmp_path / "fashion-mnist", "train", 30)
    monkeypatch.setenv("STRIATE_DATA", str(tmp_path))
    assert find_named("fashion-mnist", None) == tmp_path / "fashion-mnist"
    with pytest.raises(DataError, match="found 3 classes; needed its 10"):
        load_dataset("fashion-mnist")


def test_a_set_that_is_nowhere_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pooch

    def offline(*args: object, **options: object) -> None:
        raise OSError("no route\nto the host")

    monkeypatch.delenv("STRIATE_DATA", raising=False)
    monkeypatch.setattr(pooch, "retrieve", offline)
    for cache in (tmp_path, None):
        with pytest.raises(DataError, match=r"Set STRIATE_DATA to a folder that holds mnist/") as caught:
            find_named("mnist", cache)
        assert "\n" not in str(caught.value)


def test_files_are_asked_for_with_their_sums(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pooch

    asked: list[tuple[str, str, str]] = []

    def note(url: str, known_hash: str, fname: str, path: Path) -> None:
        asked.append((url, known_hash, fname))

    monkeypatch.delenv("STRIATE_DATA", raising=False)
    monkeypatch.setattr(pooch, "retrieve", note)
    for name in ("mnist", "fashion-mnist", "cifar10"):
        find_named(name, tmp_path)
    assert len(asked) == 9
    for url, known, fname in asked:
        assert url.endswith(f"/{fname}")
        assert url.startswith("http")
        assert len(known.removeprefix("md5:")) == 32


@pytest.mark.parametrize(
    ("text", "name"), [("minst", "mnist"), ("CIFAR-10", "cifar10"), ("fashionmnist", "fashion-mnist")]
)
def test_near_names_are_suggested(text: str, name: str) -> None:
    assert suggest_name(text) == f" Did you mean {name}?"
    with pytest.raises(DataError, match=f"not found.*Did you mean {name}"):
        load_dataset(text)


def test_far_names_are_not_suggested() -> None:
    assert suggest_name("holiday photos") == ""


def test_sums_are_those_of_the_real_files(real: Path) -> None:
    from hashlib import md5

    for name, named in NAMED.items():
        for file, known in named.md5.items():
            if (real / name / file).exists():
                assert md5((real / name / file).read_bytes(), usedforsecurity=False).hexdigest() == known


def test_class_counts_fit() -> None:
    assert {name: len(named.classes) for name, named in NAMED.items()} == dict.fromkeys(NAMED, 10)
    assert np.unique([len(set(named.classes)) for named in NAMED.values()]).tolist() == [10]
