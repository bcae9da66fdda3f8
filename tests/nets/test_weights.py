from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from tests.nets.networks import CifarNet, ResNet18, make_mobilenet, make_vgg, scatter
from torch import Tensor, nn

from striate.errors import InputError
from striate.nets import find_net, parse
from striate.nets.build import make_module
from striate.nets.weights import adopt_state

VGG13 = "64 64 M 128 128 M 256 256 M 512 512 M 512 512 M"
TWINS: dict[str, tuple[Callable[[], nn.Module], int]] = {
    "resnet18": (lambda: ResNet18(10), 64),
    "preresnet18": (lambda: ResNet18(10, pre=True), 64),
    "resnet20-cifar": (lambda: CifarNet(3), 32),
    "resnet20-cifar-plain": (lambda: CifarNet(3, "none"), 32),
    "resnet56-cifar": (lambda: CifarNet(9), 32),
    "resnet110-cifar": (lambda: CifarNet(18), 32),
    "mobilenet": (lambda: make_mobilenet(10), 64),
    "vgg11-bn": (lambda: make_vgg("64 M 128 M 256 256 M 512 512 M 512 512 M", 10), 32),
    "vgg13-bn": (lambda: make_vgg(VGG13, 10), 32),
    "vgg19-bn": (lambda: make_vgg(VGG13.replace("256 256", "256 " * 4).replace("512 512", "512 " * 4), 10), 32),
}


def make_small(seed: int = 0) -> nn.Module:
    """Two norms, two convolutions and a head of the zoo's own making."""
    return make_module(parse("conv3-4, bn, relu, conv3-4, bn, gap, flatten, fc-2"), (3, 8, 8), seed=seed)


