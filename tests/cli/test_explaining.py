from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.cli.conftest import Call
from tests.verbs.draw import Finished, take_bytes

import striate
from striate.explain.methods.catalogue import METHODS
from striate.report.heats.exposures import find_peak


@pytest.fixture
def files(finished: Finished) -> list[Path]:
    return sorted(finished.data.rglob("*.png"))[::12]


def test_what_is_printed_is_what_was_found(call: Call, finished: Finished, files: list[Path]) -> None:
    said = call("explain", finished.run.path, *files, "--method", "gradcam,saliency", "--fast")
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert "trust     not asked (--fast): a map can look right and show the input more than the network" in lines
    assert lines[-1] == f"picture   explain-{finished.run.path.name}.html"
    for method in ("gradcam", "saliency"):
        heat = striate.explain(finished.run, files, method=method)
        for index, file in enumerate(files):
            answer = f"{finished.run.classes[heat.target[index]]}, score {heat.score[index]:.4g}"
            assert f"{file}: {answer}" == lines[3 * index]
            row, column = find_peak(heat, index)
            where = lines[3 * index + 1 + (method == "saliency")]
            assert where.split()[0] == method
            assert where.endswith(f"hottest at row {row}, column {column}")


def test_json_holds_the_same(call: Call, finished: Finished, files: list[Path]) -> None:
    said = call("explain", finished.run.path, *files, "--method", "gradcam", "--json")
    assert (said.code, said.err) == (0, "")
    found, heat = json.loads(said.out), striate.explain(finished.run, files, trust=True)
    assert found["picture"] is None
    assert [row["file"] for row in found["files"]] == [str(file) for file in files]
    assert [row["target"] for row in found["files"]] == list(heat.target)
    assert [row["class"] for row in found["files"]] == [finished.run.classes[target] for target in heat.target]
    assert [tuple(row["maps"][0]["peak"]) for row in found["files"]] == [find_peak(heat, i) for i in range(len(files))]
    assert heat.trust is not None
    (about,) = found["methods"]
    assert about["layer"] == heat.layer
    assert about["trust"]["deletion"]["found"] == pytest.approx(heat.trust.deletion.found, abs=1e-5)
    assert list(Path.cwd().glob("explain*")) == []


def test_trust_is_asked_for_and_printed(call: Call, finished: Finished, files: list[Path]) -> None:
    said = call("explain", finished.run.path, files[0], "--out", "a.html")
    trust = striate.explain(finished.run, files[:1], trust=True).trust
    assert trust is not None
    for line in trust.lines():
        assert line in said.out
    assert "not asked" not in said.out
    assert "rank correlation" in said.out
    assert "How far to trust it" in Path("a.html").read_text()


@pytest.mark.parametrize("form", ["png", "svg", "pdf", "html"])
def test_the_suffix_says_what_is_drawn(call: Call, finished: Finished, files: list[Path], form: str) -> None:
    heads = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF", "html": b"<!doctype html>"}
    for _ in range(2):  # the second one takes the first one's place
        said = call("explain", finished.run.path, *files, "--fast", "--out", f"maps.{form}")
        assert (said.code, said.out.splitlines()[-1]) == (0, f"picture   maps.{form}")
        assert Path(f"maps.{form}").read_bytes().startswith(heads[form])


def test_a_file_of_the_users_is_never_written_over(call: Call, finished: Finished, files: list[Path]) -> None:
    name = f"explain-{finished.run.path.name}"
    Path(f"{name}.html").write_text("<!doctype html>\nmine")
    Image.new("RGB", (2, 2)).save("mine.png")
    before = take_bytes(Path.cwd())
    said = call("explain", finished.run.path, files[0], "--fast")
    assert said.out.splitlines()[-1] == f"picture   {name}-2.html"
    assert call("explain", finished.run.path, files[0], "--fast").out.splitlines()[-1] == f"picture   {name}-2.html"
    for taken in ("mine.png", f"{name}.html"):
        said = call("explain", finished.run.path, files[0], "--fast", "--out", taken)
        assert (said.code, said.out) == (2, "")
        assert "is there already, and Striate didn't draw it" in said.err
    after = take_bytes(Path.cwd())
    assert {key: after[key] for key in before} == before


