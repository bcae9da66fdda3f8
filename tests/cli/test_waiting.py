"""The spin is limited by the command alone, before torch loads, and never against the user's word."""

import os
import subprocess
import sys

import pytest

from striate.cli.waiting import SPINS, limit_spinning

CLEAN = {key: value for key, value in os.environ.items() if key not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}


def _ask(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], env={**CLEAN, **environment}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_the_command_limits_the_spin() -> None:
    code = (
        "import os, sys, atexit; from striate.cli import main;"
        "atexit.register(lambda: print(os.environ['GOMP_SPINCOUNT'])); main(['--version'])"
    )
    assert _ask(code).splitlines()[-1] == SPINS


def test_the_import_changes_nothing() -> None:
    assert _ask("import os, striate, striate.cli; print(os.environ.get('GOMP_SPINCOUNT'))") == "None"


@pytest.mark.parametrize("said", [{"GOMP_SPINCOUNT": "7"}, {"OMP_WAIT_POLICY": "active"}])
def test_what_the_user_said_stays(said: dict[str, str]) -> None:
    code = (
        "import os; from striate.cli.waiting import limit_spinning;"
        "print(limit_spinning(), os.environ.get('GOMP_SPINCOUNT'))"
    )
    assert _ask(code, **said) == f"False {said.get('GOMP_SPINCOUNT')}"


def test_it_is_too_late_once_torch_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(sys.modules, "torch", sys)
    assert not limit_spinning()
    assert "GOMP_SPINCOUNT" not in os.environ
