from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Literal

import pytest
from tests.data.draw import make_folder

from striate.data.archive import Parts, open_archive
from striate.data.load import load_dataset
from striate.errors import DataError

TARS = {".tar": "w:", ".tar.gz": "w:gz", ".tgz": "w:gz", ".tar.bz2": "w:bz2", ".tar.xz": "w:xz"}


def pack(folder: Path, archive: Path, prefix: str = "") -> Path:
    files = sorted((path for path in folder.rglob("*") if path.is_file()), reverse=True)
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive, "w") as packed:
            for path in files:
                packed.write(path, prefix + path.relative_to(folder).as_posix())
    else:
        with tarfile.open(archive, TARS["".join(archive.suffixes)]) as packed:  # type: ignore[call-overload]
            for path in files:
                packed.add(path, prefix + path.relative_to(folder).as_posix())
    return archive


@pytest.mark.parametrize("suffix", [".zip", *TARS])
@pytest.mark.parametrize("prefix", ["", "photos/"])
def test_an_archive_counts_as_its_folder(tmp_path: Path, suffix: str, prefix: str) -> None:
    folder = make_folder(tmp_path / "folder", {"train/cat": 5, "train/dog": 4, "test/cat": 2, "test/dog": 2})
    packed = load_dataset(pack(folder, tmp_path / f"set{suffix}", prefix))
    plain = load_dataset(folder)
    assert packed.fingerprint == plain.fingerprint
    assert (packed.name, packed.classes, packed.official) == ("set", ("cat", "dog"), True)
    assert list(packed.train.names) == list(plain.train.names)


def test_parts_side_by_side_are_one(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "folder", {"cat": 6, "dog": 6})
    (tmp_path / "parts").mkdir()
    for label in ("cat", "dog"):
        with zipfile.ZipFile(tmp_path / "parts" / f"{label}.zip", "w") as part:
            for path in sorted((folder / label).iterdir()):
                part.write(path, f"{label}/{path.name}")
    (tmp_path / "parts" / "notes.txt").write_text("x")
    data = load_dataset(tmp_path / "parts")
    assert data.fingerprint == load_dataset(folder).fingerprint
    assert [(aside.name, aside.reason) for aside in data.set_aside] == [
        ("notes.txt", "beside the archives, in none of them")
    ]


def test_parts_called_after_sides(tmp_path: Path) -> None:
    train = make_folder(tmp_path / "a", {"cat": 6, "dog": 6})
    test = make_folder(tmp_path / "b", {"cat": 1, "dog": 1})
    (tmp_path / "parts").mkdir()
    pack(train, tmp_path / "parts" / "train-part1.zip")
    pack(test, tmp_path / "parts" / "test.tar.gz")
    data = load_dataset(tmp_path / "parts")
    assert data.official
    assert data.test is not None
    assert list(data.test.names) == ["test/cat/000.png", "test/dog/000.png"]


def test_a_name_in_two_parts_is_taken_once(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "a", {"cat": 2, "dog": 2})
    paths = [pack(folder, tmp_path / name) for name in ("one.zip", "two.zip")]
    parts = Parts("set", paths)
    assert len(parts.entries) == 4
    assert {aside.reason for aside in parts.set_aside} == {"a second file of this name, in two.zip"}
    parts.close()