def test_the_report_of_a_run_is_no_page_to_replace(call: Call, finished: Finished, files: list[Path]) -> None:
    report = finished.run.path / "report.html"
    before = report.read_bytes()
    assert call("explain", finished.run.path, files[0], "--fast", "--out", report).code == 2
    assert report.read_bytes() == before


def ask(call: Call, run: Path, *arguments: object) -> Any:
    return json.loads(call("explain", run, *arguments, "--fast", "--json").out)


def test_a_folder_stands_for_its_pictures(call: Call, finished: Finished) -> None:
    folder = finished.data / "coal"
    found = ask(call, finished.run.path, folder)
    assert [row["file"] for row in found["files"]] == [str(path) for path in sorted(folder.iterdir())]


def test_a_class_can_be_asked_about_by_name_and_number(call: Call, finished: Finished, files: list[Path]) -> None:
    for asked in ("snow & ice", "2"):
        found = ask(call, finished.run.path, *files, "--target", asked)
        assert {row["class"] for row in found["files"]} == {"snow & ice"}


def test_a_layer_is_for_the_methods_that_look_at_one(call: Call, finished: Finished, files: list[Path]) -> None:
    layers = [name for name, part in finished.run.module.named_modules() if type(part).__name__ == "ReLU"]
    found = ask(call, finished.run.path, files[0], "--method", "saliency,layercam", "--layer", layers[0])
    assert [about["layer"] for about in found["methods"]] == [None, layers[0]]


def test_files_that_cannot_be_read_are_named(call: Call, finished: Finished, files: list[Path]) -> None:
    Path("torn.png").write_bytes(b"torn")
    said = call("explain", finished.run.path, "torn.png", files[0], "--fast", "--json")
    assert said.code == 0
    assert [row["file"] for row in json.loads(said.out)["files"]] == [str(files[0])]
    (line,) = said.err.splitlines()
    assert line.startswith("striate: torn.png: ")
    assert line.endswith("; left out")
    said = call("explain", finished.run.path, "torn.png", "--fast")
    assert said.code == 2
    assert "explain: found no readable file among 1" in said.err.splitlines()[-1]


def test_many_files_are_cut_short_on_the_screen(
    call: Call, finished: Finished, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("striate.cli.explaining.MOST_LINES", 1)
    said = call("explain", finished.run.path, *files, "--fast")
    assert f"... and {len(files) - 1} more: --json has all of them" in said.out.splitlines()


WRONG = [
    (["--method", "gradcan"], "method: found `gradcan`, needed one of"),
    (["--method", ""], "method: found ``, needed one of"),
    (["--method", "gradcam,"], "method: found ``, needed one of"),
    (["--target", "tulip"], "target: found no class `tulip`, needed one of coal, slate, snow & ice"),
    (["--target", "7"], "7"),
    (["--layer", "nowhere"], "nowhere"),
    (["--method", "saliency", "--layer", "0"], "looks at no layer"),
    (["--unit", "1"], "unit"),
    (["--out", "maps.gif"], "found the suffix .gif, needed one of .html, .svg, .png, .pdf"),
    (["--out", "nosuch/maps.png"], "there is no folder nosuch"),
]


@pytest.mark.parametrize(("options", "message"), WRONG)
def test_what_is_wrong_is_said_in_one_line(
    call: Call, finished: Finished, files: list[Path], options: list[str], message: str
) -> None:
    said = call("explain", finished.run.path, files[0], *options)
    assert (said.code, said.out) == (2, "")
    (line,) = said.err.splitlines()
    assert message in line
    assert list(Path.cwd().iterdir()) == []


def test_an_unknown_method_is_told_which_there_are(call: Call, finished: Finished, files: list[Path]) -> None:
    said = call("explain", finished.run.path, files[0], "--method", "magic")
    assert all(name in said.err for name in METHODS)


def test_a_run_that_is_none_is_said(call: Call, files: list[Path]) -> None:
    said = call("explain", "nosuch", files[0])
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("striate: nosuch: ")
