from __future__ import annotations

from striate.studio.downloads import Download, Downloads


def test_each_download_has_a_room_of_its_own_and_goes_with_it() -> None:
    downloads = Downloads()
    rooms = [downloads.make_room() for _ in range(2)]
    assert rooms[0] != rooms[1]
    (rooms[0] / "run.pt").write_bytes(b"weights")
    downloads.forget(Download(rooms[0] / "run.pt", "run.pt"))
    assert not rooms[0].exists()
    assert rooms[1].exists()
    downloads.close()
    assert not rooms[1].exists()


def test_nothing_is_made_for_nothing() -> None:
    Downloads().close()
