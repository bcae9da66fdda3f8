from __future__ import annotations

from typing import Any

from striate.studio.comparing import compare_settings, gather_figures


def test_what_is_the_same_is_left_out() -> None:
    one = {"seed": 1, "recipe": {"lr": 0.1, "mean": [0.5]}, "reasons": ["a"]}
    two = {"seed": 1, "recipe": {"lr": 0.2, "mean": [0.5], "mixup": 0.1}, "reasons": ["b"]}
    assert compare_settings([one, two]) == [("recipe.lr", [0.1, 0.2]), ("recipe.mixup", [None, 0.1])]
    assert compare_settings([one, one]) == []
    assert ("seed", [1, None]) in compare_settings([one, None])


def test_figures_are_the_last_epoch_s_and_the_result_s() -> None:
    histories: list[list[dict[str, Any]]] = [
        [{"epoch": 1, "train_loss": 2.0}, {"epoch": 2, "train_loss": 1.0, "notes": ["x"]}],
        [],
    ]
    found = dict(gather_figures(histories, [{"accuracy": 0.5, "part": "test"}, None]))
    assert found == {"epoch": [2, None], "train_loss": [1.0, None], "held out: accuracy": [0.5, None]}
