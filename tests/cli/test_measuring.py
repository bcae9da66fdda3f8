"""The command as a user calls it: what is printed, and what stands on one line where it can't be."""

from __future__ import annotations

import csv
import io
import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Call, Said

import striate

SMALL = "input 3x8x8, conv3-4, relu, flatten, fc-classes".replace("8, conv", "8\nconv")


@pytest.fixture(autouse=True)
def _narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def read_json(said: Said) -> Any:
    assert (said.code, said.err) == (0, "")
    return json.loads(said.out)


def test_the_table_is_the_verbs(call: Call) -> None:
    said = call("measure", "lenet5", "--classes", 10, "--no-advice")
    table = striate.measure("lenet5", classes=10)
    assert (said.code, said.err) == (0, "")
    assert all(len(line) <= 80 for line in said.out.splitlines())
    words = said.out.split()
    assert {f"{table.parameters:,}", f"{table.multiplies:,}", f"{table.training_bytes:,}"} <= set(words)
    for row in table.rows:
        assert row.name in words


def test_json_has_the_verbs_figures(call: Call) -> None:
    records = read_json(call("measure", "resnet18", "--input", "3x64x64", "--batch", 2, "--json"))
    table = striate.measure("resnet18", (3, 64, 64), 2, 1000)
    assert [row["multiplies"] for row in records["rows"]] == [row.multiplies for row in table.rows]
    assert records["training_bytes"] == table.training_bytes
    assert records["network"] == "resnet18"
    assert "1000 classes" in records["notes"][-1]
    assert not call("measure", "lenet5", "--classes", 10, "--json", "--no-advice").out.count("classes.")


def test_findings_are_printed_unless_they_are_not_wanted(call: Call) -> None:
    text = "input 3x32x32\nconv3-8 bias=yes, bn, relu, gap, flatten, fc-2"
    told = call("measure", text)
    assert "Advice\n- conv1: " in told.out
    findings = read_json(call("measure", text, "--json"))["findings"]
    assert findings
    assert all(" ".join(finding["reason"].split()) in " ".join(told.out.split()) for finding in findings)
    assert "Advice" not in call("measure", text, "--no-advice").out
    assert read_json(call("measure", text, "--json", "--no-advice"))["findings"] == []


def test_csv_has_a_line_for_each_row(call: Call) -> None:
    said = call("measure", SMALL, "--classes", 5, "--csv")
    assert (said.code, said.err) == (0, "")
    lines = list(csv.DictReader(io.StringIO(said.out)))
    assert sum(int(line["parameters"]) for line in lines) == 4 * 28 + 5 * 257


def test_without_the_backward_pass_there_is_no_training(call: Call) -> None:
    records = read_json(call("measure", SMALL, "--forward", "--json"))
    assert (records["training_bytes"], records["mode"]) == (None, "eval")
    assert "training" not in call("measure", SMALL, "--forward", "--no-advice").out


def test_optimizer_and_precision_change_what_training_takes(call: Call) -> None:
    takes = [
        read_json(call("measure", SMALL, "--json", *options))["memory_bytes"]["training"]["optimizer"]
        for options in (["--optimizer", "sgd"], [], ["--optimizer", "adamw"])
    ]
    assert takes == sorted(set(takes))
    assert read_json(call("measure", SMALL, "--json", "--precision", "bf16"))["precision"] == "bf16"


def test_what_a_cell_sees(call: Call) -> None:
    text = "input 1x9x9\nconv3-2, conv3-2 dilation=2"
    said = call("measure", text, "--field", "conv2:4,4", "--field", "conv1:0,0", "--no-advice")
    assert "conv2 at 4,4 sees 7x7 of 9x9 (1 to 7, 1 to 7; 60.5 %); each cell is read" in said.out
    assert "conv1 at 0,0 sees 2x2 of 9x9 (0 to 1, 0 to 1; 4.9 %); each cell is read" in said.out
    (first, _) = read_json(call("measure", text, "--field", "conv2:4,4", "--field", "conv1:0,0", "--json"))["fields"]
    assert (first["cells"], first["covered"], first["touched"]) == (49, "49/81", 1)


def test_the_largest_batch_fits_and_the_next_does_not(call: Call) -> None:
    room = 8_000_000
    fits = read_json(call("measure", SMALL, "--fits", room, "--json"))["fits"]
    for moment in ("inference", "training"):
        takes = [
            read_json(call("measure", SMALL, "--batch", batch, "--json"))[f"{moment}_bytes"]
            for batch in (fits[moment], fits[moment] + 1)
        ]
        assert takes[0] <= room < takes[1]
    said = call("measure", SMALL, "--fits", "8MB", "--no-advice")
    assert f"{fits['inference']:,} at inference, {fits['training']:,} in training (momentum, fp32)" in " ".join(
        said.out.split()
    )
    assert "training" not in read_json(call("measure", SMALL, "--fits", "8MB", "--forward", "--json"))["fits"]


