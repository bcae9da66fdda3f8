from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from striate.errors import RunError
from striate.train.checkpoint import Checkpoint, compute_checksum, load_latest, save


def make_checkpoint(step: int) -> Checkpoint:
    generator = torch.Generator().manual_seed(step)
    weight = torch.randn(4, 3, 3, 3, generator=generator)
    tensors = {
        "weights.a": weight,
        "weights.tied": weight,
        "momentum.a": torch.randn(4, 3, 3, 3, generator=generator).to(memory_format=torch.channels_last),
        "weights.count": torch.tensor(step),
        "weights.half": torch.randn(5, generator=generator).bfloat16(),
        "weights.none": torch.zeros(0, 3),
    }
    meter = {"loss": 1 / 3, "correct": 5, "seen": 7}
    return Checkpoint(tensors, step, step // 10, step / 7, step // 10, meter=meter, origin={"recipe": {"lr": 0.1}})


def assert_same(one: Checkpoint | None, other: Checkpoint) -> None:
    assert one is not None
    assert replace(one, tensors={}).__dict__ == replace(other, tensors={}).__dict__
    assert one.tensors.keys() == other.tensors.keys()
    assert all(torch.equal(one.tensors[name], value) for name, value in other.tensors.items())


def test_a_checkpoint_comes_back_bit_for_bit(tmp_path: Path) -> None:
    save(tmp_path, make_checkpoint(12))
    found, warnings = load_latest(tmp_path)
    assert_same(found, make_checkpoint(12))
    assert warnings == ()


def test_none_is_found_in_an_empty_folder(tmp_path: Path) -> None:
    assert load_latest(tmp_path) == (None, ())


def test_the_last_two_are_kept(tmp_path: Path) -> None:
    for step in (5, 12, 100, 3000):
        save(tmp_path, make_checkpoint(step))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "step-000000100.safetensors",
        "step-000003000.safetensors",
    ]


def test_later_steps_of_a_course_given_up_go(tmp_path: Path) -> None:
    for step in (10, 20, 15):
        save(tmp_path, make_checkpoint(step))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "step-000000010.safetensors",
        "step-000000015.safetensors",
    ]


def flip_a_bit_of_the_tensors(data: bytes) -> bytes:
    return data[:-5] + bytes([data[-5] ^ 1]) + data[-4:]


def flip_a_fact(data: bytes) -> bytes:
    assert data.count(rb"\"history\": 2") == 1
    return data.replace(rb"\"history\": 2", rb"\"history\": 3")


def cut_off(data: bytes) -> bytes:
    return data[: len(data) // 2]


def empty(data: bytes) -> bytes:
    return b""


def make_zeros(data: bytes) -> bytes:
    return bytes(len(data))


@pytest.mark.parametrize("damage", [flip_a_bit_of_the_tensors, flip_a_fact, cut_off, empty, make_zeros])
def test_a_damaged_checkpoint_is_passed_over(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    save(tmp_path, make_checkpoint(10))
    path = save(tmp_path, make_checkpoint(20))
    path.write_bytes(damage(path.read_bytes()))
    found, warnings = load_latest(tmp_path)
    assert_same(found, make_checkpoint(10))
    assert len(warnings) == 1
    assert str(path) in warnings[0]
    assert "\n" not in warnings[0]


def test_another_safetensors_file_is_not_a_checkpoint(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file({"a": torch.zeros(2)}, tmp_path / "step-000000001.safetensors")
    found, warnings = load_latest(tmp_path)
    assert found is None
    assert len(warnings) == 1


def test_where_the_disk_refuses_the_old_ones_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for step in (10, 20):
        save(tmp_path, make_checkpoint(step))

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", refuse)
        with pytest.raises(RunError, match="No space left on device"):
            save(tmp_path, make_checkpoint(30))
    assert len(list(tmp_path.iterdir())) == 2
    assert_same(load_latest(tmp_path)[0], make_checkpoint(20))


def test_the_checksum_sees_names_shapes_types_and_facts() -> None:
    value = torch.arange(6, dtype=torch.int32)
    sums = {
        compute_checksum({"a": value}, "{}"),
        compute_checksum({"b": value}, "{}"),
        compute_checksum({"a": value.view(2, 3)}, "{}"),
        compute_checksum({"a": value.view(torch.float32)}, "{}"),
        compute_checksum({"a": value}, "{ }"),
        compute_checksum({"a": value, "b": value[:0]}, "{}"),
    }
    assert len(sums) == 6


def test_no_single_byte_may_change_unseen(tmp_path: Path) -> None:
    """Each region is flipped: the length, the header's JSON with facts and checksum, the padding, every tensor."""
    tensors = {"weights.a": torch.arange(4.0), "weights.b": torch.tensor([1, 2])}
    path = save(tmp_path, Checkpoint(tensors, 7, 1, 0.5, 1, recovery={"parts": 2}, good=5))
    whole = path.read_bytes()
    for place in range(len(whole)):
        for bit in (0, 5):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])
            found, warnings = load_latest(tmp_path)
            assert found is None, (place, bit)
            assert len(warnings) == 1
            assert str(path) in warnings[0]
            assert "\n" not in warnings[0]


def test_no_length_is_enough_but_the_whole(tmp_path: Path) -> None:
    path = save(tmp_path, make_checkpoint(12))
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        assert load_latest(tmp_path)[0] is None
    path.unlink()
    path.mkdir()
    found, warnings = load_latest(tmp_path)
    assert found is None
    assert path.name in warnings[0]


def test_where_all_are_damaged_it_says_that_the_run_starts_again(tmp_path: Path) -> None:
    for step in (10, 20):
        save(tmp_path, make_checkpoint(step)).write_bytes(b"torn")
    found, warnings = load_latest(tmp_path)
    assert found is None
    assert warnings[0].endswith("the checkpoint before it is taken.")
    assert warnings[1].endswith("the run starts again from its beginning.")


def test_states_to_go_back_to_stay(tmp_path: Path) -> None:
    for step in (10, 20, 30, 40):
        save(tmp_path, make_checkpoint(step), kept={10, 5})
    assert sorted(int(path.stem.split("-")[1]) for path in tmp_path.iterdir()) == [10, 30, 40]


def test_an_old_one_that_cannot_be_removed_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for step in (10, 20):
        save(tmp_path, make_checkpoint(step))

    def refuse(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        save(tmp_path, make_checkpoint(30))
    assert_same(load_latest(tmp_path)[0], make_checkpoint(30))
    assert len(list(tmp_path.iterdir())) == 3
