"""A state dict, however it was saved: its tensors to the bit, without wrappers and nests; anything else in one line."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from striate.errors import InputError
from striate.nets.states import NESTS, read_state, unwrap

STATE = {"b.weight": torch.arange(6.0).reshape(2, 3), "a.bias": torch.tensor([1.5]), "c.count": torch.tensor(7)}


def save_old(found: object, path: Path) -> None:
    torch.save(found, path, _use_new_zipfile_serialization=False)


def assert_same(found: dict[str, Tensor], needed: dict[str, Tensor]) -> None:
    assert list(found) == list(needed)
    assert all(torch.equal(found[name], value) for name, value in needed.items())


@pytest.mark.parametrize("save", [torch.save, save_old])
@pytest.mark.parametrize("name", ["x.pt", "x.pth", "x.safe", "x"])
def test_what_torch_saved_keeps_its_order(tmp_path: Path, save: Callable[[object, Path], None], name: str) -> None:
    save(STATE, tmp_path / name)
    for source in (tmp_path / name, str(tmp_path / name)):
        found = read_state(source)
        assert (found.where, found.ordered) == (str(tmp_path / name), True)
        assert_same(found.tensors, STATE)


@pytest.mark.parametrize("name", ["x.safetensors", "x.bin"])
def test_safetensors_are_told_by_their_first_bytes_too_and_have_lost_their_order(tmp_path: Path, name: str) -> None:
    save_file(STATE, tmp_path / name)
    found = read_state(tmp_path / name)
    assert not found.ordered
    assert found.tensors.keys() == STATE.keys()
    assert all(torch.equal(found.tensors[name], value) for name, value in STATE.items())


@pytest.mark.parametrize("nest", [(), *((name,) for name in NESTS), ("model", "state_dict")])
@pytest.mark.parametrize("wrapper", ["", "module.", "_orig_mod.module.", "module._orig_mod."])
def test_nests_and_wrappers_come_off(nest: tuple[str, ...], wrapper: str) -> None:
    found: dict[str, Any] = {wrapper + name: value for name, value in STATE.items()}
    for name in reversed(nest):
        found = {"epoch": 3, name: found}
    assert_same(read_state(found).tensors, STATE)


def test_a_module_reads_back_its_own_state(tmp_path: Path) -> None:
    module = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    torch.save({"epoch": 1, "state_dict": nn.DataParallel(module).state_dict()}, tmp_path / "x.pt")
    assert_same(read_state(tmp_path / "x.pt").tensors, module.state_dict())


def test_a_wrapper_that_only_some_names_have_is_part_of_them() -> None:
    assert unwrap(["module.a", "b"]) == ["module.a", "b"]
    assert unwrap(["b", "module.a"]) == ["b", "module.a"]
    assert unwrap([]) == []


def test_a_dict_that_holds_itself_ends() -> None:
    loop: dict[str, Any] = {}
    loop["model"] = loop
    with pytest.raises(InputError, match="needed a state dict"):
        read_state(loop)


class Evil:
    """What a pickle may ask for: to be made by any function at all."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (print, ("it ran",))


def write_all(folder: Path) -> dict[str, Path]:
    """A file of every wrong kind, by what is said of it."""
    torch.save(STATE, folder / "whole.pt")
    save_file(STATE, folder / "whole.safetensors")
    made = {
        "No such file": folder / "nosuch.pt",
        "Is a directory": folder,
        "found no file of weights": folder / "text.pt",
        "damaged": folder / "torn.safetensors",
        "no state dict, or damaged": folder / "torn.pt",
        "a pickle that asks for": folder / "evil.pt",
        "found int": folder / "number.pt",
        "`a`: list": folder / "lists.pt",
        "3 in place of a name": folder / "numbers.pt",
    }
    (folder / "text.pt").write_text("weights")
    (folder / "torn.safetensors").write_bytes((folder / "whole.safetensors").read_bytes()[:-5])
    (folder / "torn.pt").write_bytes((folder / "whole.pt").read_bytes()[:300])
    (folder / "evil.pt").write_bytes(pickle.dumps({"a": Evil()}, protocol=2))
    torch.save(3, folder / "number.pt")
    torch.save({"a": [1.0]}, folder / "lists.pt")
    torch.save({3: torch.zeros(1)}, folder / "numbers.pt")
    return made


def test_anything_else_is_one_line_that_names_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for said, path in write_all(tmp_path).items():
        with pytest.raises(InputError) as caught:
            read_state(path)
        assert said in str(caught.value)
        assert str(caught.value).startswith(str(path))
        assert "\n" not in str(caught.value)
    assert "it ran" not in capsys.readouterr().out
    for source in (3, None, [torch.zeros(1)], nn.Linear(1, 1)):
        with pytest.raises(InputError, match=r"Give module\.state_dict"):
            read_state(source)
