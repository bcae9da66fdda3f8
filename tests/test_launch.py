from __future__ import annotations

import pytest

from striate.errors import InputError
from striate.launch import Launch, is_launched, read_launch


@pytest.mark.parametrize(
    "said",
    [{"RANK": "2", "WORLD_SIZE": "2"}, {"RANK": "-1", "WORLD_SIZE": "2"}, {"RANK": "0", "WORLD_SIZE": "0"}],
)
def test_a_launch_that_contradicts_itself_is_refused(said: dict[str, str]) -> None:
    with pytest.raises(InputError, match=r"^environment: .*Start it by torchrun$"):
        read_launch(said)


def test_a_rank_without_a_number_of_all_is_alone() -> None:
    assert read_launch({"RANK": "3"}) == read_launch({"WORLD_SIZE": "3"}) == Launch()


@pytest.mark.parametrize(
    ("said", "told"), [({}, False), ({"RANK": "0"}, False), ({"RANK": "0", "WORLD_SIZE": "2"}, True)]
)
def test_one_of_several_is_told_by_the_environment(
    said: dict[str, str], told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    assert is_launched() == told == (read_launch().count > 1)
