"""Striate: the workbench for convolutional networks.

>>> import striate
>>> net = striate.read("conv3-16, relu, gap, flatten, fc-classes")
>>> module = striate.build(net, input=(1, 28, 28), classes=10)

Everything heavy (torch among it) loads when it is first used; importing changes nothing in the process.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from striate.errors import DataError, InputError, NotationError, RunError, ShapeError, Stopped
from striate.version import __version__

if TYPE_CHECKING:
    from striate.verbs import (
        Continuation,
        Evaluation,
        Exported,
        Mask,
        Net,
        Restored,
        Run,
        Timeline,
        adopt,
        build,
        evaluate,
        explain,
        explore,
        export,
        filter,  # noqa: A004 - the command's name
        fully_connected,
        fully_convolutional,
        generate,
        invert,
        load,
        locate,
        matrix,
        measure,
        predict,
        read,
        report,
        restore,
        resume,
        segment,
        spell,
        timeline,
        train,
    )

__all__ = [
    "Continuation",
    "DataError",
    "Evaluation",
    "Exported",
    "InputError",
    "Mask",
    "Net",
    "NotationError",
    "Restored",
    "Run",
    "RunError",
    "ShapeError",
    "Stopped",
    "Timeline",
    "__version__",
    "adopt",
    "build",
    "evaluate",
    "explain",
    "explore",
    "export",
    "filter",
    "fully_connected",
    "fully_convolutional",
    "generate",
    "invert",
    "load",
    "locate",
    "matrix",
    "measure",
    "predict",
    "read",
    "report",
    "restore",
    "resume",
    "segment",
    "spell",
    "timeline",
    "train",
]


_VERBS = frozenset(__all__) - set(globals())


class _Package(ModuleType):
    """Some floors are named as their verb is: `striate.train` is the verb, `from striate.train import fit` the floor.

    Python binds a package's parts to their names when they are imported; here the verb keeps its name.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _VERBS and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    """Load the verbs when one of them is first asked for."""
    if name not in _VERBS:
        raise AttributeError(f"module 'striate' has no attribute {name!r}")
    from striate import verbs

    return getattr(verbs, name)


def __dir__() -> list[str]:
    """Name what can be asked for."""
    return sorted(__all__)