class Foreign(nn.Module):
    """The same network with names of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 4, 3, bias=False), nn.BatchNorm2d(4)
        self.conv2, self.bn2 = nn.Conv2d(4, 4, 3, bias=False), nn.BatchNorm2d(4)
        self.head = nn.Linear(4, 2)


def foreign_state() -> dict[str, Tensor]:
    return dict(scatter(Foreign()).state_dict())


def same_values(module: nn.Module, state: dict[str, Tensor], *, counters: bool = True) -> bool:
    """Whether a module holds exactly these, in this order."""
    pairs = list(zip(module.state_dict().items(), state.values(), strict=True))
    return all(
        torch.equal(value, other.to(value.dtype))
        for (name, value), other in pairs
        if counters or not name.endswith("num_batches_tracked")
    )


@pytest.mark.parametrize("name", TWINS)
def test_what_a_user_wrote_gives_the_zoo_its_numbers(name: str) -> None:
    make, extent = TWINS[name]
    twin = scatter(make())
    module = make_module(find_net(name), (3, extent, extent), 10, device="meta").to_empty(device="cpu").eval()
    adopt_state(module, twin.state_dict())
    x = torch.randn(2, 3, extent, extent, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(module(x), twin(x), rtol=1e-4, atol=1e-4)
    back = make()
    adopt_state(back, module.state_dict())
    assert same_values(back, twin.state_dict())


@pytest.mark.parametrize("nest", [None, "state_dict", "model", "model_state_dict", "params_ema"])
@pytest.mark.parametrize("wrapper", ["", "module.", "_orig_mod.", "module._orig_mod."])
def test_a_checkpoint_that_torch_saved(tmp_path: Path, nest: str | None, wrapper: str) -> None:
    state, path = foreign_state(), tmp_path / "last.ckpt"
    wrapped = {wrapper + name: value for name, value in state.items()}
    torch.save({nest: wrapped, "epoch": 3, "rate": [0.1]} if nest else wrapped, path)
    for given in (path, str(path)):
        module = make_small()
        adopt_state(module, given)
        assert same_values(module, state)


@pytest.mark.parametrize("file", ["weights.safetensors", "blob"])
def test_a_safetensors_file_finds_its_order_again(tmp_path: Path, file: str) -> None:
    state, path = foreign_state(), tmp_path / file
    save_file(state, path)
    module = make_small()
    adopt_state(module, path)
    assert same_values(module, state)


def test_a_safetensors_file_whose_order_cannot_be_known(tmp_path: Path) -> None:
    module = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    named = nn.ModuleDict({"query": nn.Linear(2, 2), "key": nn.Linear(2, 2)})
    save_file(named.state_dict(), tmp_path / "a.safetensors")
    before = {name: value.clone() for name, value in module.state_dict().items()}
    with pytest.raises(InputError, match="keeps no order") as caught:
        adopt_state(module, tmp_path / "a.safetensors")
    assert "\n" not in str(caught.value)
    assert same_values(module, before)


def test_names_win_over_order_where_they_are_the_same() -> None:
    state = dict(scatter(make_small()).state_dict())
    turned = dict(reversed(state.items()))
    for wrapper in ("", "module."):
        module = make_small(1)
        adopt_state(module, {wrapper + name: value for name, value in turned.items()})
        assert same_values(module, state)


def test_a_compiled_module_adopts_by_name_too() -> None:
    state = dict(scatter(make_small()).state_dict())
    module = make_small(1)
    adopt_state(torch.compile(module, backend="eager"), dict(reversed(state.items())))  # type: ignore[arg-type]
    assert same_values(module, state)


def test_counts_of_batches_may_be_missing_on_either_side() -> None:
    state = foreign_state()
    bare = {name: value for name, value in state.items() if not name.endswith("num_batches_tracked")}
    module = make_small()
    adopt_state(module, bare)
    assert same_values(module, state, counters=False)
    assert [int(value) for name, value in module.state_dict().items() if name.endswith("tracked")] == [0, 0]
    adopt_state(module, state)
    assert [int(value) for name, value in module.state_dict().items() if name.endswith("tracked")] == [3, 3]
    uncounted = make_small()
    for norm in ("bn1", "bn2"):
        setattr(uncounted.get_submodule(norm), "num_batches_tracked", None)  # noqa: B010 - mypy knows it as a tensor
    adopt_state(uncounted, state)
    assert same_values(uncounted, bare)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_values_take_the_dtype_of_the_module(dtype: torch.dtype) -> None:
    state = {name: value.to(dtype) if value.is_floating_point() else value for name, value in foreign_state().items()}
    module = make_small()
    adopt_state(module, state)
    assert same_values(module, state)
    assert {values.dtype for values in module.parameters()} == {torch.float32}
    double = make_small().double()
    adopt_state(double, state)
    assert {values.dtype for values in double.parameters()} == {torch.float64}


def test_the_parameters_stay_the_same_objects() -> None:
    module = make_small()
    before = [(values, values.data_ptr(), values.requires_grad) for values in module.parameters()]
    adopt_state(
        module, {name: value.requires_grad_(value.is_floating_point()) for name, value in foreign_state().items()}
    )
    assert before == [(values, values.data_ptr(), values.requires_grad) for values in module.parameters()]
    assert all(values.is_leaf for values in module.parameters())


def test_a_state_of_the_modules_own_memory() -> None:
    module = scatter(make_small())
    before = {name: value.clone() for name, value in module.state_dict().items()}
    adopt_state(module, module.state_dict())
    assert same_values(module, before)


def reshape(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {**state, "conv2.weight": torch.zeros(4, 4, 5, 5), "head.bias": torch.zeros(9)}


MISFITS: list[tuple[Callable[[dict[str, Tensor]], Any], list[str]]] = [
    (reshape, ["entry 6 ", "found `conv2.weight` 4x4x5x5", "needed `conv2.weight` 4x4x3x3"]),
    (lambda state: {**state, "head.bias": torch.zeros(9)}, ["entry 12 ", "found `head.bias` 9", "needed `fc1.bias` 2"]),
    (lambda state: {**state, "more": torch.zeros(())}, ["entry 13 ", "`more` (one number)", "needed no more than 12"]),
    (lambda state: dict(list(state.items())[:-1]), ["entry 12 ", "found no more than 11", "needed `fc1.bias` 2"]),
    (lambda state: {}, ["entry 1 ", "found no more than 0", "needed `conv1.weight` 4x3x3x3"]),
    (lambda state: dict(reversed(state.items())), ["entry 1 ", "found `head.bias` 2", "needed `conv1.weight`"]),
    (lambda state: {**state, "epoch": 3}, ["`epoch`: int", "names and tensors"]),
    (lambda state: {"generator": state}, ["`generator`: dict"]),
    (lambda state: {**state, 7: torch.zeros(1)}, ["7 in place of a name"]),
    (lambda state: {**state, "head.bias": torch.zeros(2, device="meta")}, ["`head.bias` holds values without memory"]),
    (lambda state: {**state, "head.bias": torch.zeros(2).to_sparse()}, ["`head.bias` holds sparse_coo float32"]),
    (lambda state: {**state, "head.bias": torch.zeros(2) * 1j}, ["`head.bias` holds strided complex64"]),
    (lambda state: list(state.values()), ["found list", "module.state_dict()"]),
    (lambda state: Foreign(), ["found Foreign", "module.state_dict()"]),
]


@pytest.mark.parametrize(("spoil", "parts"), MISFITS)
def test_what_does_not_fit_is_named_and_nothing_changes(
    spoil: Callable[[dict[str, Tensor]], Any], parts: list[str]
) -> None:
    module = scatter(make_small(), 1)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    with pytest.raises(InputError) as caught:
        adopt_state(module, spoil(foreign_state()))
    message = str(caught.value)
    assert all(part in message for part in ["state: ", "needed", *parts]), message
    assert "\n" not in message
    assert same_values(module, before)


def test_a_file_that_does_not_fit_is_named_with_its_entry(tmp_path: Path) -> None:
    for path, write in ((tmp_path / "a.pt", torch.save), (tmp_path / "a.safetensors", save_file)):
        write({**foreign_state(), "conv2.weight": torch.zeros(4, 4, 5, 5)}, path)
        with pytest.raises(InputError) as caught:
            adopt_state(make_small(), path)
        assert str(caught.value).startswith(f"{path}: entry 6 ")
        assert "needed `conv2.weight` 4x4x3x3" in str(caught.value)


class Harm:
    """A pickle that would run a command."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, ("harm",))


