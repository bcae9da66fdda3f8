"""What the documentation shows is true: its networks are read and placed, its errors are the ones that come."""

from __future__ import annotations

import re
import shlex
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, DocTestParser, DocTestRunner, OutputChecker
from pathlib import Path

import pytest

import striate
from striate.cli.main import run_command
from striate.errors import NotationError
from striate.measure.records import HEADER, to_records
from striate.measure.summary import TERMS
from striate.measure.text import write_table
from striate.nets import find_net, parse, place
from striate.nets.export.catalogue import FORMATS
from striate.nets.export.onnx_graph import OPSET
from striate.nets.vocabulary import LAYERS, WORDS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGE = (ROOT / "docs" / "notation.md").read_text(encoding="utf-8")
MEASURE = (ROOT / "docs" / "measure.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```striate\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
ERRORS = re.findall(r"^```text\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("block", BLOCKS)
def test_every_network_is_one(block: str) -> None:
    net = parse(block)
    if net.input is not None:
        assert place(net, classes=10)[-1].output


def test_lenet_is_the_zoos() -> None:
    assert parse(BLOCKS[0]) == find_net("lenet5")


@pytest.mark.parametrize("shown", ERRORS)
def test_every_error_is_said_so(shown: str) -> None:
    message, line, caret = shown.rstrip("\n").split("\n")
    source, number, _ = message.split(":")[:3]
    with pytest.raises(NotationError) as caught:
        place(parse("relu\n" * (int(number) - 1) + line[4:], source), (8, 8, 8))
    assert str(caught.value).split("\n") == [message, line, caret]


@pytest.mark.parametrize("word", sorted(WORDS))
def test_every_word_is_described(word: str) -> None:
    assert re.search(rf"`{word}[`\[]", PAGE)


@pytest.mark.parametrize("word", [word for word in LAYERS if LAYERS[word].options and word != "depthwise"])
def test_every_option_is_described(word: str) -> None:
    (row,) = re.findall(rf"^\| `{word}`.*$", PAGE, re.MULTILINE)
    assert set(re.findall(r"`(\w+)=", row)) == set(LAYERS[word].options)


COMMANDS = [line.split("#")[0].strip() for line in README.splitlines() if line.startswith("striate ")]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_readmes_commands_take_the_options_that_it_shows(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    _, verb, *rest = shlex.split(command)
    assert run_command([verb, "--help"]) == 0
    known = capsys.readouterr().out
    for option in (word for word in rest if word.startswith("--")):
        assert option in known
    assert "RUN" in known or not (rest and rest[0].startswith("runs/"))


def test_the_readme_has_two_commands_to_set_up() -> None:
    start = README.split("## Start")[1].split("## Use it")[0]
    commands = [block.strip() for block in re.findall(r"```\n(.*?)```", start, re.DOTALL)]
    assert len(commands) == 2
    assert commands[0].endswith("striate train auto digits")
    assert commands[1] == "bash scripts/test"
    assert (ROOT / "scripts" / "test").exists()


def test_the_readmes_first_network_is_one() -> None:
    (network, *_) = re.findall(r"^```\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    for shape in ((1, 8000), (3, 64, 64), (1, 16, 64, 64)):
        assert place(parse(network), shape, classes=5)[-1].output == (5,)


def find_commands(page: str) -> list[tuple[str, str]]:
    """Each command that a page shows, and what it shows of its answer."""
    return re.findall(r"^```console\n\$ striate (.*?)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)


def check_command(
    command: str, shown: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run_command(shlex.split(command)) == 0
    printed = capsys.readouterr().out
    assert OutputChecker().check_output(shown, printed, ELLIPSIS | NORMALIZE_WHITESPACE), printed


@pytest.mark.parametrize(("command", "shown"), find_commands(MEASURE))
def test_a_command_prints_what_is_shown(
    command: str, shown: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    check_command(command, shown, capsys, monkeypatch)


@pytest.mark.parametrize("example", re.findall(r"^```python\n(.*?)^```$", MEASURE, re.DOTALL | re.MULTILINE))
def test_the_examples_in_python_run(example: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(example, "docs/measure.md", "exec"), {})
    assert capsys.readouterr().out


def test_every_column_is_described() -> None:
    rows = [line for line in MEASURE.split("## The rows")[1].split("## Multiplies")[0].splitlines() if line[:1] == "|"]
    assert {name for line in rows for name in re.findall(r"`([a-z_]+)`", line.split("|")[2])} == set(HEADER)
    titles = {name for line in rows for name in re.findall(r"`([a-z ]+)`", line.split("|")[1])}
    table = striate.measure("lenet5", classes=10)
    header = next(line for line in write_table(table, 200).splitlines() if line.startswith("name"))
    assert set(re.split(r" {2,}", header)) == titles


def test_every_option_of_measure_is_described(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert run_command(["measure", "--help"]) == 0
    known = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help", "--advice"}
    assert set(re.findall(r"`(--[a-z-]+)", MEASURE.split("## The rows")[0])) == known
    assert all(f"`{term}`" in MEASURE for term in TERMS)


def test_what_json_holds_beside_totals_is_described() -> None:
    records = to_records(striate.measure("lenet5", classes=10))
    others = {key for key, value in records.items() if isinstance(value, dict | list)} - {"input"}
    assert all(f"`{key}`" in MEASURE for key in [*others, "rule", "fields", "fits"])


EXPORT = (ROOT / "docs" / "export.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("command", "shown"), find_commands(EXPORT))
def test_an_export_prints_what_is_shown(
    command: str, shown: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    check_command(command, shown, capsys, monkeypatch)


@pytest.mark.parametrize("example", re.findall(r"^```python\n(.*?)^```$", EXPORT, re.DOTALL | re.MULTILINE))
def test_the_examples_of_exporting_run(
    example: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("onnxscript")
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "docs/export.md", "exec"), {})
    assert capsys.readouterr().out


def test_every_format_and_option_of_export_is_described(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert run_command(["export", "--help"]) == 0
    known = set(re.findall(r"--[a-z]+", capsys.readouterr().out)) - {"--help"}
    assert set(re.findall(r"^- `(--[a-z]+)", EXPORT, re.MULTILINE)) == known
    listed = {suffix for line in EXPORT.splitlines() if line[:1] == "|" for suffix in re.findall(r"`(\.\w+)`", line)}
    assert listed == set(FORMATS)
    assert int(re.findall(r"ONNX, opset (\d+)", EXPORT)[0]) == OPSET


CONVERSIONS = (ROOT / "docs" / "conversions.md").read_text(encoding="utf-8")


def test_the_conversions_are_as_shown() -> None:
    session = "".join(re.findall(r"^```python\n(.*?)^```$", CONVERSIONS, re.DOTALL | re.MULTILINE))
    example = DocTestParser().get_doctest(session, {}, "docs/conversions.md", None, 0)
    assert len(example.examples) > 20
    results = DocTestRunner(optionflags=ELLIPSIS | NORMALIZE_WHITESPACE).run(example)
    assert results.failed == 0


def test_every_conversion_is_shown() -> None:
    from striate.verbs import converting

    verbs = {name for name in striate.__all__ if getattr(converting, name, None) is getattr(striate, name)}
    assert verbs == set(re.findall(r"^`(\w+)` ", CONVERSIONS, re.MULTILINE))


LOCATE = (ROOT / "docs" / "locate.md").read_text(encoding="utf-8")


def test_what_is_located_is_as_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    session = "".join(re.findall(r"^```python\n(.*?)^```$", LOCATE, re.DOTALL | re.MULTILINE))
    example = DocTestParser().get_doctest(session, {}, "docs/locate.md", None, 0)
    assert len(example.examples) > 10
    assert DocTestRunner().run(example).failed == 0


@pytest.mark.parametrize("page", ["words", "series", "sound"])
def test_what_is_read_is_as_shown(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    session = "".join(re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))
    example = DocTestParser().get_doctest(session, {}, f"docs/{page}.md", None, 0)
    assert len(example.examples) > 8
    assert DocTestRunner().run(example).failed == 0


def test_every_option_of_locate_is_described(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert run_command(["locate", "--help"]) == 0
    known = set(re.findall(r"--[a-z]+", capsys.readouterr().out)) - {"--help"}
    assert set(re.findall(r"--[a-z]+", LOCATE)) == known


EXPLAIN = (ROOT / "docs" / "explain.md").read_text(encoding="utf-8")


def test_what_is_explained_is_as_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    session = "".join(re.findall(r"^```python\n(.*?)^```$", EXPLAIN, re.DOTALL | re.MULTILINE))
    example = DocTestParser().get_doctest(session, {}, "docs/explain.md", None, 0)
    assert len(example.examples) > 5
    assert DocTestRunner(optionflags=ELLIPSIS | NORMALIZE_WHITESPACE).run(example).failed == 0


def test_every_method_is_described_as_it_is() -> None:
    from striate.explain.methods.catalogue import METHODS

    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", EXPLAIN.split("## The methods")[1], re.MULTILINE)
    shown = {name: tuple(cell.strip() for cell in cells.split("|")) for name, cells in rows[: len(METHODS)]}
    assert shown == {
        name: (
            method.shows,
            *("yes" if fact else "" for fact in (method.signed, method.layered, method.unitary)),
            method.source,
        )
        for name, method in METHODS.items()
    }


def test_every_kernel_and_option_of_filter_is_described(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from striate.explain.convolving.classical import NAMES
    from striate.explain.convolving.filters import PADS

    monkeypatch.setenv("COLUMNS", "200")
    assert run_command(["filter", "--help"]) == 0
    known = set(re.findall(r"--[a-z]+", capsys.readouterr().out)) - {"--help"}
    section = EXPLAIN.split("## Filters by hand")[1]
    assert set(re.findall(r"--[a-z]+", section)) == known
    assert all(f"`{name}`" in section for name in (*NAMES, *PADS))
