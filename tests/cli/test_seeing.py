"""The commands that show what a network sees: every option arrives where the work is done, under its own name."""

from __future__ import annotations

import pytest
from tests.cli.handing import check_command

from striate.cli import seeing


@pytest.mark.parametrize("command", ["explain", "explore", "filter", "locate", "spell", "studio"])
def test_no_option_is_lost_or_swapped(command: str) -> None:
    check_command(seeing, command)
