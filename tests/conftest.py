"""What every test shares: hypothesis without deadlines (the machine may be busy), one thread, a cache of its own.

The same tree gives the same verdict: examples are drawn by each test's own text. `STRIATE_EXPLORE=1` draws others.
"""

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("OMP_NUM_THREADS", "1")
explores = bool(os.environ.get("STRIATE_EXPLORE"))
settings.register_profile("striate", deadline=None, print_blob=True, derandomize=not explores)
settings.load_profile("striate")

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # so a shell starts what goes to the background; tests send it
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:  # and so does nohup
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Decoded data go to a folder of the tests' own, never to the user's cache."""
    monkeypatch.setenv("STRIATE_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data sets; tests that need it skip where there is none."""
    path = os.environ.get("STRIATE_DATA")
    if not path or not Path(path).is_dir():
        pytest.skip("STRIATE_DATA is not set: no real data sets here")
    return Path(path)
