from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.data.draw import make_folder

from striate.data import load_dataset, load_files
from striate.data.part import Part
from striate.data.tokens import tokenise
from striate.data.words import decode_cells
from striate.errors import DataError


def make(root: Path, texts: dict[str, str]) -> Path:
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


def read_back(part: Part | None, reading: object) -> dict[str, str]:
    assert part is not None
    assert isinstance(reading, dict)
    return {part.names[n]: " ".join(decode_cells(part.inputs[n], reading)) for n in range(len(part))}


def make_classes(root: Path) -> Path:
    words = {"no": "bad", "yes": "good"}
    return make(root, {f"{label}/{n}.txt": f"{word} {label}{n}" for label, word in words.items() for n in range(9)})


def test_files_in_class_folders(tmp_path: Path) -> None:
    found = load_dataset(make_classes(tmp_path))
    assert (found.facts.kind, found.classes, found.facts.channels) == ("words", ("no", "yes"), 1)
    assert found.train.inputs.dtype == np.int16
    known = set(str((found.reading or {})["vocabulary"]).split())
    trained = [tokenise((tmp_path / name).read_text()) for name in found.train.names]
    assert known == {token for tokens in trained for token in tokens}
    for name, text in read_back(found.test, found.reading).items():
        told = [token if token in known else "<unknown>" for token in tokenise((tmp_path / name).read_text())]
        assert text.split() == told
        assert "<unknown>" in told  # the numbered words stand in one text each, so test's own were never learned


def test_the_users_own_split_and_what_is_no_text(tmp_path: Path) -> None:
    make(tmp_path, {f"train/{c}/{n}.txt": f"a{n} {c}" for c in "xy" for n in range(4)})
    make(tmp_path, {"test/x/0.txt": "a1 strange x", "test/y/0.txt": "y"})
    make(tmp_path, {"train/x/empty.txt": " \n", "train/x/n.md": "b"})
    (tmp_path / "train/y/bytes.txt").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "train/y/latin.txt").write_bytes("café".encode("latin-1"))
    found = load_dataset(tmp_path)
    assert found.official
    assert read_back(found.test, found.reading) == {"test/x/0.txt": "a1 <unknown> x", "test/y/0.txt": "y"}
    assert {each.name: each.reason for each in found.set_aside} == {
        "train/x/empty.txt": "no word in it",
        "train/x/n.md": "no .txt file",
        "train/y/bytes.txt": "no text: there are zero bytes in it",
        "train/y/latin.txt": "no UTF-8 text (byte 3)",
    }


@pytest.mark.parametrize("column", [True, False])
def test_tables_say_the_part_by_a_column_or_by_their_names(tmp_path: Path, *, column: bool) -> None:
    rows = {"train": [f"word{n},{'ab'[n % 2]}" for n in range(8)], "val": ["x,a"], "test": ["word1,b", '"x, word2",a']}
    if column:
        lines = [f"{row},{part}" for part, each in rows.items() for row in each]
        (tmp_path / "all.csv").write_text("\n".join(["text,label,split", *lines]), "utf-8")
    else:
        for part, each in rows.items():
            (tmp_path / f"my-{part}.csv").write_text("\n".join(["text,label", *each]), "utf-8")
    found = load_dataset(tmp_path / "all.csv" if column else tmp_path)
    assert found.test is not None
    assert found.val is not None
    assert (len(found.train), len(found.val), len(found.test), found.official) == (8, 1, 2, True)
    assert sorted(read_back(found.test, found.reading).values()) == ["<unknown> <unknown> word2", "word1"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("text,label\na,x\nb,\n", "line 3 has no label"),
        ("text,label,split\na,x,trial\n", "line 2 is of the part 'trial', needed train, val or test"),
        ("text,label\na,x\nb,x\n", r"found one class only \(x\)"),
        ("text,label\n!,x\n , y\n", "found one class only"),
    ],
)
def test_tables_are_refused_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(DataError, match=message) as caught:
        load_dataset(tmp_path / "t.csv")
    assert "\n" not in str(caught.value)


def test_read_again_in_the_same_way(tmp_path: Path) -> None:
    found = load_dataset(make_classes(tmp_path / "a"), seed=1)
    again = load_dataset(tmp_path / "a", seed=1, extents=found.facts.extents, channels=1, reading=found.reading)
    assert again.fingerprint == found.fingerprint
    assert again.reading == found.reading
    other = make(tmp_path / "b", {"no/1.txt": "good good new", "yes/2.txt": "bad"})
    held = load_dataset(other, reading=found.reading, extents=(5,), channels=1, split=False)
    assert read_back(held.test, found.reading) == {"no/1.txt": "good good <unknown>", "yes/2.txt": "bad"}
    assert held.facts.extents == (5,)


def test_single_files(tmp_path: Path) -> None:
    found = load_dataset(make_classes(tmp_path / "a"))
    make(tmp_path, {"one.txt": "good bad", "none.txt": ""})
    paths = [tmp_path / "none.txt", tmp_path / "one.txt", tmp_path / "missing.txt"]
    inputs, names, aside = load_files(paths, extents=(6,), channels=1, reading=found.reading)
    assert names == [str(tmp_path / "one.txt")]
    assert inputs.shape == (1, 1, 6)
    assert decode_cells(inputs[0], found.reading or {}) == ["good", "bad"]
    assert [each.reason.split(" (")[0] for each in aside] == ["no word in it", "can't be read"]


def test_pictures_with_notes_beside_them_are_pictures(tmp_path: Path) -> None:
    make_folder(tmp_path, {"a": 4, "b": 4})
    make(tmp_path, {"a/000.txt": "a note", "notes.txt": "text"})
    assert load_dataset(tmp_path).facts.kind == "images"
