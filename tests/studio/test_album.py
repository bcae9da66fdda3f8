from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors import safe_open

from striate.errors import InputError
from striate.studio.album import Album, choose_gone, read_facts


@pytest.fixture
def album(tmp_path: Path) -> Album:
    run = tmp_path / "run"
    run.mkdir()
    (run / "settings.json").write_text("{}")
    return Album(tmp_path / "job", run)


def keep(album: Album, step: int, size: int = 8) -> None:
    album.keep(step, {"epoch": step // 10, "maps": {}}, {"kernels.0": np.full(size, step, np.float32)})


def test_a_moment_comes_back_as_it_was(album: Album) -> None:
    arrays: dict[str, NDArray[Any]] = {
        "kernels.0": np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32),
        "n": np.arange(4),
    }
    album.keep(7, {"epoch": 1, "told": ["a"]}, arrays)
    facts, found = album.read(7)
    assert (facts["step"], facts["epoch"], facts["told"]) == (7, 1, ["a"])
    assert all(np.array_equal(found[name], value) for name, value in arrays.items())
    with safe_open(album.folder / "step-000000007.safetensors", framework="np") as file:  # an ordinary file
        assert np.array_equal(file.get_tensor("n"), arrays["n"])
    with pytest.raises(InputError, match="kept no more"):
        album.read(8)


def test_too_many_bytes_are_thinned_and_the_ends_stay(album: Album) -> None:
    album.most_bytes = 4000
    for step in range(0, 200, 10):
        keep(album, step, size=100)
        steps = [facts["step"] for facts in album.list_facts()]
        assert steps[0] == 0
        assert steps[-1] == step
        assert len(steps) <= 2 or sum(path.stat().st_size for path in album.folder.iterdir()) <= 4000
    gaps = np.diff([facts["step"] for facts in album.list_facts()])
    assert len(gaps) >= 4
    assert gaps[:-1].min() > 10  # spread over the whole


@pytest.mark.parametrize("steps", [[0, 10, 11, 12, 40], [0, 1, 2], [5, 6, 90, 95, 100]])
def test_the_one_between_near_neighbours_goes(steps: list[int]) -> None:
    widths = {}
    for at in range(1, len(steps) - 1):
        rest = steps[:at] + steps[at + 1 :]
        widths[at] = rest[at] - rest[at - 1]  # the gap that it would leave
    assert widths[choose_gone(steps)] == min(widths.values())


def test_another_run_of_the_same_name_has_none_of_it(album: Album) -> None:
    keep(album, 1)
    album.keep_examples({"names": ["a"]}, {"inputs": np.zeros(3)})
    assert album.read_examples() is not None
    (album.run / "settings.json").write_text('{"seed": 1}')
    assert album.list_facts() == []
    assert album.read_examples() is None
    keep(album, 2)
    (album.folder / "step-000000003.safetensors.99").write_bytes(b"a draft")
    album.clear_others()
    assert [path.name for path in album.folder.iterdir()] == ["step-000000002.safetensors"]


def test_what_was_given_up_goes(album: Album) -> None:
    for step in (10, 20, 30):
        keep(album, step)
    album.drop_after(20)
    assert [facts["step"] for facts in album.list_facts()] == [10, 20]


@pytest.mark.parametrize("content", [b"", b"\xff" * 20, b"\x02\0\0\0\0\0\0\0{}", b"\x02\0\0\0\0\0\0\0[]"])
def test_a_damaged_file_is_passed_over(album: Album, content: bytes) -> None:
    keep(album, 1)
    path = album.folder / "step-000000002.safetensors"
    path.write_bytes(content)
    assert read_facts(path) is None
    assert [facts["step"] for facts in album.list_facts()] == [1]
    with pytest.raises(InputError):
        album.read(2)
