from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from tests.cli.conftest import Call
from torch import Tensor, nn

import striate
import striate.nets
import striate.nets.smallest
from striate.cli.networks import read_shape
from striate.errors import InputError

ZOO = sorted(path.stem for path in Path(striate.nets.__file__).parent.glob("zoo/*.net"))


def watch(name: str, shape: tuple[int, ...], classes: int) -> dict[str, tuple[int, ...]]:
    """The shape that each part of the built module really yields, without the batch."""
    module = striate.build(name, input=shape, classes=classes).eval()
    shapes: dict[str, tuple[int, ...]] = {}

    def note(path: str) -> None:
        def hook(part: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> None:
            shapes[path] = tuple(output.shape[1:])

        module.get_submodule(path).register_forward_hook(hook)

    for path, _ in module.named_modules():
        note(path)
    with torch.no_grad():
        module(torch.zeros(1, *shape))
    return shapes


def count_parameters(name: str, shape: tuple[int, ...], classes: int) -> int:
    return sum(parameter.numel() for parameter in striate.build(name, input=shape, classes=classes).parameters())


def test_nets_lists_every_file_of_the_zoo_with_its_title(call: Call) -> None:
    said = call("nets")
    assert (said.code, said.err) == (0, "")
    assert [line.split()[0] for line in said.out.splitlines()] == ZOO
    rows = json.loads(call("nets", "--json").out)
    assert [row["name"] for row in rows] == ZOO
    for line, row in zip(said.out.splitlines(), rows, strict=True):
        assert line.split(maxsplit=1)[1] == row["about"]
        assert f"# {row['about']}" in striate.read(row["name"]).text.splitlines()[0]


@pytest.mark.parametrize(("name", "classes"), [("lenet5", 10), ("resnet18", 1000), ("lenet5", None)])
def test_show_counts_what_the_built_module_holds(call: Call, name: str, classes: int | None) -> None:
    net = striate.read(name)
    assert net.input is not None
    said = call("show", name, *(["--classes", classes] if classes else []))
    total = count_parameters(name, net.input, classes or 1000)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(net.text.rstrip() + "\n\n")
    lines = said.out.splitlines()
    assert lines[-2].split() == ["total", f"{total:,}"]
    assert lines[-1].startswith(f"input {'x'.join(map(str, net.input))}, {classes or 1000} classes")


def test_every_row_is_what_the_module_does(call: Call) -> None:
    said = json.loads(call("show", "resnet18", "--input", "3x64x48", "--classes", 7, "--json").out)
    shapes = watch("resnet18", (3, 64, 48), 7)
    module = striate.build("resnet18", input=(3, 64, 48), classes=7)
    for row in said["layers"]:
        assert tuple(row["output"]) == shapes[row["name"]], row
        own = module.get_submodule(row["name"]).parameters(recurse=False)
        assert row["parameters"] == sum(parameter.numel() for parameter in own), row
    assert said["parameters"] == count_parameters("resnet18", (3, 64, 48), 7)
    assert said["net"] == striate.read("resnet18").text


def test_text_and_json_hold_the_same_figures(call: Call) -> None:
    rows = json.loads(call("show", "lenet5", "--json").out)["layers"]
    lines = call("show", "lenet5").out.splitlines()
    table = lines[lines.index("") + 2 : -2]
    for line, row in zip(table, rows, strict=True):
        shape, count = "x".join(map(str, row["output"])), f"{row['parameters']:,}" if row["parameters"] else ""
        assert " ".join(line.split()) == " ".join(f"{row['name']} {row['layer']} {shape} {count}".split())


@pytest.mark.parametrize("columns", [200, 60, 40, 30])
def test_no_figure_is_cut_however_narrow_the_terminal(
    call: Call, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    out = call("show", "resnet18").out
    assert f"{count_parameters('resnet18', (3, 224, 224), 1000):,}" in out
    assert "512x7x7" in out
    assert "…" not in out


def test_the_smallest_input_is_shown(call: Call) -> None:
    smallest = striate.nets.smallest.find_smallest_input(striate.read("vgg11"), 10)
    assert smallest is not None
    assert f"; smallest {'x'.join(map(str, smallest))};" in call("show", "vgg11").out
    assert json.loads(call("show", "vgg11", "--json").out)["smallest_input"] == list(smallest)


def test_without_an_input_the_text_alone_is_shown(call: Call) -> None:
    text = "conv3-8, gap, flatten, fc-classes"
    said = call("show", text)
    assert said.out.splitlines() == [text, "", "Give --input, such as --input 3x224x224, to see shapes and parameters."]
    assert json.loads(call("show", text, "--json").out) == {"net": text}


def test_a_network_without_classes_needs_none(call: Call) -> None:
    said = call("show", "conv3-8, relu", "--input", "2x5")
    assert "classes" not in said.out
    assert said.out.splitlines()[-2].split() == ["total", f"{count_parameters('conv3-8, relu', (2, 5), 1):,}"]


@pytest.mark.parametrize("text", ["1", "3x224x224", "1x8000"])
def test_shapes_are_read(text: str) -> None:
    shape = read_shape(text)
    assert shape is not None
    assert "x".join(map(str, shape)) == text


@pytest.mark.parametrize(
    "text", ["", "x", "3x", "x3", "0x3", "3x0", "3X4", "3,4", "-3x4", "3x4.5", "٣x4", "1x" * 60 + "1"]
)
def test_other_shapes_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="--input"):
        read_shape(text)
