from __future__ import annotations

from pathlib import Path

import pytest

from striate.errors import InputError
from striate.studio.session import MOST_VIEWS, Document, Session


def test_what_is_shown_is_a_file_or_its_bytes(tmp_path: Path) -> None:
    session = Session(tmp_path)
    page = tmp_path / "a.html"
    page.write_bytes(b"a page")
    for content in (page, b"a page"):
        document = session.handles.take("view", session.show(Document(content)))
        assert document.read() == b"a page"
    with pytest.raises(OSError, match=r"gone\.html"):
        Document(tmp_path / "gone.html").read()


def test_the_same_page_is_held_once_and_old_ones_go(tmp_path: Path) -> None:
    session = Session(tmp_path)
    first = session.show(Document(b"0"))
    assert session.show(Document(bytes([48]))) == first
    for number in range(1, MOST_VIEWS + 1):
        session.show(Document(b"%d" % number))
    with pytest.raises(InputError):
        session.handles.take("view", first)


def test_runs_stand_below_the_folder(tmp_path: Path) -> None:
    assert Session(tmp_path).runs == tmp_path / "runs"


def test_a_session_writes_nothing_into_the_folder(tmp_path: Path) -> None:
    session = Session(tmp_path)
    session.stream.publish("a", {})
    session.uploads.keep(b"text", "a.txt")
    session.close()
    assert list(tmp_path.iterdir()) == []
