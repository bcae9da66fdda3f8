from __future__ import annotations

from typing import Any

import pytest

from striate.errors import InputError
from striate.studio.asking import check_net, read_options


def test_what_is_asked_becomes_options() -> None:
    body = {"epochs": 3, "recipe": "fast", "task": "regress", "until": 0.5, "batch": 8, "seed": 4, "probe": False}
    assert read_options(body) == [
        "--epochs", "3", "--recipe", "fast", "--task", "regress", "--until", "0.5", "--batch", "8", "--seed", "4",
        "--no-probe",
    ]  # fmt: skip
    assert read_options({}) == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"epochs": 0}, "epochs"), ({"minutes": "5"}, "minutes"), ({"steps": 1.5}, "steps"),
        ({"until": 0}, "until"), ({"until": True}, "until"), ({"until": "--out"}, "until"),
        ({"recipe": "x"}, "recipe"), ({"task": "x"}, "task"), ({"batch": 0}, "batch"), ({"seed": -1}, "seed"),
        ({"epochs": 1, "steps": 1}, "length"),
    ],
)  # fmt: skip
def test_what_is_wrong_begins_with_its_fields_name(body: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as raised:
        read_options(body)
    assert str(raised.value).partition(":")[0] == field


def test_a_network_is_a_name_or_a_text() -> None:
    assert check_net("auto") == "auto"
    assert check_net("lenet5") == "lenet5"
    assert check_net("conv3-8, gap, fc-classes") == "net"
    with pytest.raises(InputError):
        check_net("/etc/passwd")
