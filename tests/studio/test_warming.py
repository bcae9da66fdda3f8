from __future__ import annotations

import subprocess
import sys
from threading import Event

from striate.studio.warming import Engine


def test_it_loads_once_and_tells() -> None:
    loads, told, go = list[int](), Event(), Event()

    def load() -> None:
        go.wait(10)
        loads.append(1)

    engine = Engine(load)
    states = [engine.is_ready]
    engine.start(told.set)
    engine.start(told.set)
    states.append(engine.is_ready)
    go.set()
    assert told.wait(10)
    assert [*states, engine.is_ready] == [False, False, True]
    assert loads == [1]


def test_what_cannot_be_loaded_is_said() -> None:
    def load() -> None:
        raise ImportError("no torch here")

    engine, told = Engine(load), Event()
    engine.start(told.set)
    assert told.wait(10)
    assert not engine.is_ready
    assert engine.problem == "ImportError: no torch here"


def test_the_page_is_there_before_torch() -> None:
    code = (
        "import sys; from pathlib import Path; from striate.studio.application import make_studio;"
        "from striate.studio.session import Session; import striate.studio.server;"
        "make_studio(Session(Path()), 8000); print([name for name in ('torch', 'numpy') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