def test_a_difference_goes_from_other_to_net(call: Call) -> None:
    wide = SMALL.replace("conv3-4", "conv3-8")
    said = call("measure", wide, "--diff", SMALL, "--json")
    totals = read_json(said)["totals"]
    assert totals["multiplies"]["before"] == striate.measure(SMALL, classes=1000).multiplies
    assert totals["multiplies"]["after"] == striate.measure(wide, classes=1000).multiplies
    assert call("measure", "--diff", SMALL, wide).out == call("measure", wide, "--diff", SMALL).out
    assert "~ conv1" in call("measure", "--diff", SMALL, wide).out


def test_the_repaired_text_is_a_network_and_needs_no_more_repair(call: Call) -> None:
    text = "input 3x32x32\nconv3-8 bias=yes, bn, relu  # first\ngap, flatten, fc-2"
    said = call("measure", text, "--fix")
    assert said.code == 0
    assert "bias=no" in said.out or "bias=yes" not in said.out
    assert "# first" in said.out
    assert "changed   conv1: " in said.err
    before, after = (striate.measure(each, classes=2) for each in (text, said.out))
    assert before.parameters - after.parameters == 8
    assert "changed" not in call("measure", said.out, "--fix").err


def test_nothing_to_repair_is_said(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    from striate.measure import advice

    monkeypatch.setattr(advice, "advise", lambda table: ())
    said = call("measure", SMALL, "--fix")
    assert (said.out, said.err) == (f"{SMALL}\n", "nothing to repair\n")


@pytest.mark.parametrize("suffix", ["svg", "png"])
@pytest.mark.parametrize("output", [[], ["--json"], ["--csv"]])
def test_a_picture_is_drawn_beside_any_output(call: Call, suffix: str, output: list[str]) -> None:
    said = call("measure", SMALL, "--plot", f"costs.{suffix}", *output)
    assert said.code == 0
    line = f"picture   costs.{suffix}"
    assert line in (said.err if output else said.out)
    assert Path(f"costs.{suffix}").stat().st_size > 1000
    if output == ["--json"]:
        assert json.loads(said.out)


WRONG = [
    ("", "NET"),
    ("lenet55", "lenet5"),
    ("lenet5 --input 3by3", "--input 3by3"),
    ("lenet5 --input x=1x28x28", "needed one shape"),
    ("lenet5 --input 1x28x28 --input 1x28x28", "needed one shape"),
    ("lenet5 --batch 0", "batch: found 0"),
    ("lenet5 --batch x", "--batch"),
    ("lenet5 --classes 0", "--classes 0"),
    ("lenet5 --optimizer rms", "sgd, momentum, adam, adamw"),
    ("lenet5 --precision fp8", "fp32, bf16"),
    ("lenet5 --fits plenty", "--fits plenty"),
    ("lenet5 --field conv1", "--field conv1"),
    ("lenet5 --field conv9:1,1", "'conv9'"),
    ("lenet5 --field conv1:99,1", "99"),
    ("lenet5 --csv --json", "--csv and --json"),
    ("lenet5 --csv --fits 8GiB", "--csv and --fits"),
    ("lenet5 --csv --field conv1:1,1", "--csv and --field"),
    ("lenet5 --diff resnet18 --csv", "--diff and --csv"),
    ("lenet5 --diff resnet18 --fix", "--diff and --fix"),
    ("lenet5 --diff resnet18 --plot a.svg", "--diff and --plot"),
    ("lenet5 --fix --json", "--fix and --json"),
    ("lenet5 --fix --plot a.svg", "--fix and --plot"),
    ("lenet5 --plot a.txt", ".svg"),
    ("lenet5 --plot nosuch/a.svg", "nosuch"),
    ("lenet5 --diff nosuch", "nosuch"),
    ("nosuchpackage_:Net --input 3x8x8", "nosuchpackage_"),
]


@pytest.mark.parametrize(("line", "part"), WRONG)
def test_a_wrong_call_gets_one_clear_line(call: Call, line: str, part: str) -> None:
    said = call("measure", *shlex.split(line))
    assert (said.code, said.out) == (2, "")
    (complaint,) = said.err.splitlines()
    assert complaint.startswith("striate: ")
    assert part in complaint
    assert not list(Path.cwd().iterdir())


def test_a_text_that_does_not_fit_is_shown_with_a_caret(call: Call) -> None:
    said = call("measure", "conv5-6 pad=valid, gap", "--input", "1x3x3")
    assert (said.code, said.out) == (2, "")
    complaint, shown, caret = said.err.splitlines()
    assert complaint.startswith("striate: text:1:1: ")
    assert shown[caret.index("^") :].startswith("conv5-6")


@pytest.mark.parametrize("columns", [60, 80, 120, 200])
def test_every_figure_is_there_whatever_the_width(call: Call, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    said = call("measure", "resnet18", "--input", "3x64x64")
    table = striate.measure("resnet18", (3, 64, 64), classes=1000)
    assert max(map(len, said.out.splitlines())) <= columns
    assert {f"{row.multiplies:,}" for row in table.rows if row.multiplies} <= set(said.out.split())
    assert ("backward" in said.out.splitlines()[2]) == (columns >= 120)


def test_a_terminal_shows_that_work_is_under_way(
    call: Call, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    said = call("measure", SMALL, "--csv")
    assert "measuring" in said.err
    assert "measuring" not in said.out
