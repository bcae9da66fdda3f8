from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from striate.errors import InputError, NotationError
from striate.nets import find_net, list_layers, list_zoo, parse, place
from striate.nets.lookup import MOST_BYTES


@pytest.mark.parametrize("name", list_zoo())
def test_the_zoo_has_the_parameters_that_it_says(name: str) -> None:
    net = find_net(name)
    said = re.findall(r"([\d,]+) parameters(?: at ([\dx]+) and ([\d,]+) classes)?", net.text)
    assert said, "a zoo file says its parameters"
    assert net.source == f"{name}.net"
    for number, shape, classes in said:
        extents = tuple(map(int, shape.split("x"))) if shape else None
        placed = place(net, extents, int(classes.replace(",", "")) if classes else 10)
        assert sum(part.parameters for _, part in list_layers(placed)) == int(number.replace(",", ""))


@pytest.mark.parametrize("name", list_zoo())
def test_the_zoo_stays_readable(name: str) -> None:
    title, *lines = find_net(name).text.splitlines()
    assert re.fullmatch(r"# .* \(.* (19|20)\d\d\)", title), "what it is, by whom, and when"
    assert len(lines) < 40


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "my.net"
    path.write_bytes(b"\xef\xbb\xbfconv3-8\r\nrelu\r\n")
    assert find_net(str(path)) == parse("conv3-8, relu")
    assert find_net(str(path)).source == str(path)
    other = tmp_path / "without_ending"
    other.write_text("relu")
    assert find_net(str(other)) == parse("relu")


def test_errors_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "my.net"
    path.write_text("relu\nrellu\n")
    with pytest.raises(NotationError) as caught:
        find_net(str(path))
    assert str(caught.value).startswith(f"{path}:2:1: unknown word `rellu`")


@pytest.mark.parametrize(
    "text", ["relu", "conv3-8, relu", "gap\nflatten", "conv3-8, " * 400 + "relu", "relu # see a.net\nbn"]
)
def test_a_text_is_itself(text: str) -> None:
    assert find_net(text) == parse(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("resnet19", "Did you mean `resnet18`"),
        ("lenet", "Did you mean `lenet5`"),
        ("qqqqqq", "lists the zoo"),
        ("", "needed a name of the zoo"),
        ("nosuch.net", "no such file"),
        ("there/is/none/lenet55.net", "The zoo has `lenet5`"),
        ("vgg16_bn", "Did you mean `vgg16-bn`"),
        ("squeezenet1_1", "Did you mean `squeezenet1.1`"),
        ("resnet56-cifar-pain", "Did you mean `resnet56-cifar-plain`"),
        ("squeezenet1.2.net", "The zoo has `squeezenet1.1`"),
        ("a\0b.net", "Check the path"),
        ("a" * 300 + ".net", "Check the path"),
        ("\ud800.net", "Check the path"),
    ],
)
def test_what_is_not_found(text: str, said: str) -> None:
    with pytest.raises(InputError, match="needed") as caught:
        find_net(text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_text(tmp_path: Path) -> None:
    binary, huge, folder = tmp_path / "photo.net", tmp_path / "huge.net", tmp_path / "folder.net"
    binary.write_bytes(bytes(range(256)))
    huge.touch()
    os.truncate(huge, 10**12)  # sparse: no disk is taken
    folder.mkdir()
    start = time.process_time()
    for path, said in (
        (binary, "no UTF-8"),
        (huge, f"{MOST_BYTES:,} bytes"),
        (folder, "directory"),
        (tmp_path, "directory"),
    ):
        with pytest.raises(InputError, match=said) as caught:
            find_net(str(path))
        assert str(path) in str(caught.value)
    assert time.process_time() - start < 1


def test_a_layer_of_the_text_wins_over_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "relu").mkdir()
    monkeypatch.chdir(tmp_path)
    assert find_net("relu") == parse("relu")
