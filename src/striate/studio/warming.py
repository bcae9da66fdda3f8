"""The engine, loaded behind the page's back: torch takes seconds, and the page should be there before."""

from __future__ import annotations

import gc
from collections.abc import Callable
from threading import Event, Lock, Thread

THRESHOLDS = (20_000, 10, 1_000)
"""When Python looks for garbage by itself: hardly ever through all, a tenth of a second in the midst of a keystroke.
`Answering` has it done once nobody asks for anything."""


class Engine:
    """Whether torch and the verbs are loaded; `start` loads them once, in a thread of its own."""

    def __init__(self, load: Callable[[], None] | None = None) -> None:
        """Take what loads it."""
        self._load = load or load_verbs
        self._begun, self._done, self._lock = False, Event(), Lock()
        self.problem: str | None = None

    @property
    def is_ready(self) -> bool:
        """Whether a verb answers without loading first."""
        return self._done.is_set() and self.problem is None

    def start(self, on_ready: Callable[[], None]) -> None:
        """Begin to load, unless that has begun; `on_ready` hears when it is done or failed."""
        with self._lock:
            if self._begun:
                return
            self._begun = True
        Thread(target=self._run, args=(on_ready,), name="striate-engine", daemon=True).start()

    def _run(self, on_ready: Callable[[], None]) -> None:
        try:
            self._load()
        except Exception as problem:  # a broken installation: each verb will say so too
            self.problem = f"{type(problem).__name__}: {problem}"
        self._done.set()
        on_ready()


def load_verbs() -> None:
    """Load torch and what the verbs stand on."""
    import torch  # noqa: F401

    import striate.measure
    import striate.verbs  # noqa: F401

    gc.collect()
    gc.freeze()  # what is loaded now stays: later collections needn't walk through it
    gc.set_threshold(*THRESHOLDS)
