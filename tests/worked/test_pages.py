"""Each page of worked examples prints what it shows, from top to bottom, and is to be found."""

from __future__ import annotations

import re

import pytest
from tests.worked.pages import FENCED, FOLDER, NAMES, ROOT, read_page, run_page

LINK = re.compile(r"\[([^\]]+)\]\(([^)#]+\.md)\)")


@pytest.mark.parametrize("name", NAMES)
def test_a_page_prints_what_it_shows(name: str) -> None:
    page = run_page(name)
    for block in page.blocks:
        printed = [line.rstrip() for line in block.printed.rstrip().split("\n")]
        assert printed == block.shown.rstrip().split("\n"), f"docs/worked/{name}.md:{block.line}"


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_shown_that_no_block_prints(name: str) -> None:
    text, page = read_page(name), run_page(name)
    shown = [match[2] for match in FENCED.finditer(text) if match[1] != "python"]
    assert shown == [block.shown for block in page.blocks if block.shown]
    assert text.count("```") == 2 * len(FENCED.findall(text))


def test_the_index_lists_every_page_by_its_title() -> None:
    titles = {read_page(name).splitlines()[0].removeprefix("# "): f"{name}.md" for name in NAMES}
    assert dict(LINK.findall(read_page("README"))) == titles
    assert "docs/worked/README.md" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*NAMES, "README"])
def test_every_link_leads_somewhere(name: str) -> None:
    assert all((FOLDER / target).is_file() for _, target in LINK.findall(read_page(name)))
