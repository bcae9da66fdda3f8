from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

import striate
from striate.errors import InputError, NotationError

TEXT = "conv3-8/2, bn, relu, gap, flatten, fc-classes"


def same_weights(first: torch.nn.Module, second: torch.nn.Module) -> bool:
    pairs = zip(first.state_dict().items(), second.state_dict().items(), strict=True)
    return all(name == other and torch.equal(value, twin) for (name, value), (other, twin) in pairs)


def test_a_zoo_name_a_path_and_the_text_itself_are_one_network(tmp_path: Path) -> None:
    zoo = striate.read("lenet5")
    file = tmp_path / "mine.net"
    file.write_text(zoo.text)
    assert str(striate.read(str(file))) == str(striate.read(file)) == str(striate.read(zoo.text)) == str(zoo)


def test_a_tree_written_out_is_read_back() -> None:
    net = striate.read("resnet18")
    assert str(striate.read(str(net))) == str(net)


@pytest.mark.parametrize("wrong", ["lenet55", "nosuch.net", "", "conv3-", "conv3-8 relu", "pool3", "conv3-8, ["])
def test_what_is_no_network_is_refused_with_a_message(wrong: str) -> None:
    with pytest.raises(InputError) as caught:
        striate.read(wrong)
    assert len(str(caught.value)) > 20


def test_a_name_nearly_right_is_met_with_the_right_one() -> None:
    with pytest.raises(InputError, match="Did you mean `lenet5`"):
        striate.read("lenet55")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.net"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"mine\.net.*UTF-8"):
        striate.read(file)


def test_notation_errors_show_the_place(tmp_path: Path) -> None:
    file = tmp_path / "mine.net"
    file.write_text("conv3-8\nrelu, covn3-8\n")
    with pytest.raises(NotationError) as caught:
        striate.read(file)
    first, shown, caret = str(caught.value).splitlines()
    assert first.startswith(f"{file}:2:7: ")
    assert shown[caret.index("^") :].startswith("covn3-8")


def test_a_tree_and_its_name_build_the_same_module() -> None:
    assert same_weights(striate.build(striate.read("lenet5"), classes=10), striate.build("lenet5", classes=10))


def test_the_input_comes_from_the_text_unless_it_is_given() -> None:
    text = f"input 3x16x16\n{TEXT}"
    assert striate.build(text, classes=4)(torch.zeros(2, 3, 16, 16)).shape == (2, 4)
    assert striate.build(text, input=(5, 9), classes=4)(torch.zeros(2, 5, 9)).shape == (2, 4)


@pytest.mark.parametrize("extents", [(9,), (9, 8), (9, 8, 7)])
def test_one_text_serves_any_dimension(extents: tuple[int, ...]) -> None:
    module = striate.build(TEXT, input=(2, *extents), classes=3)
    assert module(torch.zeros(4, 2, *extents)).shape == (4, 3)


def test_a_list_will_do_for_the_input() -> None:
    given: tuple[int, ...] = [1, 28, 28]  # type: ignore[assignment]
    assert same_weights(striate.build("lenet5", given, 10), striate.build("lenet5", (1, 28, 28), 10))


def test_missing_classes_are_asked_for_and_needless_ones_ignored() -> None:
    with pytest.raises(NotationError, match="classes"):
        striate.build("lenet5")
    fixed = "flatten, fc-7"
    assert same_weights(striate.build(fixed, (1, 4)), striate.build(fixed, (1, 4), classes=3))


def test_a_missing_input_is_asked_for() -> None:
    with pytest.raises(InputError, match="input"):
        striate.build(TEXT, classes=3)


def test_a_shape_that_a_layer_cannot_take_is_named_with_its_place() -> None:
    with pytest.raises(NotationError) as caught:
        striate.build("conv5-6 pad=valid, gap, flatten, fc-classes", input=(1, 3, 3), classes=2)
    assert "text:1:1:" in str(caught.value)


def test_the_seed_decides_the_weights_and_nothing_else_does() -> None:
    torch.manual_seed(1)
    first = striate.build("lenet5", classes=10, seed=3)
    torch.manual_seed(2)
    state = torch.get_rng_state()
    assert same_weights(first, striate.build("lenet5", classes=10, seed=3))
    assert torch.equal(torch.get_rng_state(), state)
    assert not same_weights(first, striate.build("lenet5", classes=10, seed=4))


def test_adopt_gives_the_module_back_with_the_weights_of_another(tmp_path: Path) -> None:
    other = torch.nn.Sequential(
        torch.nn.Conv2d(2, 8, 3, 2, 1, bias=False), torch.nn.BatchNorm2d(8), torch.nn.Linear(8, 3)
    )
    file = tmp_path / "other.pt"
    torch.save({"epoch": 1, "state_dict": other.state_dict()}, file)
    for state in (other.state_dict(), file, str(file)):
        module = striate.build(TEXT, input=(2, 9, 9), classes=3)
        assert striate.adopt(module, state) is module
        for mine, its in zip(module.state_dict().values(), other.state_dict().values(), strict=True):
            assert torch.equal(mine, its)


def test_adopt_refuses_what_does_not_fit_and_changes_nothing() -> None:
    module, twin = (striate.build(TEXT, input=(2, 9, 9), classes=3) for _ in range(2))
    more = striate.build(TEXT, input=(2, 9, 9), classes=4, seed=1).state_dict()
    with pytest.raises(InputError, match=r"`fc1\.weight` 4x8, needed `fc1\.weight` 3x8"):
        striate.adopt(module, more)
    assert same_weights(module, twin)


def test_a_run_s_weights_are_adopted_by_a_network_of_the_same_text(tmp_path: Path) -> None:
    trained, fresh = (striate.build("lenet5", classes=10, seed=seed) for seed in (1, 2))
    save_file(trained.state_dict(), tmp_path / "weights.safetensors")
    assert same_weights(striate.adopt(fresh, tmp_path / "weights.safetensors"), trained)