def write_harm(path: Path) -> None:
    torch.save({"weight": torch.zeros(1), "more": Harm()}, path)


def write_whole_module(path: Path) -> None:
    torch.save(Foreign(), path)


def write_short(path: Path) -> None:
    save_file(foreign_state(), path)
    path.write_bytes(path.read_bytes()[:-9])


def write_short_checkpoint(path: Path) -> None:
    torch.save(foreign_state(), path)
    path.write_bytes(path.read_bytes()[:-999])


BROKEN: list[tuple[str, Callable[[Path], object], str]] = [
    ("none.pt", lambda path: None, "No such file"),
    ("none.safetensors", lambda path: None, "No such file"),
    ("folder.pt", lambda path: path.mkdir(), "directory"),
    ("harm.pt", write_harm, r"asks for `\w+.mkdir`"),
    ("whole.pt", write_whole_module, r"asks for `[\w.]+Foreign`"),
    ("pickle.pt", lambda path: path.write_bytes(pickle.dumps(Harm())), "damaged"),
    ("old.pt", lambda path: path.write_bytes(pickle.dumps(Harm(), 0)), "no file of weights"),
    ("short.safetensors", write_short, "damaged"),
    ("short.pt", write_short_checkpoint, "damaged"),
    ("empty.safetensors", lambda path: path.touch(), "damaged"),
    ("empty.pt", lambda path: path.touch(), "no file of weights"),
    ("text.safetensors", lambda path: path.write_text("conv3-8, relu, and so on"), "damaged"),
    ("text.pt", lambda path: path.write_text("conv3-8, relu, and so on"), "no file of weights"),
    ("brace.bin", lambda path: path.write_bytes(b"\xff" * 7 + b"\0{}"), "damaged"),
    ("tensor.pt", lambda path: torch.save(torch.zeros(3), path), "found Tensor"),
    ("numbers.pt", lambda path: torch.save({"epoch": 1}, path), "`epoch`: int"),
]


@pytest.mark.parametrize(("name", "write", "said"), BROKEN, ids=[name for name, _, _ in BROKEN])
def test_a_file_that_cannot_be_read_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, write: Callable[[Path], object], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / name
    write(path)
    module = scatter(make_small(), 1)
    before = {entry: value.clone() for entry, value in module.state_dict().items()}
    with pytest.raises(InputError, match=said) as caught:
        adopt_state(module, path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
    assert same_values(module, before)
    assert not Path("harm").exists()


def test_a_name_that_no_file_has() -> None:
    with pytest.raises(InputError, match="Check the path"):
        adopt_state(make_small(), "a\0b.pt")


@pytest.mark.parametrize(
    ("module", "said"),
    [
        (nn.Linear(2, 2, device="meta"), "`weight` has no memory yet"),
        (nn.LazyLinear(2), "`weight` has no memory yet"),
        ("resnet18", "found str, needed a torch.nn.Module"),
    ],
)
def test_a_module_that_cannot_adopt(module: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        adopt_state(module, {"weight": torch.zeros(2, 2), "bias": torch.zeros(2)})


def test_a_checkpoint_that_holds_itself() -> None:
    state: dict[str, Any] = {}
    state["model"] = state
    with pytest.raises(InputError, match="`model`: dict"):
        adopt_state(make_small(), state)
