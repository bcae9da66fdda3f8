"""The commands about a network: every option arrives where the work is done, whole and under its own name."""

from __future__ import annotations

import pytest
from tests.cli.handing import check_command

from striate.cli import designing


@pytest.mark.parametrize("command", ["nets", "show", "measure", "export"])
def test_no_option_is_lost_or_swapped(command: str) -> None:
    check_command(designing, command)
