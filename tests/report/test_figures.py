from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from tests.report.tables import make_chain

from striate.errors import InputError, RunError
from striate.report.figures import figure, save_figure
from striate.report.picture import Picture

TABLE = make_chain((8, 8), 2)


def test_a_table_has_a_figure() -> None:
    assert isinstance(figure(TABLE), Picture)


def test_what_has_no_figure_is_said() -> None:
    with pytest.raises(InputError, match=r"figure: found a str, needed one of Table, Locations, "):
        figure("resnet18")


@pytest.mark.parametrize("form", ["svg", "png", "pdf", "SVG"])
def test_a_picture_is_replaced_by_the_next(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"costs.{form}"
    assert save_figure(TABLE, path) == path
    first = path.read_bytes()
    save_figure(make_chain((8, 8), 3), str(path))
    assert path.read_bytes() != first
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["costs.svg", "costs.png", "costs.pdf"])
def test_another_file_is_never_lost(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    Image.new("RGB", (2, 2)).save(path, "PNG")
    before = path.read_bytes()
    with pytest.raises(InputError, match="is there already, and Striate didn't draw it"):
        save_figure(TABLE, path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["costs", "costs.gif", "costs.svg.gz", ".svg"])
def test_a_suffix_that_no_picture_has_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"needed one of \.svg, \.png, \.pdf"):
        save_figure(TABLE, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dir.svg").mkdir()
    (tmp_path / "file").write_text("mine")
    for path in (tmp_path / "no" / "a.svg", tmp_path / "file" / "a.svg", tmp_path / "dir.svg"):
        with pytest.raises(InputError, match=r"folder|is there already"):
            save_figure(TABLE, path)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_disk_that_refuses_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Picture, "savefig", refuse)
    with pytest.raises(RunError, match=r"costs\.svg: can't be written \(No space left on device\)"):
        save_figure(TABLE, tmp_path / "costs.svg")
    assert list(tmp_path.iterdir()) == []
