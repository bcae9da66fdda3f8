from __future__ import annotations

import pytest

from striate.studio.doors import find_door, list_doors

DOORS = list_doors(["main.js"], {"about": 10}, 100)


def test_each_door_says_what_it_takes() -> None:
    assert {path: (door.kind, door.method, door.most_bytes) for path, door in DOORS.items()} == {
        "/": ("page", "GET", 0),
        "/events": ("stream", "GET", 0),
        "/assets/main.js": ("asset", "GET", 0),
        "/api/about": ("api", "POST", 10),
        "/api/upload": ("api", "POST", 100),
    }


@pytest.mark.parametrize(
    "path",
    ["", "//", "/assets/", "/assets/other.js", "/api/", "/api/About", "/view/", "/view/short", "/main.js", "/events/"],
)
def test_there_is_no_other(path: str) -> None:
    assert find_door(DOORS, path) is None


def test_a_view_has_a_handle() -> None:
    found = find_door(DOORS, "/view/" + "a-_9" * 5 + "zz")
    assert found is not None
    assert found.kind == "view"
    assert find_door(DOORS, "/view/" + "a" * 22 + "\n") is None
