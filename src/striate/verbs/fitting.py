"""Which ways to explain fit a run's network: each is tried on one input, as far as its first passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Never

from striate.errors import InputError
from striate.verbs.explaining import check_explained
from striate.verbs.looking import look_at_run
from striate.verbs.runs import Run
from striate.verbs.wording import refuse_symbols


class _Enough(Exception):  # noqa: N818 - nothing went wrong
    """A method that goes on to its second pass does fit."""


def find_unfit(run: Run, inputs: Any, check: Callable[[], None] | None = None) -> dict[str, str]:
    """Which methods can't explain a run's answer about an input, and why not; those that can aren't named.

    `inputs` is as `explain` takes it; `check` is called before each method, and may raise.
    Cost:    a few passes for each method, and the gradients of some.
    Raises:  InputError for a run that can't be explained at all.
    """
    from striate.explain import explain_module
    from striate.explain.methods.catalogue import METHODS, SMOOTH

    check_explained(run)
    look, unfit = look_at_run(run, inputs, None, 0), dict[str, str]()
    assert look.inputs is not None
    for name in METHODS:
        if check is not None:
            check()
        try:
            if name in SMOOTH:
                refuse_symbols(run, name, "occlusion, rise or gradcam")
            explain_module(look.module, look.inputs[:1], name, on_progress=_stop)
        except InputError as problem:
            unfit[name] = str(problem)
        except _Enough:
            pass
    return unfit


def _stop(done: int, total: int) -> Never:
    raise _Enough