def test_hostile_zip_members_are_set_aside(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("cat/link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "set.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("cat/good.png", b"x")
        packed.writestr(link, "/etc/passwd")
        for name in ("../out.png", "cat/../../out.png", "/abs.png", "C:/abs.png", "..\\out.png"):
            packed.writestr(name, b"x")
        packed.writestr("cat/bomb.png", bytes(1 << 25))
        packed.writestr("__MACOSX/cat/._good.png", b"x")
    store = open_archive(tmp_path / "set.zip")
    assert [entry.name for entry in store.entries] == ["cat/good.png"]
    assert {aside.name: aside.reason for aside in store.set_aside} == {
        "cat/link.png": "a link or device",
        "../out.png": "a path that leaves the archive",
        "cat/../../out.png": "a path that leaves the archive",
        "/abs.png": "an absolute path",
        "C:/abs.png": "an absolute path",
        "../out.png".replace("/", "/"): "a path that leaves the archive",
        "cat/bomb.png": "swells to more than 250 times its size",
    }
    store.close()


def test_hostile_tar_members_are_set_aside(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "set.tar", "w") as packed:
        for name in ("cat/good.png", "../out.png", "/abs.png", "cat/good.png"):
            info = tarfile.TarInfo(name)
            info.size = 4
            packed.addfile(info, io.BytesIO(b"good"))
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
            info = tarfile.TarInfo(f"cat/{kind.decode()}.png")
            info.type, info.linkname = kind, "cat/good.png"
            packed.addfile(info)
    store = open_archive(tmp_path / "set.tar")
    assert [entry.name for entry in store.entries] == ["cat/good.png"]
    assert store.read(store.entries[0]) == b"good"
    assert sorted(aside.reason for aside in store.set_aside) == sorted(
        ["a path that leaves the archive", "an absolute path", "a second member of this name"]
        + ["a link, device or sparse file"] * 4
    )
    store.close()


def test_a_tar_bomb_is_refused_before_it_swells(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "set.tar.gz", "w:gz") as packed:
        info = tarfile.TarInfo("cat/1.png")
        info.size = 1 << 25
        packed.addfile(info, io.BytesIO(bytes(1 << 25)))
    with pytest.raises(DataError, match="swells to more than 250 times"):
        open_archive(tmp_path / "set.tar.gz")


@pytest.mark.parametrize("name", ["set.zip", "set.tar", "set.tar.gz"])
@pytest.mark.parametrize("content", [b"", b"nonsense" * 100])
def test_what_is_no_archive(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=f"{name}: can't be read as an archive") as caught:
        load_dataset(tmp_path / name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("suffix", [".zip", ".tar", ".tar.gz", ".tar.xz"])
def test_a_truncated_archive(tmp_path: Path, suffix: str) -> None:
    folder = make_folder(tmp_path / "folder", {"cat": 4, "dog": 4}, size=(60, 60))
    whole = pack(folder, tmp_path / f"set{suffix}")
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(DataError, match="can't be read as an archive"):
        load_dataset(whole)


def test_a_damaged_member_is_set_aside(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "folder", {"cat": 6, "dog": 6})
    archive = pack(folder, tmp_path / "set.zip")
    with zipfile.ZipFile(archive) as packed:
        start = packed.getinfo("cat/002.png").header_offset + 30 + len("cat/002.png")
    content = bytearray(archive.read_bytes())
    content[start + 200] ^= 255
    archive.write_bytes(content)
    data = load_dataset(archive)
    assert [aside.name for aside in data.set_aside] == ["cat/002.png"]
    assert "CRC" in data.set_aside[0].reason
    assert data.facts.samples == 11


def test_an_encrypted_member_is_set_aside(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "folder", {"cat": 2, "dog": 2})
    archive = pack(folder, tmp_path / "set.zip")
    content = bytearray(archive.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    archive.write_bytes(content)
    store = open_archive(archive)
    assert [aside.reason for aside in store.set_aside] == ["encrypted"]
    assert len(store.entries) == 3
    store.close()


def pack_numbers(path: Path, mode: Literal["w", "w:gz"] = "w", count: int = 6) -> bytes:
    """A tar of `count` members of more than a block each."""
    with tarfile.open(path, mode) as archive:
        for number in range(count):
            member = tarfile.TarInfo(f"cat/{number}.bin")
            member.size = 700
            archive.addfile(member, io.BytesIO(bytes([number + 1]) * 700))
    return path.read_bytes()


MEMBER_BYTES = 512 + 1024  # a header, and 700 bytes in whole blocks


@pytest.mark.parametrize(
    ("harm", "kept", "reason"),
    [
        (lambda content: content[: 2 * MEMBER_BYTES + 100], 2, "cut off or damaged"),  # in a header
        (lambda content: content[: 3 * MEMBER_BYTES], 3, "cut off or damaged"),  # between two members
        (lambda content: content[:MEMBER_BYTES] + b"?" * 512 + content[MEMBER_BYTES + 512 :], 1, "cut off or damaged"),
        (
            lambda content: content[:MEMBER_BYTES] + bytes(512) + content[MEMBER_BYTES + 512 :],
            1,
            "goes on after its end",
        ),
    ],
)
def test_members_that_damage_hides_are_missed(
    tmp_path: Path, harm: Callable[[bytes], bytes], kept: int, reason: str
) -> None:
    path = tmp_path / "set.tar"
    path.write_bytes(harm(pack_numbers(path)))
    with closing(open_archive(path)) as store:
        assert len(store.entries) == kept
        (aside,) = store.set_aside
    assert (aside.name, reason in aside.reason) == ("set.tar", True)


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_whole_tar_misses_nothing(tmp_path: Path, mode: Literal["w", "w:gz"]) -> None:
    path = tmp_path / "set.tar"
    pack_numbers(path, mode)
    with closing(open_archive(path)) as store:
        assert (len(store.entries), store.set_aside) == (6, ())
