from __future__ import annotations

import re
from importlib.resources import files

from striate.studio.assets import INDEX, NAMES, read_asset, read_assets


def test_every_file_of_the_page_is_listed_and_every_listed_one_is_there() -> None:
    found = {file.name for file in files("striate.studio").joinpath("page").iterdir()}
    assert found == {INDEX, *NAMES}


def test_a_type_says_what_a_file_is() -> None:
    assert read_asset("main.js").type == "text/javascript; charset=utf-8"
    assert read_asset("style.css").type == "text/css; charset=utf-8"


def test_the_page_asks_for_listed_files_alone_and_nothing_stands_inline() -> None:
    for name, asset in read_assets().items():
        text = asset.content.decode("utf-8")
        assert not re.search(r"https?://(?!www\.w3\.org/)", text), name
        for asked in re.findall(r"[\"'`]/assets/([\w.-]+)[\"'`]|from \"\./([\w.-]+)\"", text):
            assert "".join(asked) in NAMES, name
    page = read_asset(INDEX).content.decode("utf-8")
    assert not re.search(r"<style|style=|<script(?![^>]*src=)| on\w+=|javascript:", page)


def test_no_script_evaluates_text() -> None:
    for name in NAMES:
        if name.endswith(".js"):
            text = read_asset(name).content.decode("utf-8")
            assert not re.search(r"\beval\(|new Function|document\.write|insertAdjacentHTML|outerHTML", text), name
