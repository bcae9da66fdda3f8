from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from tests.data.draw import make_folder

from striate.data.folder import DEEPEST, Folder, open_regular

needs_links = pytest.mark.skipif(os.name == "nt", reason="links and pipes are made the POSIX way")


def reasons(folder: Folder) -> dict[str, str]:
    return {aside.name: aside.reason for aside in folder.set_aside}


def test_files_by_name_and_junk_in_silence(tmp_path: Path) -> None:
    make_folder(tmp_path, {"b": 2, "a": 1})
    for junk in ("Thumbs.db", ".DS_Store", "a/.hidden", "__MACOSX/a/1.png", ".git/x"):
        (tmp_path / junk).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / junk).write_bytes(b"x")
    folder = Folder(tmp_path)
    assert [entry.name for entry in folder.entries] == ["a/000.png", "b/000.png", "b/001.png"]
    assert folder.set_aside == ()
    entry = folder.entries[2]
    assert (entry.bytes, entry.changed_ns) == ((p := tmp_path / "b/001.png").stat().st_size, p.stat().st_mtime_ns)
    assert folder.read(entry) == p.read_bytes()


@needs_links
def test_links_inside_are_followed_and_links_out_are_not(tmp_path: Path) -> None:
    root = make_folder(tmp_path / "root", {"cat": 2})
    make_folder(tmp_path / "away", {"dog": 1})
    (root / "twin").symlink_to("cat", target_is_directory=True)
    (root / "cat" / "again.png").symlink_to("000.png")
    (root / "away").symlink_to(tmp_path / "away", target_is_directory=True)
    (root / "cat" / "away.png").symlink_to(tmp_path / "away/dog/000.png")
    (root / "cat" / "dead.png").symlink_to("nowhere.png")
    folder = Folder(root)
    names = [entry.name for entry in folder.entries]
    assert names == [f"{top}/{name}.png" for top in ("cat", "twin") for name in ("000", "001", "again")]
    assert {name: reason.split(" (")[0] for name, reason in reasons(folder).items()} == {
        "away": "a link that leaves the folder",
        "cat/away.png": "a link that leaves the folder",
        "twin/away.png": "a link that leaves the folder",
        "cat/dead.png": "a link that leads nowhere",
        "twin/dead.png": "a link that leads nowhere",
    }


@needs_links
def test_loops_end(tmp_path: Path) -> None:
    make_folder(tmp_path, {"a": 1, "b": 1})
    (tmp_path / "self").symlink_to("self")
    (tmp_path / "a" / "up").symlink_to("..", target_is_directory=True)
    (tmp_path / "a" / "b").symlink_to("../b", target_is_directory=True)
    (tmp_path / "b" / "a").symlink_to("../a", target_is_directory=True)
    folder = Folder(tmp_path)
    assert {"a/000.png", "b/000.png", "a/b/000.png"} <= {entry.name for entry in folder.entries}
    assert len(folder.entries) <= 6
    assert reasons(folder)["a/up"] == "a link back to its own folder"
    assert "self" in reasons(folder)


@needs_links
def test_pipes_and_sockets_are_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_folder(tmp_path, {"a": 1})
    os.mkfifo(tmp_path / "a" / "pipe.png")
    monkeypatch.chdir(tmp_path / "a")  # a socket's path may be no longer than 108 bytes
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.png")
        folder = Folder(tmp_path)
    assert reasons(folder) == dict.fromkeys(
        ("a/pipe.png", "a/socket.png"), "not a regular file (a pipe, socket or device)"
    )
    for name in ("pipe.png", "."):
        with pytest.raises(OSError, match="not a regular file"):
            open_regular(name)


@needs_links
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read(tmp_path: Path) -> None:
    make_folder(tmp_path, {"a": 1, "b": 1})
    (tmp_path / "b").chmod(0)
    try:
        assert reasons(Folder(tmp_path)) == {"b/": "can't be listed (Permission denied)"}
    finally:
        (tmp_path / "b").chmod(0o700)


def test_a_folder_that_can_not_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_folder(tmp_path, {"a": 1, "b": 1})
    scan = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "b":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert reasons(Folder(tmp_path)) == {"b/": "can't be listed (Permission denied)"}


def test_a_very_deep_folder_ends(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["d"] * (DEEPEST + 3))
    deep.mkdir(parents=True)
    (deep / "1.png").write_bytes(b"x")
    folder = Folder(tmp_path)
    assert folder.entries == ()
    assert [aside.reason for aside in folder.set_aside] == [f"more than {DEEPEST} folders deep"]
